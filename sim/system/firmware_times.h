// SPDX-License-Identifier: MIT
// The service times of device.firmware.timing = "table", computed from what the core takes for the firmware's turns.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/loader.h"
#include "traces/folds/histogram.h"

namespace gpusim::system {

struct ServiceTime {
  /// Whose calls were counted.
  enum class Of : std::uint8_t { nobody, scenario, exercise };

  const scenario::ResolvedParameter* parameter = nullptr;
  Of of = Of::nobody;
  trace::Histogram time;  ///< ps that the core has taken for each call

  [[nodiscard]] bool is_known() const { return of != Of::nobody; }
  /// The mean: with it the firmware is as busy as by cycles. Pre: is_known().
  [[nodiscard]] std::uint64_t computed_ns() const;
  /// The same in ps, of whole ns from 100 ns on: below, ns would be too coarse.
  [[nodiscard]] std::uint64_t computed_ps() const;
};

struct FirmwareTimes {
  std::string firmware;  ///< the image that was executed
  std::vector<ServiceTime> service_times;
  /// Cycle, access to a register, read of host memory.
  std::vector<const scenario::ResolvedParameter*> prices;
};

/// Runs the scenario, and `exercise` (load_firmware_exercise()), by cycles on the core. Both are ok(), `loaded`
/// outlives the result. An InvariantViolation of these runs is passed on.
[[nodiscard]] FirmwareTimes measure_firmware_times(const scenario::LoadResult& loaded,
                                                   const scenario::LoadResult& exercise);

}  // namespace gpusim::system
