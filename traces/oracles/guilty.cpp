// SPDX-License-Identifier: MIT
#include "traces/oracles/guilty.h"

#include <fmt/core.h>

#include "base/grown.h"
#include "traces/event/handlers.h"

namespace gpusim::trace {

void Guilty::attach_to(Recorder& recorder) { attach_handlers(*this, recorder); }

void Guilty::on(const drm_sched_job_run& event) {
  if (rules_.since_run_job.count() != 0) grown(queues_, event.queue).on_hardware.push_back({event.job, event.time});
}

void Guilty::on(const queue_kill& event) { grown(queues_, event.queue).is_killed = true; }

void Guilty::check_clock_of_stage(const job_timedout& event, const Queue& queue) const {
  if (queue.is_killed || queue.on_hardware.empty() || queue.on_hardware.front().job != event.job) return;
  const Picoseconds passed = event.time - queue.on_hardware.front().at;
  if (passed >= rules_.since_run_job) return;
  fail(event.time,
       fmt::format("{} of {} timed out {} after run_job(); its timeout is {}", job_text(event.job),
                   queue_text(event.queue), format_duration(passed), format_duration(rules_.since_run_job)));
}

void Guilty::on(const job_start& event) {
  check_page_fault(event.queue, event.job, event.time);
  Queue& queue = grown(queues_, event.queue);
  queue.last_begun = event.job;
  queue.begun_meanwhile = queue.timed_out == event.job;
  queue.run = Picoseconds{0};
  queue.running_since = event.time;
  queue.left.reset();
}

void Guilty::on(const job_preempted& event) {
  Queue& queue = grown(queues_, event.queue);
  queue.run = run_time(queue, event.time);
  queue.running_since.reset();
  queue.left = event.time;
}

void Guilty::on(const job_end& event) {
  check_page_fault(event.queue, event.job, event.time);
  Queue& queue = grown(queues_, event.queue);
  queue.run = run_time(queue, event.time);
  queue.running_since.reset();
  queue.left = event.time;
}

void Guilty::on(const job_resumed& event) {
  check_page_fault(event.queue, event.job, event.time);
  Queue& queue = grown(queues_, event.queue);
  queue.running_since = event.time;
  queue.left.reset();
}

void Guilty::on(const context_save_end& event) { grown(queues_, event.queue).left = event.time; }

void Guilty::on(const engine_reset& event) {
  Queue& queue = grown(queues_, event.queue);
  queue.was_reset = true;
  queue.run = run_time(queue, event.time);
  queue.running_since.reset();
}

void Guilty::on(const job_timedout& event) {
  Queue& queue = grown(queues_, event.queue);
  check_clock_of_stage(event, queue);
  const bool again = queue.timed_out == event.job && event.job == queue.last_begun;
  queue.stuck = again && run_time(queue, event.time) <= queue.run_at_verdict;
  queue.timeouts = queue.timed_out == event.job ? queue.timeouts + 1 : 1;
  queue.timed_out = event.job;
  queue.answered = false;
  queue.judged = false;
  queue.resets_then = resets_;
}

void Guilty::on(const timeout_verdict& event) {
  Queue& queue = grown(queues_, event.queue);
  queue.run_at_verdict = run_time(queue, event.time);
  queue.judged = queue.answered && !resetting_ && !reset_wanted_;
}

void Guilty::on(const message_abandoned& event) { grown(queues_, event.queue).unanswered = true; }

void Guilty::on(const message_reply& event) {
  Queue& queue = grown(queues_, event.queue);
  queue.answered = true;
  // The driver has the device reset for it. That the queue leaves its engine before the reset begins lifts no blame.
  if (rules_.preempt_missed && event.action == *rules_.preempt_missed && !resetting_) {
    queue.missed_before = resets_ + 1;
  }
}

// A reset counts against whoever is the head near its end, so one that is under way may count against the next head.
void Guilty::on(const dma_fence_signaled& event) {
  if (event.job != JobId{}) {
    Queue& queue = grown(queues_, event.queue);
    queue.resets_before = resets_ - (resetting_ ? 1 : 0);
    while (!queue.on_hardware.empty() && queue.on_hardware.front().job <= event.job) queue.on_hardware.pop_front();
  }
  if (event.job == JobId{} && rules_.fence_timeout) --grown(queues_, event.queue).fences;
}

void Guilty::on(const dma_fence_init& event) {
  if (event.job != JobId{} || !rules_.fence_timeout) return;
  Queue& queue = grown(queues_, event.queue);
  if (queue.fences++ == 0) queue.watched_since = event.time;
}

void Guilty::on(const queue_restored& event) { grown(queues_, event.queue).watched_since = event.time; }

void Guilty::on(const reset_notify& event) { grown(queues_, event.queue).was_notified = true; }

void Guilty::on(const page_fault& event) {
  if (resetting_) return;
  Queue& queue = grown(queues_, event.queue);
  queue.faulted = event.job;
  queue.is_given_up = true;
}

void Guilty::on(const queue_registered& event) { grown(queues_, event.queue).is_given_up = false; }

void Guilty::check_page_fault(QueueId id, JobId job, SimTime now) {
  const Queue& queue = grown(queues_, id);
  if (queue.faulted == JobId{} || (job != queue.faulted && !queue.is_given_up)) return;
  fail(now, fmt::format("{} of {} was executed after the page fault of {}", job_text(job), queue_text(id),
                        job_text(queue.faulted)));
}

void Guilty::on(const workqueue_queue_work& event) {
  if (event.queue == QueueId{} && work_text(event.work) == "device_reset") reset_wanted_ = true;
}

void Guilty::on(const device_reset_begin& event) {
  ++resets_;
  reset_began_ = event.time;
  for (Queue& queue : queues_) queue.faulted = {};
  resetting_ = true;
  reset_wanted_ = false;
}

void Guilty::on(const device_reset_end&) { resetting_ = false; }

void Guilty::check_user_queue(const queue_banned& event, const Queue& queue) const {
  if (event.job == JobId{} || queue.was_notified || resetting_) return;
  const Picoseconds waited = event.time - queue.watched_since;
  if (waited >= *rules_.fence_timeout) return;
  fail(event.time,
       fmt::format("{} was banned for {}, after {} of {} with a fence on the hardware", queue_text(event.queue),
                   job_text(event.job), format_duration(waited), format_duration(*rules_.fence_timeout)));
}

void Guilty::on(const queue_banned& event) {
  const Queue& queue = grown(queues_, event.queue);
  if (rules_.fence_timeout) return check_user_queue(event, queue);
  if (event.job == JobId{} || queue.was_reset || (resetting_ && rules_.reset_takes_all)) return;
  const std::string banned = queue_text(event.queue) + " was banned for " + job_text(event.job);
  if (event.job > queue.last_begun) {
    const std::uint64_t seen =
        resets_ - queue.resets_before + (queue.timed_out == event.job ? queue.timeouts : std::uint32_t{0});
    // It timed out in the reset under way, or before it and in none, and was not judged before it: that the firmware
    // had answered does not help it.
    const bool bystander = queue.timed_out == event.job && resets_ <= queue.resets_then + 1 && !queue.judged;
    if (rules_.not_begun || (resetting_ && queue.missed_before == resets_) ||
        (rules_.bans_first && (queue.unanswered || (resetting_ && bystander))) ||
        (rules_.reset_limit != 0 && seen > rules_.reset_limit))
      return;
    fail(event.time, fmt::format("{}, which had not begun", banned));
  }
  if (event.job < queue.last_begun || (resetting_ && rules_.reset_takes_begun)) return;
  if (resetting_ && queue.left && *queue.left + rules_.write_latency >= reset_began_) return;
  if (resetting_ && queue.missed_before == resets_) return;
  const Picoseconds run = run_time(queue, event.time);
  if (run >= rules_.run_time || (rules_.stuck && queue.stuck)) return;
  if (rules_.bans_first && (queue.begun_meanwhile || queue.unanswered)) return;
  fail(event.time,
       fmt::format("{}, which had run for {} of {}", banned, format_duration(run), format_duration(rules_.run_time)));
}

}  // namespace gpusim::trace
