// SPDX-License-Identifier: MIT
// Which faults an exploration may inject by itself. A fault that the model cannot recover from yet would end every
// exploration as a stall, so its row says false until it can; a scenario can still request it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/choice.h"

namespace gpusim::fault {

/// As numbered in the event fault_injected.
enum class Kind : std::uint8_t {
  lost_interrupt,
  lost_doorbell,
  late_interrupt,
  duplicate_interrupt,
  delayed_doorbell,
  hung_job,
  slow_job,
  dropped_message,
  dropped_reply,
  firmware_stall,
  reset,
  unplug,
  kill,
  evict,
  firmware_crash,
  failed_engine_reset,
  failed_device_reset,
  delayed_message,
  corrupted_message,
  corrupted_reply,
  stuck_acknowledgement,
  lost_reply_interrupt,
  late_reply_interrupt,
  duplicate_reply_interrupt,
  link_error,
  page_fault,
  torn_doorbell,
};
inline constexpr std::uint32_t kKinds = 27;

struct ExploredFault {
  Kind kind;
  ChoicePlace place;
  bool enabled;
};

// One row for each kind, in the order of Kind. Those from reset to evict come from outside (sim/system/chaos.h). In
// [fault] those behind have no key.
inline constexpr std::array kExploredFaults{
    ExploredFault{Kind::lost_interrupt, "lost_interrupt", true},
    ExploredFault{Kind::lost_doorbell, "lost_doorbell", true},
    ExploredFault{Kind::late_interrupt, "late_interrupt", true},
    ExploredFault{Kind::duplicate_interrupt, "duplicate_interrupt", true},
    ExploredFault{Kind::delayed_doorbell, "delayed_doorbell", true},
    ExploredFault{Kind::hung_job, "hung_job", true},
    ExploredFault{Kind::slow_job, "slow_job", true},
    ExploredFault{Kind::dropped_message, "dropped_message", true},
    ExploredFault{Kind::dropped_reply, "dropped_reply", true},
    ExploredFault{Kind::firmware_stall, "firmware_stall", true},
    ExploredFault{Kind::reset, "reset", false},
    ExploredFault{Kind::unplug, "unplug", false},
    ExploredFault{Kind::kill, "kill", false},
    ExploredFault{Kind::evict, "evict", false},
    ExploredFault{Kind::firmware_crash, "firmware_crash", false},
    ExploredFault{Kind::failed_engine_reset, "failed_engine_reset", false},
    ExploredFault{Kind::failed_device_reset, "failed_device_reset", false},
    ExploredFault{Kind::delayed_message, "delayed_message", false},
    ExploredFault{Kind::corrupted_message, "corrupted_message", false},
    ExploredFault{Kind::corrupted_reply, "corrupted_reply", false},
    ExploredFault{Kind::stuck_acknowledgement, "stuck_acknowledgement", false},
    ExploredFault{Kind::lost_reply_interrupt, "lost_reply_interrupt", false},
    ExploredFault{Kind::late_reply_interrupt, "late_reply_interrupt", false},
    ExploredFault{Kind::duplicate_reply_interrupt, "duplicate_reply_interrupt", false},
    ExploredFault{Kind::link_error, "link_error", false},
    ExploredFault{Kind::page_fault, "page_fault", false},
    ExploredFault{Kind::torn_doorbell, "torn_doorbell", true},
};
static_assert(kExploredFaults.size() == kKinds);

[[nodiscard]] constexpr const ExploredFault& explored(Kind kind) {
  return kExploredFaults[static_cast<std::size_t>(kind)];
}

}  // namespace gpusim::fault
