// SPDX-License-Identifier: MIT
#include "traces/oracles/after_end.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/grown.h"
#include "traces/event/handlers.h"

namespace gpusim::trace {

void AfterEnd::attach_to(Recorder& recorder) { attach_handlers(*this, recorder); }

void AfterEnd::on(const drm_sched_job_queue& event) { grown(queues_, event.queue).last_pushed = event.job; }

void AfterEnd::on(const dma_fence_signaled& event) {
  if (event.job == JobId{}) return;
  Queue& queue = grown(queues_, event.queue);
  queue.last_ended = std::max(queue.last_ended, event.job);
  std::erase_if(queue.released, [&](JobId job) { return job <= queue.last_ended; });
}

// A job that is released without having been pushed was given up and has no entry.
void AfterEnd::on(const job_released& event) {
  Queue& queue = grown(queues_, event.queue);
  if (event.job > queue.last_ended && event.job <= queue.last_pushed) queue.released.push_back(event.job);
}

void AfterEnd::on(const fetch_begin& event) { check(event.time, event.queue, event.job, "fetched"); }
void AfterEnd::on(const job_start& event) { check(event.time, event.queue, event.job, "begun"); }
void AfterEnd::on(const job_preempted& event) { check(event.time, event.queue, event.job, "preempted"); }
void AfterEnd::on(const job_resumed& event) { check(event.time, event.queue, event.job, "resumed"); }
void AfterEnd::on(const job_end& event) { check(event.time, event.queue, event.job, "executed to its end"); }

void AfterEnd::check(SimTime now, QueueId id, JobId job, const char* what) {
  if (job == JobId{}) return;
  const Queue& queue = grown(queues_, id);
  const bool ended = job <= queue.last_ended;
  if (!ended && std::find(queue.released.begin(), queue.released.end(), job) == queue.released.end()) return;
  fail(now, fmt::format("{} of {} was {} after it{}", job_text(job), queue_text(id), what,
                        ended ? "s finished fence had signalled" : " had been released"));
}

}  // namespace gpusim::trace
