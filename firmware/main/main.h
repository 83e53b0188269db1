// SPDX-License-Identifier: MIT
// The firmware's main loop: what the processor does next. Freestanding, as the run-list.
//
// Hardware puts what happens into a FIFO: doorbells, the host's notifications, reports of engines, timers, watched
// words that have come to their value. A doorbell or notification that is pending already is not put there again; its
// pending bit is cleared before memory is read, so that what the host writes afterwards rings again. Engines come
// first: an idle one for which a queue waits is served before the next event is taken; then comes what the policy has
// left from an earlier turn. Of messages one is handled at a time, and the
// buffer is looked at again in its turn, so that a host that sends much keeps nobody else waiting.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>

#include "firmware/runlist/runlist.h"

namespace gpusim::fw {

/// What the loop does in a turn.
enum class Step : std::uint8_t {
  doorbell,
  message,
  engine_empty,
  engine_saved,
  quantum,
  pick,  ///< for an idle engine; no event asks for it
  preempt_timeout,
  empty_look,  ///< the message buffer is looked at, and no message is in it
  wait_over,   ///< what a queue watches has come to its value
  tick,        ///< of the device, if the policy runs it; or what the policy has left from an earlier turn
  page_fault,  ///< an engine has stopped a job that touched a page which is not mapped
  idle         ///< a queue has been without work for as long as the device's hysteresis
};

/// Its event says a queue, and no engine.
[[nodiscard]] constexpr bool is_of_queue(Step step) {
  return step == Step::doorbell || step == Step::wait_over || step == Step::idle;
}

/// An entry of the FIFO.
struct Event {
  Step step;            ///< not pick, not empty_look
  std::uint32_t queue;  ///< whose it is, the report's, too
  EngineReport report;  ///< of an engine or its timer
};

/// What was done, for who gives it its time.
struct Turn {
  Step step;
  abi::Action action = abi::Action::padding;  ///< of a message; padding: it made no sense
};

template <class H>
concept MainHal = Hal<H> && requires(H hal, Event& event, std::uint32_t word) {
  // The event FIFO. False: it is empty.
  { hal.next_event(event) } -> std::same_as<bool>;
  // Pending bits.
  hal.clear_doorbell(word);  // queue
  hal.clear_notification();
  // Sets that bit, and puts the event behind those that are in the FIFO.
  hal.notify_again();
  // Where the host has put the channel's memory; 0: nowhere yet.
  { hal.channel_address() } -> std::same_as<std::uint64_t>;

  // For traces; real firmware leaves it empty.
  hal.note_step(Step::pick, word, word);  // queue, engine
};

/// `P`: a Policy.
template <MainHal H, template <class> class P = RoundRobin>
class Main {
 public:
  /// As RunList.
  Main(H& hal, const abi::DeviceDescriptor& device, std::span<QueueRecord> queues, std::span<EngineRecord> engines)
      : hal_{hal}, run_list_{hal, device, queues, engines} {}

  /// One turn of the loop; nothing: there is nothing to do, and the processor sleeps until an event comes.
  [[nodiscard]] std::optional<Turn> turn() {
    if (const std::uint32_t engine = run_list_.engine_to_serve(); engine != kNoEngine) {
      hal_.note_step(Step::pick, kNil, engine);
      run_list_.pick(engine);
      return Turn{Step::pick};
    }
    if (run_list_.has_more()) {
      hal_.note_step(Step::tick, kNil, 0);
      run_list_.go_on();
      return Turn{Step::tick};
    }
    Event event;
    if (!hal_.next_event(event)) return std::nullopt;
    if (event.step == Step::message || !run_list_.has_channel()) run_list_.set_channel(hal_.channel_address());
    if (event.step == Step::message) return look_for_message();
    hal_.note_step(event.step, event.queue, is_of_queue(event.step) ? 0 : event.report.engine);
    handle(event);
    return Turn{event.step};
  }

 private:
  Turn look_for_message() {
    hal_.clear_notification();
    if (!run_list_.has_message()) {
      hal_.note_step(Step::empty_look, kNil, 0);
      return {Step::empty_look};
    }
    hal_.note_step(Step::message, kNil, 0);
    hal_.notify_again();
    return {Step::message, run_list_.on_message()};
  }

  void handle(const Event& event) {
    switch (event.step) {
      case Step::doorbell:
        hal_.clear_doorbell(event.queue);
        return run_list_.on_doorbell(event.queue);
      case Step::wait_over:
        return run_list_.on_wait_over(event.queue);
      case Step::idle:
        return run_list_.on_idle_timer(event.queue);
      case Step::engine_empty:
        return run_list_.on_engine_empty(event.report);
      case Step::engine_saved:
        return run_list_.on_engine_saved(event.report);
      case Step::quantum:
        return run_list_.on_quantum_over(event.report);
      case Step::tick:
        return run_list_.on_tick();
      case Step::preempt_timeout:
        return run_list_.on_preempt_timeout(event.report);
      case Step::page_fault:
        return run_list_.on_page_fault(event.report);
      default:
        return;
    }
  }

  H& hal_;
  RunList<H, P> run_list_;
};

}  // namespace gpusim::fw
