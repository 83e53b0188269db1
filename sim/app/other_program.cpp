// SPDX-License-Identifier: MIT
#include "sim/app/other_program.h"

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

/// Ctrl-C is for the child: this process lives on to say so, and to tidy up.
class WithoutInterrupts {
 public:
  WithoutInterrupts() : before_{signal(SIGINT, SIG_IGN)} {}
  ~WithoutInterrupts() { signal(SIGINT, before_); }
  WithoutInterrupts(const WithoutInterrupts&) = delete;
  WithoutInterrupts& operator=(const WithoutInterrupts&) = delete;

 private:
  void (*before_)(int);
};

/// Its pid, or an errno below zero. stdout is dropped, stderr goes into the file.
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
  sigset_t interrupt;
  sigemptyset(&interrupt);
  sigaddset(&interrupt, SIGINT);
  posix_spawnattr_setsigdefault(&attributes, &interrupt);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  pid_t child = 0;
  const int failed = posix_spawnp(&child, argv.front(), &files, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  return failed == 0 ? child : -failed;
}

[[nodiscard]] int wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  return status;
}

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
  const TemporaryFolder folder;
  const fs::path errors = folder.path() / "stderr";
  const fs::path out = folder.path() / "out";
  std::vector<std::string> words{program, "compare"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  words.insert(words.end(), {"--out", out.string(), "--quiet"});

  const WithoutInterrupts without;
  OtherResult result;
  const pid_t child = spawn(words, errors.string());
  if (child < 0) {
    result.error = std::generic_category().message(static_cast<int>(-child));
    result.lacks_resources = exit_code_of_error(static_cast<int>(-child)) == kNoResources;
    return result;
  }
  const int status = wait_for(child);
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
