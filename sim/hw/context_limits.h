// SPDX-License-Identifier: MIT
// What a queue's context says of its quantum and its preempt timeout.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "firmware/abi/ring.h"
#include "sim/hw/bus_port.h"

namespace gpusim::hw {

/// Takes no time: with a context that is loaded they come along. All 0: those of the device.
[[nodiscard]] inline abi::ContextLimits limits_of(BusPort& memory, std::uint64_t context) {
  std::uint32_t flags = 0;
  abi::ContextLimits limits{};
  (void)memory.read(context + offsetof(abi::QueueContext, flags), std::as_writable_bytes(std::span{&flags, 1}));
  if ((flags & abi::kHasLimits) == 0) return limits;
  (void)memory.read(abi::context_limits_address(context), std::as_writable_bytes(std::span{&limits, 1}));
  return limits;
}

}  // namespace gpusim::hw
