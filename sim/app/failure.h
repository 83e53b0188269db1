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

[[nodiscard]] Failure failure_of(const std::exception_ptr& exception);

}  // namespace gpusim::app
