// SPDX-License-Identifier: MIT
#include "tests/core/runlist_events.h"

namespace gpusim::test {
namespace {

using abi::Action;
using fw::QueueState;

constexpr std::uint32_t kMasks[]{1, 2, 3, 4};  // engines of one class
constexpr std::uint32_t kRingEntries = 16;

PlayedEvent message(Action action, std::uint32_t queue, std::uint16_t fence) {
  const bool answered = abi::answer_dwords(action) != 0;
  const auto type = answered ? abi::MessageType::request : abi::MessageType::fast_request;
  return {Played::message, 2, {abi::message_header(action, 2, type, fence), queue}};
}

}  // namespace

PlayedEvent RandomEvents::next() {
  if (below(3) != 0) {
    const std::uint32_t engine = below(kPlayedEngines);
    if (player_.engine(engine).state != fw::EngineState::idle) return engine_event(engine);
  }
  const std::uint32_t queue = 1 + below(kPlayedQueues - 1);
  if (player_.queue(queue).state == QueueState::unregistered) return register_queue(queue);
  return queue_event(queue);
}

PlayedEvent RandomEvents::register_queue(std::uint32_t queue) {
  const auto context = static_cast<std::uint32_t>(PlayedMachine::context_address(queue));
  const std::uint32_t index = below(1'000);
  return {Played::message,
          11,
          {abi::message_header(Action::register_queue, 11), queue, kMasks[below(4)], below(abi::kPriorityLevels),
           context, 0, 0x1000 * queue, 1, kRingEntries, index, queue}};
}

PlayedEvent RandomEvents::queue_event(std::uint32_t queue) {
  const fw::QueueRecord& record = player_.queue(queue);
  const bool is_disabled = record.state == QueueState::disabled;
  switch (below(is_disabled ? 2 : 13)) {
    case 0:
      return message(is_disabled ? Action::deregister_queue : Action::disable_queue, queue, ++fence_);
    case 1:
      if (is_disabled) return message(Action::enable_queue, queue, 0);
      return message(Action::terminate_queue, queue, ++fence_);
    case 2: {
      PlayedEvent event{Played::message, 3, {}};
      event.words = {abi::message_header(Action::set_priority, 3), queue, below(abi::kPriorityLevels)};
      return event;
    }
    case 3:
      return message(Action::schedule, queue, 0);
    case 4: {
      PlayedEvent event{Played::message, 6, {}};
      event.words = {abi::message_header(Action::set_limits, 6), queue, below(1'000), below(2), below(1'000), 0};
      return event;
    }
    default: {
      const std::uint32_t pending = record.write_index - record.read_index;
      return {Played::doorbell, 0, {queue, record.write_index + (pending < kRingEntries ? below(3) : 0)}};
    }
  }
}

PlayedEvent RandomEvents::engine_event(std::uint32_t engine) {
  const fw::RunRequest& order = player_.order(engine);
  const fw::QueueRecord& record = player_.queue(order.queue);
  const std::uint32_t done = record.read_index + below(record.sent_index - record.read_index + 1);
  const bool is_leaving = player_.engine(engine).state == fw::EngineState::preempting;
  const std::uint32_t run = below(20) == 0 ? order.run - 1 : order.run;  // sometimes it comes too late
  const std::array<std::uint32_t, 11> words{engine, order.queue, run, done, below(2)};
  if (below(60) == 0) return {Played::page_fault, 0, words};
  if (is_leaving) return {below(6) == 0 ? Played::preempt_timeout : Played::saved, 0, words};
  if (below(3) == 0) return {Played::quantum_over, 0, words};
  return {Played::empty, 0, {engine, order.queue, run, record.sent_index, 0}};
}

}  // namespace gpusim::test
