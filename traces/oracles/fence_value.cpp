// SPDX-License-Identifier: MIT
#include "traces/oracles/fence_value.h"

#include "base/grown.h"

namespace gpusim::trace {

void FenceValue::on_event(const Event& event) {
  if (event.kind == EventKind::queue_destroyed) {
    std::erase_if(values_, [&](const auto& entry) { return entry.second.queue == event.queue; });
    last_.clear();
    return;
  }
  Last& last = grown(last_, std::uint64_t{event.queue} * 2 + (event.c & 1));
  if (last.value == nullptr || last.address != event.a) last = {event.a, &values_[event.a]};
  Value& known = *last.value;
  known.queue = event.queue;
  if (event.b < known.value) {
    fail(event, "the fence value of " + queue_text(event.queue) + " at address " + std::to_string(event.a) +
                    " went back from " + std::to_string(known.value) + " to " + std::to_string(event.b) + " with " +
                    job_text(event.job));
  }
  known.value = event.b;
}

}  // namespace gpusim::trace
