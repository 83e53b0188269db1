// SPDX-License-Identifier: MIT
// What decides in the run-list: a class template over the HAL, in one file, that RunList has by value. RunList keeps
// the contract with host and engines and says what has happened; the policy says who gets a slot, who is picked, and
// who has to leave. The choice is made at compile time: there is no table of functions and no heap.
#pragma once

#include <concepts>
#include <cstdint>

#include "firmware/runlist/board.h"
#include "firmware/runlist/hal.h"

namespace gpusim::fw {

template <template <class> class P, class H>
concept Policy = Hal<H> && requires(P<H> policy, const P<H> constant, Board<H>& board, std::uint32_t word) {
  // The board outlives the policy.
  P<H>{board};

  // A queue is registered, and idle; or it is to be forgotten, in no line and without a slot.
  policy.enter(word);
  policy.leave(word);

  // Of a queue. Each leaves its state as one of idle, waiting (for a slot) and runnable.
  policy.make_ready(word);       // it was idle, and has work
  policy.make_idle(word);        // it is off its engine, without work
  policy.give_way(word);         // it is off its engine, with work left
  policy.withdraw(word);         // it is to be in no line any more; its slot is its own until vacate()
  policy.vacate(word);           // it gives its slot back, if it has one; it is in no line
  policy.set_level(word, word);  // queue, its new level, another than before

  // Of an engine.
  policy.disable(word);          // its queue is to leave for good: order_preemption(), if that has not been ordered
  policy.on_stop(word);          // its queue is about to be taken off
  policy.on_renewal(word);       // its queue goes on with a new quantum
  policy.on_quantum_over(word);  // Pre: it is running
  policy.on_tick();              // Pre: Hal::run_tick(true)
  policy.serve_waiting();        // a slot may have come free

  // What is too long for one turn: whether some of it is left, and its next part. Idle engines are served between.
  { constant.has_more() } -> std::same_as<bool>;
  policy.go_on();

  // Picking: an idle engine for which a runnable queue waits, or kNoEngine; then which queue, and after it has begun to
  // run what that means for others. choose() may say kNil: nothing is picked in this turn.
  { constant.engine_to_serve() } -> std::same_as<std::uint32_t>;
  { policy.choose(word) } -> std::same_as<std::uint32_t>;  // takes it out of its line
  policy.on_picked(word);                                  // engine
};

/// A Policy that leaves the slots to the host. A queue is disabled when it is registered; to enable it gives it a slot,
/// to disable it takes that.
template <class P>
concept SlotsByHost = requires(P policy, std::uint32_t word) {
  // Pre: the queue is disabled. False: no slot is free.
  { policy.admit(word) } -> std::same_as<bool>;
  // It holds a slot, and was enabled: it goes behind the others of its level.
  policy.move_back(word);
};

}  // namespace gpusim::fw
