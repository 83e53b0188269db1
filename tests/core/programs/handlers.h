// SPDX-License-Identifier: MIT
// What the test and the program handlers.cpp say to each other.
#pragma once

#include <cstdint>

#include "firmware/main/main.h"

namespace gpusim::test {

inline constexpr std::uint32_t kHandlersQueues = 4'096;
inline constexpr std::uint32_t kHandlersChannel = 0x10'0000;
inline constexpr std::uint32_t kHandlersContexts = 0x20'0000;  ///< 64 bytes a queue

struct TurnInput {
  fw::Event event;
  std::uint32_t words[16];    ///< of a message; a power of two, so that to find one costs next to nothing
  std::uint32_t first;        ///< its place in the ring
  std::uint32_t tail;         ///< the channel's
  std::uint32_t write_index;  ///< of the queue that is looked at
  bool has_event;
};
struct TurnOutput {
  fw::Step step;
  std::uint32_t refused;
};

}  // namespace gpusim::test
