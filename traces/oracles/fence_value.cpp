// SPDX-License-Identifier: MIT
#include "traces/oracles/fence_value.h"

#include "traces/grown.h"

namespace gpusim::trace {

void FenceValue::on_event(const Event& event) {
  Last& last = grown(last_, std::uint64_t{event.queue} * 2 + (event.c & 1));
  if (last.value == nullptr || last.address != event.a) last = {event.a, &values_[event.a]};
  if (event.b < *last.value) {
    fail(event, "the fence value of " + queue_text(event.queue) + " at address " + std::to_string(event.a) +
                    " went back from " + std::to_string(*last.value) + " to " + std::to_string(event.b) + " with " +
                    job_text(event.job));
  }
  *last.value = event.b;
}

}  // namespace gpusim::trace
