// SPDX-License-Identifier: MIT
// The faults to inject in a run. Plain data; everything off by default. Those of [fault] count "the n-th" from 1 over
// the whole run, 0: none; each of [[faults]] is aimed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "sim/fault/explored.h"

namespace gpusim::fault {

/// One [[faults]]: of the occasions of its kind that its aims let through, it strikes from the `nth` on, until it has
/// struck `count` times. What a kind can be aimed at stands in aimed_kinds.h.
struct AimedFault {
  Kind kind = Kind::hung_job;
  std::string client;  ///< all clones of a name, or one, as app.0; empty: anybody's
  std::string queue;   ///< its name in traces, as app.jobs; empty: any
  std::string engine;  ///< "vcs", "vcs1"; empty: any
  /// What `engine` says, set by who loads the scenario: bit n is engine n, or of an interrupt vector n.
  std::uint64_t units = ~std::uint64_t{0};
  Picoseconds from{0};
  Picoseconds until{0};  ///< not at that moment, nor later; 0: to the end of the run
  std::uint64_t nth = 1;
  std::uint64_t count = 1;                  ///< 0: all
  std::uint32_t probability_ppm = kAlways;  ///< of each occasion from the `nth` on, drawn from a stream of its own
  Picoseconds delay{us(100)};
  std::uint64_t factor = 10;
  std::string place;  ///< "slots.toml:12", for messages

  static constexpr std::uint32_t kAlways = 1'000'000;
};

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
  std::vector<AimedFault> aimed;

  [[nodiscard]] bool aims(Kind kind) const {
    return std::any_of(aimed.begin(), aimed.end(), [kind](const AimedFault& fault) { return fault.kind == kind; });
  }
};

}  // namespace gpusim::fault
