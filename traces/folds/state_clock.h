// SPDX-License-Identifier: MIT
// How long something has been in each of a few states so far. To get the time spent in each state between two moments,
// take a reading at both and subtract; the cost does not depend on the number of readers.
#pragma once

#include <array>
#include <cstddef>

#include "base/time.h"

namespace gpusim::trace {

template <std::size_t N>
class StateClock {
 public:
  using Reading = std::array<Picoseconds, N>;

  StateClock() = default;
  explicit StateClock(std::size_t state) : state_{state} {}

  /// Is in `state` (< N) from `now` on.
  void enter(std::size_t state, SimTime now) {
    if (state == state_) return;
    advance(now);
    state_ = state;
  }
  [[nodiscard]] std::size_t state() const { return state_; }

  /// Time spent in each state from the start of the run until `now`; `now` never goes back.
  [[nodiscard]] const Reading& at(SimTime now) {
    advance(now);
    return spent_;
  }

 private:
  void advance(SimTime now) {
    spent_[state_] += now - since_;
    since_ = now;
  }

  Reading spent_{};
  std::size_t state_ = 0;
  SimTime since_{};
};

}  // namespace gpusim::trace
