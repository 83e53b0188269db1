// SPDX-License-Identifier: MIT
// Random events for the run-list that a driver and engines could cause: they look at the state of a player on the host.
#pragma once

#include <cstdint>

#include "base/prng.h"
#include "tests/core/programs/runlist_player.h"

namespace gpusim::test {

class RandomEvents {
 public:
  /// `player` outlives this object, and has played all events so far when the next is asked for.
  RandomEvents(std::uint64_t seed, const PlayedState& player) : random_{seed, "events"}, player_{player} {}

  [[nodiscard]] PlayedEvent next();

 private:
  [[nodiscard]] std::uint32_t below(std::uint32_t limit) {
    return static_cast<std::uint32_t>(random_.uniform(0, limit - 1));
  }
  [[nodiscard]] PlayedEvent register_queue(std::uint32_t queue);
  [[nodiscard]] PlayedEvent queue_event(std::uint32_t queue);
  [[nodiscard]] PlayedEvent engine_event(std::uint32_t engine);

  Prng random_;
  const PlayedState& player_;
  std::uint16_t fence_ = 0;
};

}  // namespace gpusim::test
