// SPDX-License-Identifier: MIT
// The faults to inject in a run. Plain data; everything off by default. "The n-th" counts from 1 over the whole run; 0:
// none.
#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"

namespace gpusim::fault {

struct FaultSpec {
  std::uint64_t lost_interrupt = 0;       ///< n-th completion interrupt that the device raises
  std::uint64_t late_interrupt = 0;       ///< the same, delayed by `delay`
  std::uint64_t duplicate_interrupt = 0;  ///< the same, sent twice
  std::uint64_t lost_doorbell = 0;        ///< n-th doorbell that arrives at the device
  std::uint64_t delayed_doorbell = 0;     ///< the same, delayed by `delay`
  std::uint64_t hung_job = 0;             ///< n-th job begun by an engine never ends and cannot be preempted
  std::uint64_t slow_job = 0;             ///< n-th job begun by an engine takes `slow_factor` times its work
  std::uint64_t slow_factor = 10;
  std::uint64_t dropped_message = 0;  ///< n-th message that the firmware takes out of its buffer
  std::uint64_t dropped_reply = 0;    ///< n-th message of the firmware to the host
  std::uint64_t firmware_stall = 0;   ///< n-th event that the firmware serves takes `stall` longer
  Picoseconds delay{us(100)};
  Picoseconds stall{ms(10)};
  Picoseconds reset{0};         ///< when the driver is asked for a device reset; 0: never
  Picoseconds unplug{0};        ///< when the device is pulled; 0: never
  std::string kill_client;      ///< who gets SIGKILL; empty: nobody
  Picoseconds kill{0};          ///< when; 0: never
  Picoseconds evict{0};         ///< when the queues in user mode are evicted; 0: never
  std::uint64_t evictions = 1;  ///< how often, each so much after the one before
};

}  // namespace gpusim::fault
