// SPDX-License-Identifier: MIT
#pragma once

#include <functional>

namespace gpusim::test {

/// If set, by an initialiser of a test executable, it calls the run of all its cases and gives the exit code.
inline int (*run_around)(const std::function<int()>& run) = nullptr;

}  // namespace gpusim::test
