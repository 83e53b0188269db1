// SPDX-License-Identifier: MIT
#include "traces/oracles/fence_value.h"

#include <fmt/core.h>

#include "base/grown.h"
#include "traces/event/handlers.h"

namespace gpusim::trace {

void FenceValue::attach_to(Recorder& recorder) { attach_handlers(*this, recorder); }

void FenceValue::on(const queue_destroyed& event) {
  std::erase_if(values_, [&](const auto& entry) { return entry.second.queue == event.queue; });
  last_.clear();
}

void FenceValue::on(const fence_visible& event) {
  Last& last = grown(last_, std::uint64_t{event.queue.value()} * 2 + (event.completion ? 1 : 0));
  if (last.value == nullptr || last.address != event.address) last = {event.address, &values_[event.address]};
  Value& known = *last.value;
  known.queue = event.queue;
  if (event.value < known.value) {
    fail(event.time,
         fmt::format("the fence value of {} at address {} went back from {} to {} with {}", queue_text(event.queue),
                     event.address, known.value, event.value, job_text(event.job)));
  }
  known.value = event.value;
}

}  // namespace gpusim::trace
