// SPDX-License-Identifier: MIT
#include "traces/oracles/stopped_queue.h"

#include "base/grown.h"

namespace gpusim::trace {

EventSet StoppedQueue::kinds() const {
  using K = EventKind;
  return events({K::queue_stop, K::queue_start, K::queue_kill, K::drm_sched_job_run});
}

void StoppedQueue::on_event(const Event& event) {
  Queue& queue = grown(queues_, event.queue);
  switch (event.kind) {
    case EventKind::queue_stop:
      ++queue.stops;
      queue.since = event.time;
      return;
    case EventKind::queue_start:
      if (queue.stops == 0) fail(event, queue_text(event.queue) + " was started and had not been stopped");
      --queue.stops;
      return;
    case EventKind::queue_kill:
      queue.killed = true;
      queue.since = event.time;
      return;
    default:
      break;
  }
  if (queue.stops == 0 && !(queue.killed && ++queue.runs_after_kill > 1)) return;
  fail(event, "run_job was called for " + job_text(event.job) + " of " + queue_text(event.queue) + ", which was " +
                  (queue.stops != 0 ? "stopped" : "killed") + " at " + format_duration(queue.since.time_since_epoch()));
}

}  // namespace gpusim::trace
