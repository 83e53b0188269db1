// SPDX-License-Identifier: MIT
// The main() of a program: what escapes it is told on stderr, and ends it with an exit code of its own.
#pragma once

#include <cstdio>
#include <exception>

namespace gpusim {

/// Runs `run`. For an exception: "<who>: <what>", and `failure` as exit code.
inline int guarded_main(const char* who, int failure, int (*run)(int, char**), int argc, char** argv) noexcept {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", who, error.what());
  } catch (...) {
    std::fprintf(stderr, "%s: failed\n", who);
  }
  return failure;
}

}  // namespace gpusim
