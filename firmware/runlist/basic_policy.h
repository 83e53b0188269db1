// SPDX-License-Identifier: MIT
// What most policies do, to derive from: a policy declares again what it does otherwise. Nothing is virtual; what
// counts is what the policy's own class declares.
#pragma once

#include <cstdint>

#include "firmware/runlist/board.h"

namespace gpusim::fw {

/// No lines, no ticks, no levels, and no work that is left for another turn.
template <Hal H>
class BasicPolicy {
 public:
  explicit BasicPolicy(Board<H>& board) : board_{board} {}

  void enter(std::uint32_t) {}
  void leave(std::uint32_t) {}
  void vacate(std::uint32_t queue) { board_.evict(queue); }
  void set_level(std::uint32_t queue, std::uint32_t level) {
    board_.queues[queue].priority = static_cast<std::uint8_t>(level);
  }
  void serve_waiting() {}

  void disable(std::uint32_t engine) { board_.order_leave(engine); }
  void on_stop(std::uint32_t) {}
  void on_renewal(std::uint32_t) {}
  void on_quantum_over(std::uint32_t) {}
  void on_picked(std::uint32_t) {}

  void on_tick() {}
  [[nodiscard]] bool has_more() const { return false; }
  void go_on() {}

 protected:
  Board<H>& board_;
};

}  // namespace gpusim::fw
