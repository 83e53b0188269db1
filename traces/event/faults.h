// SPDX-License-Identifier: MIT
// Numbers in events whose meaning belongs to rooms that a reader of traces may not know. Those who emit them hold these
// against their own.
#pragma once

#include <cstdint>

namespace gpusim::trace {

/// fault_injected: the faults that readers tell apart.
enum class Fault : std::uint64_t {
  lost_interrupt = 0,
  lost_doorbell = 1,
  late_interrupt = 2,
  duplicate_interrupt = 3,
  delayed_doorbell = 4,
  hung_job = 5,
  dropped_message = 7,
  firmware_stall = 9,
  firmware_crash = 14,
  corrupted_message = 18,
  link_error = 24,
};

/// device_reset_begin: the reason that readers tell apart.
enum class ResetReason : std::uint64_t { preempt_missed = 6 };

/// exec_begin: work that ends only when it is told to.
inline constexpr std::uint64_t kEndlessWork = ~std::uint64_t{0};

}  // namespace gpusim::trace
