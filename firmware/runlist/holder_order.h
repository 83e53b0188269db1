// SPDX-License-Identifier: MIT
// What policies share that give the holders of slots an order: an engine gets the first holder that is runnable, and a
// holder takes the engine of a later one at once. Who holds a slot is for the policy to say.
#pragma once

#include "firmware/runlist/basic_policy.h"
#include "firmware/runlist/residents.h"

namespace gpusim::fw {

/// To derive from. Pre: there are slots.
template <Hal H>
class HolderOrder : public BasicPolicy<H> {
 public:
  using BasicPolicy<H>::BasicPolicy;

  void withdraw(std::uint32_t queue) {
    if (at(queue).state == QueueState::runnable) take_out(queue);
  }
  void vacate(std::uint32_t queue) {
    if (at(queue).has_slot) residents_.remove(queue);
    board_.evict(queue);
  }
  void set_level(std::uint32_t queue, std::uint32_t level) {
    residents_.set_level(queue, level);
    unsettle(queue);
  }

  [[nodiscard]] bool has_more() const { return (unsettled_ & runnable_.occupied()) != 0; }
  void go_on() { settle(kNil); }

  [[nodiscard]] std::uint32_t engine_to_serve() const { return board_.idle_engine_of(runnable_.engines()); }
  [[nodiscard]] std::uint32_t choose(std::uint32_t engine) {
    const std::uint32_t queue = residents_.first_runnable(board_.sets.with_engine(engine));
    if (queue != kNil) take_out(queue);
    return queue;
  }
  void on_picked(std::uint32_t engine) {
    const bool is_settled = !has_more();
    unsettled_ |= board_.sets.with_engine(engine);
    // Nobody before the one that was chosen may use this engine.
    if (is_settled) settle(board_.engines[engine].queue);
  }

 protected:
  using BasicPolicy<H>::board_;
  [[nodiscard]] QueueRecord& at(std::uint32_t queue) const { return board_.queues[queue]; }
  /// Pre: it holds a slot.
  void make_runnable(std::uint32_t queue) {
    residents_.make_runnable(queue);
    runnable_.add(at(queue).engine_set);
    preempt_for(queue);
  }

  /// Another may be before somebody now, on the engines that it may run on.
  void unsettle(std::uint32_t queue) { unsettled_ |= board_.sets.with_any(board_.engines_of(queue)); }

  Residents residents_{board_.queues.data()};
  RunnableSets runnable_{board_.sets};
  SetMask unsettled_ = 0;  // in which one may be runnable and before another on an engine

 private:
  /// It is runnable no more.
  void take_out(std::uint32_t queue) {
    residents_.end_runnable(queue);
    runnable_.remove(at(queue).engine_set);
  }
  /// It takes the engine of the last holder behind it, unless one is free or coming.
  void preempt_for(std::uint32_t queue) {
    const EngineMask engines = board_.engines_of(queue);
    if ((engines & board_.engines_coming()) != 0) return;
    const std::uint32_t engine = residents_.victim(queue, board_.engines, engines);
    if (engine == kNoEngine) return;
    board_.order_preemption(engine);
    unsettled_ &= ~board_.sets.with_engine(engine);
  }
  /// For one set: the first runnable one of it, behind that holder or of all, speaks for the others.
  void settle(std::uint32_t behind) {
    unsettled_ &= runnable_.occupied() & ~board_.sets.with_any(board_.engines_coming());
    const std::uint32_t queue = residents_.first_runnable(unsettled_, behind);
    if (queue == kNil) return;
    unsettled_ &= ~(SetMask{1} << at(queue).engine_set);
    preempt_for(queue);
  }
};

}  // namespace gpusim::fw
