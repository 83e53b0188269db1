// SPDX-License-Identifier: MIT
#include "traces/oracles/timeouts.h"

#include <fmt/core.h>

#include "base/grown.h"
#include "traces/event/handlers.h"

namespace gpusim::trace {
namespace {

// The kernel counts from the jiffy that has begun.
constexpr Picoseconds kJiffy = ms(1);

}  // namespace

void Timeouts::attach_to(Recorder& recorder) { attach_handlers(*this, recorder); }

void Timeouts::on(const drm_sched_job_run& event) {
  if (timeout_.count() == 0) return;
  Queue& queue = ring_of(event.queue);
  queue.restarted = event.time;
  if (event.job != queue.last_run) queue.on_hardware.push_back(event.job);
  queue.last_run = event.job;
  if (queue.on_hardware.empty() || queue.on_hardware.front() == event.job) queue.since = event.time;
}

void Timeouts::on(const dma_fence_signaled& event) {
  if (timeout_.count() == 0 || event.job == JobId{}) return;
  Queue& queue = ring_of(event.queue);
  if (queue.on_hardware.empty() || queue.on_hardware.front() != event.job) return;  // it was not run
  check_late(event.queue, event.job, event.time, "ended");
  queue.on_hardware.pop_front();
  queue.since = queue.restarted = event.time;
}

void Timeouts::on(const job_timedout& event) {
  Queue& queue = ring_of(event.queue);
  queue.judging = true;
  queue.started = false;
  ++busy_;
  if (queue.on_hardware.empty() || queue.on_hardware.front() != event.job) return;  // it was done in between
  if (!queue.asked && !gone_ && event.time + kJiffy < queue.since + timeout_) {
    fail(event.time,
         fmt::format("timedout_job was called for {} of {} {} after it had become the head; its timeout is {}",
                     job_text(event.job), queue_text(event.queue), format_duration(event.time - queue.since),
                     format_duration(timeout_)));
  }
  queue.judging = false;
  --busy_;
  check_late(event.queue, event.job, event.time, "timed out");
  if (queue.killed && asked_once_) queue.asked_about = event.job;
  ++busy_;
  queue.judging = true;
}

void Timeouts::on(const timeout_verdict& event) {
  Queue& queue = ring_of(event.queue);
  queue.judging = false;
  queue.restarted = event.time;
  leave(event.time);
  // A head that has come after the job in question has its time since then: its timer ran meanwhile. So did that of a
  // head whose queue was started meanwhile, if the component leaves it alone; the steps from there to here are its
  // time.
  if (timers_left_running_ && queue.started) return;
  if (!queue.on_hardware.empty() && queue.on_hardware.front() == event.job) queue.since = event.time;
}

void Timeouts::on(const queue_stop& event) { ++grown(queues_, event.queue).stops; }

void Timeouts::on(const queue_start& event) {
  Queue& queue = grown(queues_, event.queue);
  if (queue.stops > 0) --queue.stops;
  queue.started = queue.stops == 0;
  queue.since = queue.restarted = event.time;
}

void Timeouts::on(const queue_kill& event) {
  Queue& queue = grown(queues_, event.queue);
  if (kills_queued_only_) return;
  queue.killed = queue.asked = true;
  queue.restarted = event.time;
}

void Timeouts::on(const engine_reset& event) { grown(queues_, event.queue).asked = true; }
void Timeouts::on(const reset_notify& event) { grown(queues_, event.queue).asked = true; }
void Timeouts::on(const device_gone&) { gone_ = true; }
void Timeouts::on(const device_reset_begin&) { ++busy_; }
void Timeouts::on(const device_reset_end& event) { leave(event.time); }

void Timeouts::leave(SimTime now) {
  if (busy_ != 0) --busy_;
  idle_since_ = now;
}

void Timeouts::check_late(QueueId id, JobId head, SimTime now, const char* what) {
  const Queue& queue = ring_of(id);
  if (slack_ >= kLongestSum || queue.judging || queue.stops != 0 || gone_ || (serial_ && busy_ != 0)) return;
  const bool is_hurried = queue.killed && queue.asked_about != head;
  const Picoseconds due = is_hurried ? std::min(kill_timeout_, timeout_) : timeout_;
  if (now <= queue.restarted + due + due / 8 + slack_ || (serial_ && now <= idle_since_ + slack_)) return;
  fail(now,
       fmt::format("{} of {} {} at last; timedout_job was due {} before{}", job_text(head), queue_text(id), what,
                   format_duration(now - queue.restarted - due), is_hurried ? ", because the queue was killed" : ""));
}

}  // namespace gpusim::trace
