// SPDX-License-Identifier: MIT
// Two 32-bit values in one field of an event, as the event table describes them.
#pragma once

#include <cstdint>

namespace gpusim::sched {

[[nodiscard]] constexpr std::uint64_t pack(std::uint64_t high, std::uint64_t low) { return high << 32 | low; }

}  // namespace gpusim::sched
