// SPDX-License-Identifier: MIT
// What the firmware's processor did, by kind of turn of its loop.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/wide.h"
#include "traces/folds/histogram.h"

namespace gpusim::trace {

/// All of it over all calls.
struct HandlerProfile {
  std::string name;
  std::uint64_t instructions = 0;
  std::uint64_t cycles = 0;
  std::uint64_t registers = 0;   ///< accesses to them
  std::uint64_t host_reads = 0;  ///< words of host memory
  Wide bus_wait = 0;             ///< ps of both
  Histogram time;                ///< ps of each call
};

struct FirmwareProfile {
  bool has_core = false;                 ///< instructions and cycles are counted
  bool has_bus_waits = false;            ///< accesses have a time of their own: no table of service times
  std::vector<HandlerProfile> handlers;  ///< those never called, too
};

}  // namespace gpusim::trace
