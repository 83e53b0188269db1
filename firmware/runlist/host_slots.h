// SPDX-License-Identifier: MIT
// The firmware of Mali's CSF in kind (docs/reference/firmware.md, "panthor with Mali CSF"): the host says who holds a
// slot and in which order (host_driver/tick_scheduler.h); inside the slots the firmware picks by that order, and by
// nothing else.
//
// * A queue without a slot is disabled. To enable it gives it one, to disable it takes that, when the queue is off its
//   engine; the answer is the acknowledgement (a group's START or RESUME, and SUSPEND). More than there are slots are
//   refused.
// * Holders have an order: by level, within a level as they came. A new level puts a queue behind the others of that
//   level; and so does an enable, with the level that it has. This order stands for the slots' priorities.
// * An engine gets the first holder that is runnable, and a holder takes the engine of a later one at once.
// * What becomes idle keeps its slot. The host is told when it has been idle for the device's hysteresis, 800 us with
//   Mali's (panthor_fw.c, IDLE_HYSTERESIS_US); work within that time ends it.
// * There is no quantum, and no tick.
#pragma once

#include "firmware/runlist/holder_order.h"

namespace gpusim::fw {

/// A Policy, and SlotsByHost. Pre: there are slots.
template <Hal H>
class HostSlots : public HolderOrder<H> {
 public:
  using HolderOrder<H>::HolderOrder;

  void enter(std::uint32_t queue) { at(queue).state = QueueState::disabled; }
  [[nodiscard]] bool admit(std::uint32_t queue) {
    if (board_.slots.full()) {
      at(queue).state = QueueState::disabled;
      return false;
    }
    board_.grant(queue);
    residents_.add(queue);
    residents_.make_idle(queue);
    return true;
  }

  void make_ready(std::uint32_t queue) { this->make_runnable(queue); }
  void make_idle(std::uint32_t queue) { residents_.make_idle(queue); }
  void give_way(std::uint32_t queue) { this->make_runnable(queue); }
  void move_back(std::uint32_t queue) { this->set_level(queue, at(queue).priority); }

 private:
  using HolderOrder<H>::at;
  using HolderOrder<H>::board_;
  using HolderOrder<H>::residents_;
};

}  // namespace gpusim::fw
