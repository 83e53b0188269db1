// SPDX-License-Identifier: MIT
#include "traces/oracles/work_done.h"

#include <fmt/core.h>

#include "base/grown.h"
#include "traces/event/handlers.h"

namespace gpusim::trace {

void WorkDone::attach_to(Recorder& recorder) { attach_handlers(*this, recorder); }

void WorkDone::on(const job_start& event) {
  std::erase(killed_, event.job);
  grown(engines_, event.engine) = {
      .job = event.job, .work = ps(static_cast<std::int64_t>(event.work_ps)), .since = event.time};
}

/// The job's progress up to now; fails if the engine does not execute it.
WorkDone::Progress& WorkDone::running(std::uint32_t engine, QueueId queue, JobId job, SimTime now) {
  Progress& progress = grown(engines_, engine);
  if (progress.job != job) {
    fail(now, fmt::format("{} of {} left {}, which was not executing it", job_text(job), queue_text(queue),
                          engine_text(engine)));
  }
  progress.done += now - progress.since;
  progress.since = now;
  return progress;
}

void WorkDone::on(const job_preempted& event) {
  Progress& progress = running(event.engine, event.queue, event.job, event.time);
  if (progress.done != event.done) {
    fail(event.time, fmt::format("{} of {} was preempted on {} with {} said to be done; it had executed for {}",
                                 job_text(event.job), queue_text(event.queue), engine_text(event.engine),
                                 format_duration(event.done), format_duration(progress.done)));
  }
  preempted_.find_or_insert(event.job) = progress;
  progress = {};
}

void WorkDone::on(const job_resumed& event) {
  const Progress* progress = preempted_.find(event.job);
  if (progress == nullptr || progress->done != event.done) {
    fail(event.time, fmt::format("{} of {} was resumed on {} with {} said to be done; {}", job_text(event.job),
                                 queue_text(event.queue), engine_text(event.engine), format_duration(event.done),
                                 progress == nullptr ? "it was not preempted"
                                                     : "it had executed for " + format_duration(progress->done)));
  }
  Progress& engine = grown(engines_, event.engine);
  engine = *progress;
  engine.since = event.time;
  preempted_.erase(event.job);
}

void WorkDone::on(const work_killed& event) {
  running(event.engine, event.queue, event.job, event.time).work = kEndless;  // it may be done at any time
  killed_.push_back(event.job);
}

void WorkDone::on(const job_end& event) {
  Progress& progress = running(event.engine, event.queue, event.job, event.time);
  if (progress.work != kEndless && (progress.moves || progress.bytes_left.value_or(0) != 0)) {
    fail(event.time, fmt::format("{} of {} ended on {} with {} bytes to be moved yet", job_text(event.job),
                                 queue_text(event.queue), engine_text(event.engine), *progress.bytes_left));
  }
  // Bytes may take longer, but not the job without them.
  const bool waited_for_bytes = progress.bytes_left && progress.done > progress.work && progress.moved == event.time;
  if (progress.done != progress.work && progress.work != kEndless && !waited_for_bytes) {
    fail(event.time, fmt::format("{} of {} ended on {} after {} of execution; its work is {}", job_text(event.job),
                                 queue_text(event.queue), engine_text(event.engine), format_duration(progress.done),
                                 format_duration(progress.work)));
  }
  progress = {};
}

void WorkDone::on(const transfer_begin& event) {
  Progress& progress = running(event.engine, event.queue, event.job, event.time);
  if (progress.moves || event.left != progress.bytes_left.value_or(event.bytes)) {
    fail(event.time,
         fmt::format("{} of {} begins to move {} bytes on {}; it {}", job_text(event.job), queue_text(event.queue),
                     event.left, engine_text(event.engine),
                     progress.moves ? "moves some already"
                                    : fmt::format("has {} left", progress.bytes_left.value_or(event.bytes))));
  }
  progress.bytes_left = event.left;
  progress.moves = true;
}

void WorkDone::on(const transfer_end& event) {
  Progress& progress = running(event.engine, event.queue, event.job, event.time);
  if (!progress.moves || event.left > *progress.bytes_left) {
    fail(event.time, fmt::format("{} of {} has {} bytes left to move on {}, which it did not move", job_text(event.job),
                                 queue_text(event.queue), event.left, engine_text(event.engine)));
  }
  progress.bytes_left = event.left;
  progress.moves = false;
  progress.moved = event.time;
}

/// Given up while preempted, or its work ended by the host.
void WorkDone::on(const dma_fence_signaled& event) {
  if (event.error != Errno::ok) preempted_.erase(event.job);
  if (std::erase(killed_, event.job) != 0 && event.error == Errno::ok) {
    fail(event.time, fmt::format("the work of {} of {} was ended, and its finished fence has no error",
                                 job_text(event.job), queue_text(event.queue)));
  }
}

}  // namespace gpusim::trace
