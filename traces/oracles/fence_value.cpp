// SPDX-License-Identifier: MIT
#include "traces/oracles/fence_value.h"

#include <fmt/core.h>

#include "base/grown.h"
#include "traces/event/handlers.h"

namespace gpusim::trace {

void FenceValue::attach_to(Recorder& recorder) { attach_handlers(*this, recorder); }

FenceValue::Queue& FenceValue::at(QueueId queue) {
  std::unique_ptr<Queue>& state = grown(queues_, queue);
  if (state == nullptr) state = std::make_unique<Queue>();
  return *state;
}

// The address is the queue's from now on.
FenceValue::Value& FenceValue::take(QueueId queue, Queue& state, std::uint64_t address) {
  Value& value = values_[address];
  if (value.queue == queue) return value;
  for (Last& last : at(value.queue).last) {
    if (last.value == &value) last = {};
  }
  value.queue = queue;
  state.addresses.push_back(address);
  return value;
}

// Costs what the queue has written, however many others there are or have been.
void FenceValue::on(const queue_destroyed& event) {
  std::unique_ptr<Queue>& state = grown(queues_, event.queue);
  if (state == nullptr) return;
  for (const std::uint64_t address : state->addresses) {
    const auto value = values_.find(address);
    if (value != values_.end() && value->second.queue == event.queue) values_.erase(value);
  }
  state.reset();
}

void FenceValue::on(const fence_visible& event) {
  Queue& state = at(event.queue);
  Last& last = state.last[event.completion ? 1 : 0];
  if (last.value == nullptr || last.address != event.address) {
    last = {event.address, &take(event.queue, state, event.address)};
  }
  Value& known = *last.value;
  if (event.value < known.value) {
    fail(event.time,
         fmt::format("the fence value of {} at address {} went back from {} to {} with {}", queue_text(event.queue),
                     event.address, known.value, event.value, job_text(event.job)));
  }
  known.value = event.value;
}

}  // namespace gpusim::trace
