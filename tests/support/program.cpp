// SPDX-License-Identifier: MIT
#include "tests/support/program.h"

#include <signal.h>  // NOLINT(modernize-deprecated-headers): POSIX, not C
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

#include "tests/support/catch.h"

namespace gpusim::test {

namespace fs = std::filesystem;

Folder::Folder() {
  std::array<char, 32> name{"/tmp/gpusim_test_XXXXXX"};
  path_ = mkdtemp(name.data());
}

Folder::~Folder() { fs::remove_all(path_); }

std::string slurp(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void spit(const fs::path& path, const std::string& text) { std::ofstream{path, std::ios::binary} << text; }

std::size_t widest_line(const std::string& text) {
  std::size_t widest = 0;
  std::size_t columns = 0;
  for (const char c : text) {
    if (c == '\n') {
      columns = 0;
    } else if ((static_cast<unsigned char>(c) & 0xc0U) != 0x80U) {
      widest = std::max(widest, ++columns);
    }
  }
  return widest;
}

namespace {

/// Whether `process` is gpusim by now, and no longer the shell, and has a handler for `signal`: before, a signal would
/// just kill it.
[[nodiscard]] bool handles(pid_t process, int signal) {
  std::ifstream status{"/proc/" + std::to_string(process) + "/status"};
  const std::string caught = "SigCgt:";
  bool is_gpusim = false;
  for (std::string line; std::getline(status, line);) {
    if (line == "Name:\tgpusim") is_gpusim = true;
    if (!line.starts_with(caught)) continue;
    return is_gpusim && ((std::stoull(line.substr(caught.size()), nullptr, 16) >> (signal - 1)) & 1U) != 0;
  }
  return false;
}

[[nodiscard]] bool has_workers(pid_t process) {
  const std::string number = std::to_string(process);
  std::ifstream children{"/proc/" + number + "/task/" + number + "/children"};
  return children.peek() != std::ifstream::traits_type::eof();
}

[[nodiscard]] Ended start(const std::string& before, const std::string& arguments,
                          const std::function<bool(pid_t)>& is_time, int signal) {
  const Folder folder;
  const fs::path out = folder / "out";
  const fs::path err = folder / "err";
  const std::string command =
      before + " exec " GPUSIM_PROGRAM " " + arguments + " > '" + out.string() + "' 2> '" + err.string() + "'";
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    _exit(99);
  }
  if (is_time) {
    const auto is_due = [&] { return handles(child, signal) && is_time(child); };
    for (int i = 0; i < 2'000 && !is_due(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds{10});
    kill(child, signal);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, slurp(out), slurp(err)};
}

}  // namespace

std::string without_places(const std::string& text) {
  std::string result;
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(' ')) result += line + '\n';
  }
  return result;
}

Ended run_program(const std::string& arguments) { return start("", arguments, {}, SIGINT); }

Ended run_program_in(const std::string& folder, const std::string& arguments, const std::string& before) {
  return start("cd '" + folder + "' && " + before, arguments, {}, SIGINT);
}

Ended interrupt_program(const std::string& arguments, const std::function<bool()>& is_time, int signal) {
  return start("", arguments, [&](pid_t) { return is_time(); }, signal);
}

Ended interrupt_workers(const std::string& arguments) { return start("", arguments, has_workers, SIGINT); }

}  // namespace gpusim::test
