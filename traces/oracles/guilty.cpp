// SPDX-License-Identifier: MIT
#include "traces/oracles/guilty.h"

#include "base/grown.h"

namespace gpusim::trace {

EventSet Guilty::kinds() const {
  return events({EventKind::job_start, EventKind::engine_reset, EventKind::queue_banned});
}

void Guilty::on_event(const Event& event) {
  Queue& queue = grown(queues_, event.queue);
  if (event.kind == EventKind::job_start) {
    queue.last_begun = event.job;
  } else if (event.kind == EventKind::engine_reset) {
    queue.was_reset = true;
  } else if (event.job > queue.last_begun && !queue.was_reset) {
    fail(event, queue_text(event.queue) + " was banned for " + job_text(event.job) + ", which had not begun");
  }
}

}  // namespace gpusim::trace
