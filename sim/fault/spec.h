// SPDX-License-Identifier: MIT
// What is to break in a run. Plain data; everything off by default.
#pragma once

#include <cstdint>

namespace gpusim::fault {

struct FaultSpec {
  std::uint64_t lost_interrupt =
      0;                            ///< the n-th completion interrupt that the device raises gets lost, from 1; 0: none
  std::uint64_t lost_doorbell = 0;  ///< the n-th doorbell that arrives at the device gets lost, from 1; 0: none
};

}  // namespace gpusim::fault
