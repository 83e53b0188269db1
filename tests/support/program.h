// SPDX-License-Identifier: MIT
// The program gpusim as a user starts it, in a process of its own.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>

namespace gpusim::test {

/// A new folder that is gone at the end.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  [[nodiscard]] std::string text() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

/// Empty if there is no such file.
[[nodiscard]] std::string slurp(const std::filesystem::path& path);
void spit(const std::filesystem::path& path, const std::string& text);

/// What is said on stderr, without the source lines and carets that show where.
[[nodiscard]] std::string without_places(const std::string& text);

/// In columns: a character of UTF-8 has one.
[[nodiscard]] std::size_t widest_line(const std::string& text);

struct Ended {
  int code = -1;  ///< -1: a signal ended it
  std::string out;
  std::string err;
};

/// `arguments` as in a shell.
[[nodiscard]] Ended run_program(const std::string& arguments);
/// The same, started in `folder`; `before`: what the shell does first, such as "ulimit -v 100000;".
[[nodiscard]] Ended run_program_in(const std::string& folder, const std::string& arguments,
                                   const std::string& before = "");

/// What a run printed, without the command as it was typed, at the end.
[[nodiscard]] inline std::string without_command(const std::string& page) {
  return page.substr(0, page.rfind(": gpusim run "));
}

/// The same, interrupted by `signal` (Ctrl-C sends SIGINT) as soon as `is_time`, or after 20 s. `is_time` is asked now
/// and then once the program handles the signal.
[[nodiscard]] Ended interrupt_program(const std::string& arguments, const std::function<bool()>& is_time,
                                      int signal = 2);
/// The same by Ctrl-C, as soon as it has processes that work for it.
[[nodiscard]] Ended interrupt_workers(const std::string& arguments);

}  // namespace gpusim::test
