// SPDX-License-Identifier: MIT
// Which way a metric gets better.
#pragma once

#include <cstdint>
#include <string_view>

namespace gpusim::experiment {

enum class Better : std::uint8_t {
  lower,    ///< times, and counts of trouble and of effort
  higher,   ///< jobs and frames done, rates, shares, Jain's index
  unknown,  ///< counts of what is neither: faults, slots that were given, events
};

/// Of any name for which is_metric_name() holds.
[[nodiscard]] Better better_of(std::string_view metric);

}  // namespace gpusim::experiment
