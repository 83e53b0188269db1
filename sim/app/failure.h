// SPDX-License-Identifier: MIT
// What escaped a command, as an exit code and in words.
#pragma once

#include <exception>
#include <string>

namespace gpusim::app {

inline constexpr const char* kOutOfMemory = "out of memory";

struct Failure {
  int code;
  std::string text;
};

/// Of an errno. What the system has no more of may be there again tomorrow; all else is about what the user named.
[[nodiscard]] int exit_code_of_error(int error);

[[nodiscard]] Failure failure_of(const std::exception_ptr& exception);

}  // namespace gpusim::app
