// SPDX-License-Identifier: MIT
// What a device consists of, by the names that traces give it: known before anything has happened.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gpusim::trace {

struct DeviceShape {
  std::vector<std::string> engines;  ///< by engine index: "rcs0"
  /// By MSI-X vector: "reply", that of the firmware's messages, or the class of the engines whose completions it
  /// reports, "rcs"; empty: the device has none of that class.
  std::vector<std::string> vectors;
  std::uint32_t slots = 0;  ///< of the run-list; 0: unlimited
};

}  // namespace gpusim::trace
