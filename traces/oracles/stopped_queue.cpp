// SPDX-License-Identifier: MIT
#include "traces/oracles/stopped_queue.h"

#include <fmt/core.h>

#include "base/grown.h"
#include "traces/event/handlers.h"

namespace gpusim::trace {

void StoppedQueue::attach_to(Recorder& recorder) { attach_handlers(*this, recorder); }

void StoppedQueue::on(const queue_stop& event) {
  Queue& queue = grown(queues_, event.queue);
  ++queue.stops;
  queue.since = event.time;
}

void StoppedQueue::on(const device_reset_begin&) {
  ++resets_;
  all_held_ = true;
}

void StoppedQueue::on(const device_reset_end&) { all_held_ = false; }

void StoppedQueue::on(const queue_create& event) {
  if (all_held_) grown(queues_, event.queue).made_in_reset = resets_;
}

void StoppedQueue::on(const queue_start& event) {
  all_held_ = false;
  Queue& queue = grown(queues_, event.queue);
  if (queue.stops == 0)
    fail(event.time, fmt::format("{} was started and had not been stopped", queue_text(event.queue)));
  --queue.stops;
}

void StoppedQueue::on(const queue_kill& event) {
  Queue& queue = grown(queues_, event.queue);
  queue.killed = true;
  queue.since = event.time;
}

void StoppedQueue::on(const drm_sched_job_run& event) {
  const Queue stopped = grown(queues_, rings_.ring_of(event.queue));
  Queue& queue = grown(queues_, event.queue);
  const bool may_run = !queue.killed || drains_ || ++queue.runs_after_kill <= 1;
  if (stopped.stops == 0 && is_held(queue)) {
    fail(event.time,
         fmt::format("run_job was called for {} of {}, which was made in the device reset under way and not "
                     "stopped",
                     job_text(event.job), queue_text(event.queue)));
  }
  if (stopped.stops == 0 && may_run) return;
  fail(event.time, fmt::format("run_job was called for {} of {}, which was {} at {}", job_text(event.job),
                               queue_text(event.queue), stopped.stops != 0 ? "stopped" : "killed",
                               format_duration((stopped.stops != 0 ? stopped : queue).since.time_since_epoch())));
}

void StoppedQueue::on(const ring_write& event) {
  Queue& queue = grown(queues_, event.queue);
  if (!queue.killed || ++queue.writes_after_kill <= 1) return;
  fail(event.time, fmt::format("{} was put into the ring of {}, which was killed at {}", job_text(event.job),
                               queue_text(event.queue), format_duration(queue.since.time_since_epoch())));
}

}  // namespace gpusim::trace
