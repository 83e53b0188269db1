// SPDX-License-Identifier: MIT
#include "traces/oracles/timeouts.h"

#include "base/grown.h"

namespace gpusim::trace {
namespace {

// What workers and CPUs may add; the kernel's timer wheel may add an eighth of the timeout.
constexpr Picoseconds kSlack = ms(1'000);
// The kernel counts from the jiffy that has begun.
constexpr Picoseconds kJiffy = ms(1);

}  // namespace

EventSet Timeouts::kinds() const {
  using K = EventKind;
  return events({K::drm_sched_job_run, K::dma_fence_signaled, K::job_timedout, K::timeout_verdict, K::queue_stop,
                 K::queue_start, K::queue_kill, K::engine_reset, K::reset_notify, K::device_gone});
}

void Timeouts::on_event(const Event& event) {
  if (timeout_.count() == 0) return;
  if (event.kind == EventKind::device_gone) {
    gone_ = true;
    return;
  }
  Queue& queue = grown(queues_, event.queue);
  switch (event.kind) {
    case EventKind::drm_sched_job_run:
      return on_run(event, queue);
    case EventKind::dma_fence_signaled:
      if (event.job != 0) on_finished(event, queue);
      return;
    case EventKind::job_timedout:
      return on_timedout(event, queue);
    case EventKind::timeout_verdict:
      queue.judging = false;
      queue.since = queue.restarted = event.time;
      return;
    case EventKind::queue_stop:
      ++queue.stops;
      return;
    case EventKind::queue_start:
      if (queue.stops > 0) --queue.stops;
      queue.since = queue.restarted = event.time;
      return;
    case EventKind::queue_kill:
      queue.killed = queue.asked = true;
      queue.restarted = event.time;
      return;
    default:  // engine_reset, reset_notify
      queue.asked = true;
      return;
  }
}

void Timeouts::on_run(const Event& event, Queue& queue) {
  queue.restarted = event.time;
  if (event.job != queue.last_run) queue.on_hardware.push_back(event.job);
  queue.last_run = event.job;
  if (queue.on_hardware.empty() || queue.on_hardware.front() == event.job) queue.since = event.time;
}

void Timeouts::on_finished(const Event& event, Queue& queue) {
  if (queue.on_hardware.empty() || queue.on_hardware.front() != event.job) return;  // it was not run
  check_late(event, queue, "ended");
  queue.on_hardware.pop_front();
  queue.since = queue.restarted = event.time;
}

void Timeouts::on_timedout(const Event& event, Queue& queue) {
  queue.judging = true;
  if (queue.on_hardware.empty() || queue.on_hardware.front() != event.job) return;  // it was done in between
  if (!queue.asked && !gone_ && event.time + kJiffy < queue.since + timeout_) {
    fail(event, "timedout_job was called for " + job_text(event.job) + " of " + queue_text(event.queue) + " " +
                    format_duration(event.time - queue.since) + " after it had become the head; its timeout is " +
                    format_duration(timeout_));
  }
  queue.judging = false;
  check_late(event, queue, "timed out");
  queue.judging = true;
}

void Timeouts::check_late(const Event& event, const Queue& queue, const char* what) const {
  if (queue.judging || queue.stops != 0 || gone_) return;
  const Picoseconds due = queue.killed ? Picoseconds{0} : timeout_;
  if (event.time <= queue.restarted + due + due / 8 + kSlack) return;
  fail(event, job_text(event.job) + " of " + queue_text(event.queue) + " " + what + " at last; timedout_job was due " +
                  format_duration(event.time - queue.restarted - due) + " before" +
                  (queue.killed ? ", because the queue was killed" : ""));
}

}  // namespace gpusim::trace
