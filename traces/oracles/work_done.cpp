// SPDX-License-Identifier: MIT
#include "traces/oracles/work_done.h"

#include "base/grown.h"

namespace gpusim::trace {
namespace {

std::string text_of(std::uint64_t picoseconds) { return format_duration(ps(static_cast<std::int64_t>(picoseconds))); }

}  // namespace

EventSet WorkDone::kinds() const {
  using K = EventKind;
  return events({K::job_start, K::job_preempted, K::job_resumed, K::job_end, K::dma_fence_signaled});
}

void WorkDone::on_event(const Event& event) {
  switch (event.kind) {
    case EventKind::job_start:
      grown(engines_, event.unit) = {event.job, event.a, 0, event.time};
      return;
    case EventKind::job_preempted:
      return on_preempted(event);
    case EventKind::job_resumed:
      return on_resumed(event);
    case EventKind::job_end:
      return on_end(event);
    default:  // given up while preempted
      if (event.c != 0) preempted_.erase(event.job);
      return;
  }
}

/// The job's progress up to now; fails if the engine does not execute it.
WorkDone::Progress& WorkDone::running(const Event& event) {
  Progress& progress = grown(engines_, event.unit);
  if (progress.job != event.job) {
    fail(event, job_text(event.job) + " of " + queue_text(event.queue) + " left " + engine_text(event.unit) +
                    ", which was not executing it");
  }
  progress.done += static_cast<std::uint64_t>((event.time - progress.since).count());
  progress.since = event.time;
  return progress;
}

void WorkDone::on_preempted(const Event& event) {
  Progress& progress = running(event);
  if (progress.done != event.a) {
    fail(event, job_text(event.job) + " of " + queue_text(event.queue) + " was preempted on " +
                    engine_text(event.unit) + " with " + text_of(event.a) + " said to be done; it had executed for " +
                    text_of(progress.done));
  }
  preempted_.find_or_insert(event.job) = progress;
  progress = {};
}

void WorkDone::on_resumed(const Event& event) {
  const Progress* progress = preempted_.find(event.job);
  if (progress == nullptr || progress->done != event.a) {
    fail(event, job_text(event.job) + " of " + queue_text(event.queue) + " was resumed on " + engine_text(event.unit) +
                    " with " + text_of(event.a) + " said to be done; " +
                    (progress == nullptr ? "it was not preempted" : "it had executed for " + text_of(progress->done)));
  }
  Progress& engine = grown(engines_, event.unit);
  engine = *progress;
  engine.since = event.time;
  preempted_.erase(event.job);
}

void WorkDone::on_end(const Event& event) {
  Progress& progress = running(event);
  if (progress.done != progress.work && progress.work != kEndless) {
    fail(event, job_text(event.job) + " of " + queue_text(event.queue) + " ended on " + engine_text(event.unit) +
                    " after " + text_of(progress.done) + " of execution; its work is " + text_of(progress.work));
  }
  progress = {};
}

}  // namespace gpusim::trace
