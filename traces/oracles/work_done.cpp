// SPDX-License-Identifier: MIT
#include "traces/oracles/work_done.h"

#include "base/grown.h"
#include "traces/event/handlers.h"

namespace gpusim::trace {

void WorkDone::attach_to(Recorder& recorder) { attach_handlers(*this, recorder); }

void WorkDone::on(const job_start& event) {
  grown(engines_, event.engine) = {event.job, ps(static_cast<std::int64_t>(event.work_ps)), ps(0), event.time};
}

/// The job's progress up to now; fails if the engine does not execute it.
WorkDone::Progress& WorkDone::running(std::uint32_t engine, QueueId queue, JobId job, SimTime now) {
  Progress& progress = grown(engines_, engine);
  if (progress.job != job) {
    fail(now,
         job_text(job) + " of " + queue_text(queue) + " left " + engine_text(engine) + ", which was not executing it");
  }
  progress.done += now - progress.since;
  progress.since = now;
  return progress;
}

void WorkDone::on(const job_preempted& event) {
  Progress& progress = running(event.engine, event.queue, event.job, event.time);
  if (progress.done != event.done) {
    fail(event.time, job_text(event.job) + " of " + queue_text(event.queue) + " was preempted on " +
                         engine_text(event.engine) + " with " + format_duration(event.done) +
                         " said to be done; it had executed for " + format_duration(progress.done));
  }
  preempted_.find_or_insert(event.job) = progress;
  progress = {};
}

void WorkDone::on(const job_resumed& event) {
  const Progress* progress = preempted_.find(event.job);
  if (progress == nullptr || progress->done != event.done) {
    fail(event.time,
         job_text(event.job) + " of " + queue_text(event.queue) + " was resumed on " + engine_text(event.engine) +
             " with " + format_duration(event.done) + " said to be done; " +
             (progress == nullptr ? "it was not preempted" : "it had executed for " + format_duration(progress->done)));
  }
  Progress& engine = grown(engines_, event.engine);
  engine = *progress;
  engine.since = event.time;
  preempted_.erase(event.job);
}

void WorkDone::on(const job_end& event) {
  Progress& progress = running(event.engine, event.queue, event.job, event.time);
  if (progress.done != progress.work && progress.work != kEndless) {
    fail(event.time, job_text(event.job) + " of " + queue_text(event.queue) + " ended on " + engine_text(event.engine) +
                         " after " + format_duration(progress.done) + " of execution; its work is " +
                         format_duration(progress.work));
  }
  progress = {};
}

/// Given up while preempted.
void WorkDone::on(const dma_fence_signaled& event) {
  if (event.error != Errno::ok) preempted_.erase(event.job);
}

}  // namespace gpusim::trace
