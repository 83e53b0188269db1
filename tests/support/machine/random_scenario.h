// SPDX-License-Identifier: MIT
// Random scenarios: every parameter of the table over its whole range, all components, all presets, all workloads,
// faults.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gpusim::test {

/// Lines of a valid scenario file that mostly can be left out one by one; of the same seed always the same.
[[nodiscard]] std::vector<std::string> random_scenario(std::uint64_t seed);
[[nodiscard]] std::string text_of(const std::vector<std::string>& lines);

}  // namespace gpusim::test
