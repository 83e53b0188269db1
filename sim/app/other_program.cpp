// SPDX-License-Identifier: MIT
#include "sim/app/other_program.h"

#include <utility>  // first: Boost 1.74's Asio forgets it

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <system_error>

#include <fmt/core.h>

#include "base/read_file.h"
#include "sim/app/exit_code.h"
#include "sim/app/failure.h"
#include "sim/experiment/stop_signal.h"

namespace gpusim::app {

namespace {

namespace fs = std::filesystem;

/// A new folder that is gone at the end.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "gpusim_XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::system_error{errno, std::generic_category(), name};
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code code;
    fs::remove_all(path_, code);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// Its pid, or an errno below zero. stdout is dropped, stderr goes into the file. It leads a group of processes: a
/// script may start the program that does the work.
[[nodiscard]] pid_t spawn(std::vector<std::string> words, const std::string& stderr_file) {
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, stderr_file.c_str(), O_WRONLY | O_CREAT, 0600);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  pid_t child = 0;
  const int failed = posix_spawnp(&child, argv.front(), &files, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  return failed == 0 ? child : -failed;
}

/// A child. For the life of this object, who asks this process to stop asks the child and what it has started, which
/// may take its time; this process lives on to tidy up.
class Child {
 public:
  /// Zero, or an errno.
  [[nodiscard]] int start(const std::vector<std::string>& words, const std::string& stderr_file) {
    pid_ = spawn(words, stderr_file);
    return pid_ < 0 ? static_cast<int>(-pid_) : 0;
  }
  [[nodiscard]] bool is_asked_to_stop() const { return stop_.is_raised(); }

  /// Once it is started: its status as waitpid() has it.
  [[nodiscard]] int wait() {
    int status = 0;
    while (waitpid(pid_, &status, WNOHANG) == 0) {
      changes_.async_wait([](const boost::system::error_code&, int) {});
      io_.run_one();
    }
    return status;
  }

 private:
  boost::asio::io_context io_{1};
  boost::asio::signal_set changes_{io_, SIGCHLD};
  experiment::StopSignal stop_{io_, [this] { kill(-pid_, SIGTERM); }};
  pid_t pid_ = 0;
};

/// ": ", and the first lines of what it said, without those that only show a place; empty if it said nothing.
[[nodiscard]] std::string said(const fs::path& file) {
  constexpr std::size_t kMostLines = 10;
  constexpr std::size_t kMostCharacters = 4'000;
  const std::string text = read_file(file).value_or("").substr(0, kMostCharacters);
  std::string result;
  std::size_t begin = 0;
  for (std::size_t line = 0; line < kMostLines && begin < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (text[begin] != ' ') result += (result.empty() ? ": " : "; ") + text.substr(begin, end - begin);
    begin = end + 1;
  }
  return result;
}

[[nodiscard]] std::string how_it_ended(int status) {
  if (WIFSIGNALED(status)) return fmt::format("it was ended by signal {}", WTERMSIG(status));
  return fmt::format("it ended with exit code {}", WEXITSTATUS(status));
}

}  // namespace

OtherResult compare_with(const std::string& program, const std::vector<std::string>& arguments) {
  Child child;  // before the folder: no signal leaves that behind
  const TemporaryFolder folder;
  const fs::path errors = folder.path() / "stderr";
  const fs::path out = folder.path() / "out";
  std::vector<std::string> words{program, "compare"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  words.insert(words.end(), {"--out", out.string(), "--quiet"});

  OtherResult result;
  if (const int failed = child.start(words, errors.string()); failed != 0) {
    result.error = std::generic_category().message(failed);
    result.lacks_resources = exit_code_of_error(failed) == kNoResources;
    return result;
  }
  const int status = child.wait();
  if (child.is_asked_to_stop()) {
    result.interrupted = true;
    result.error = "interrupted";
    return result;
  }
  result.interrupted = WIFSIGNALED(status) ? WTERMSIG(status) == SIGINT : WEXITSTATUS(status) == kInterrupted;
  result.lacks_resources = WIFEXITED(status) && WEXITSTATUS(status) == kNoResources;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != kGood) {
    result.error = how_it_ended(status) + said(errors);
    return result;
  }
  std::optional<std::string> json = read_file(out / "compare.json");
  if (json) {
    result.json = *std::move(json);
  } else {
    result.error = "it wrote no compare.json: is this gpusim?";
  }
  return result;
}

}  // namespace gpusim::app
