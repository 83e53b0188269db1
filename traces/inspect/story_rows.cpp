// SPDX-License-Identifier: MIT
// On the host, until it is in the ring, and what goes wrong.
#include "traces/inspect/story_rows.h"

#include <fmt/core.h>

#include "traces/event/faults.h"
#include "traces/event/handlers.h"
#include "traces/inspect/words.h"

namespace gpusim::trace {

StoryRows::StoryRows(const Recording& recording, const RunIndex& index, JobId job)
    : names_{recording.names}, index_{index}, job_{job}, facts_{*index.job(job)} {
  for (const Event& event : recording.events) dispatch(*this, event);
}

std::string StoryRows::head(JobId job) const {
  return is_mine(job) ? "it, the head of its queue," : index_.text(job) + ", the head of its queue,";
}

std::string StoryRows::engine(std::uint32_t number) const {
  return number < names_.engines.size() ? names_.engines[number].name : "an engine";
}

std::string StoryRows::doer(std::uint16_t cpu, std::uint32_t number) const {
  if (const auto handler = handlers_.find(cpu); handler != handlers_.end()) {
    return fmt::format("the handler of interrupt {} on CPU {}", Names::of(names_.vectors, handler->second), cpu);
  }
  const auto work = works_.find(number);
  return work == works_.end() ? thread(number)
                              : fmt::format("{} ({})", thread(number), Names::of(names_.works, work->second));
}

void StoryRows::on(const exec_begin& event) {
  if (!is_mine(event.job)) return;
  stage_ = Stage::submitting;
  const std::string work = facts_.work_ps == kEndlessWork
                               ? "endless work"
                               : exact(ps(static_cast<std::int64_t>(facts_.work_ps))) + " of work";
  say(event.time, fmt::format("{} calls exec on CPU {}: {}, {}", thread(event.thread), event.cpu,
                              counted(event.credits, "credit"), work));
}

void StoryRows::on(const exec_lock_wait& event) {
  if (is_mine(event.job)) say(event.time, "sleeps on the lock of queue " + queue());
}
void StoryRows::on(const exec_lock_acquired& event) {
  if (is_mine(event.job)) say(event.time, "has the lock");
}
void StoryRows::on(const exec_end& event) {
  if (!is_mine(event.job)) return;
  if (event.error != Errno::ok) stage_ = Stage::signalled;
  say(event.time, fmt::format("exec returns {}", to_string(event.error)));
}

void StoryRows::on(const drm_sched_job_add_dep& event) {
  if (!is_mine(event.job)) return;
  const FenceName name{event.dependency_context, event.dependency_seqno};
  const FenceFacts* fence = index_.fence(name);
  const std::string when = fence == nullptr || !fence->signalled ? "which does not signal in this run"
                           : *fence->signalled <= event.time     ? "which has signalled"
                                                                 : "which signals at " + exact(*fence->signalled);
  say(event.time, fmt::format("depends on {}, {}", index_.text(name), when));
}

void StoryRows::on(const native_dependency& event) {
  if (!is_mine(event.job)) return;
  say(event.time, "depends on " + index_.text(FenceName{event.dependency_context, event.dependency_seqno}) +
                      ", which is left to the device");
}

void StoryRows::on(const user_dependency& event) {
  if (!is_mine(event.job)) return;
  say(event.time, "the client waits for " + index_.text(FenceName{event.dependency_context, event.dependency_seqno}));
}
void StoryRows::on(const user_dependency_reached& event) {
  if (is_mine(event.job)) say(event.time, "that has signalled");
}

void StoryRows::on(const gang_submit& event) {
  if (!is_mine(event.job)) return;
  say(event.time, is_mine(event.leader) ? "leads a gang" : "belongs to the gang of " + index_.text(event.leader));
}

void StoryRows::on(const drm_sched_job_queue& event) {
  if (!is_mine(event.job)) return;
  stage_ = Stage::queued;
  finished_ = {event.context, event.seqno};
  say(event.time,
      fmt::format("is pushed to {}, behind {}; {} in flight; its finished fence is {}:{}", queue(),
                  counted(event.queued, "job"), counted(event.in_flight, "credit"), event.context, event.seqno));
}

void StoryRows::on(const job_bypass_refused& event) {
  if (is_mine(event.job)) {
    say(event.time,
        fmt::format("may not bypass the worker: condition {} does not hold", event.condition.as<std::uint64_t>()));
  }
}

void StoryRows::on(const drm_sched_job_unschedulable& event) {
  if (!concerns(event.queue, Stage::queued, Stage::queued)) return;
  const FenceName name{event.dependency_context, event.dependency_seqno};
  say(event.time, fmt::format("{} waits for {}", head(event.job), index_.text(name)));
}

void StoryRows::on(const dependency_ready& event) {
  const FenceName name{event.dependency_context, event.dependency_seqno};
  if (stage_ == Stage::signalled && name == finished_) {
    return say(event.time, fmt::format("{}, which waited for it, may go on", index_.text(event.job)));
  }
  if (!concerns(event.queue, Stage::queued, Stage::queued)) return;
  say(event.time, fmt::format("fence {}:{} has signalled: the worker is queued", name.first, name.second));
}

void StoryRows::on(const credit_blocked& event) {
  if (!concerns(event.queue, Stage::queued, Stage::queued)) return;
  say(event.time, fmt::format("{} lacks credits: it needs {}, {} of {} are in flight", head(event.job), event.credits,
                              event.in_flight, event.limit));
}

void StoryRows::on(const credit_returned& event) {
  if (is_mine(event.job)) {
    say(event.time, fmt::format("gives back {}, {} in flight", counted(event.credits, "credit"), event.in_flight));
  } else if (event.head_free && concerns(event.queue, Stage::queued, Stage::queued)) {
    say(event.time,
        fmt::format("{} gives back {}: the head may go on", index_.text(event.job), counted(event.credits, "credit")));
  }
}

void StoryRows::on(const token_wait& event) {
  if (!concerns(event.queue, Stage::queued, Stage::queued)) return;
  say(event.time, fmt::format("{} waits for a token of the orchestrator, behind {}", head(event.job),
                              counted(event.ahead, "queue")));
}
void StoryRows::on(const token_granted& event) {
  if (concerns(event.queue, Stage::queued, Stage::queued)) say(event.time, "the queue gets a token");
}
void StoryRows::on(const token_withdrawn& event) {
  if (is_mine(event.job)) say(event.time, "wants no token any more");
}
void StoryRows::on(const gang_wait& event) {
  if (!concerns(event.queue, Stage::queued, Stage::queued)) return;
  say(event.time, fmt::format("{} waits for its gang's turn: the one of {} goes to the rings", head(event.job),
                              index_.text(FenceName{event.context, event.seqno})));
}
void StoryRows::on(const gang_switch& event) {
  if (is_mine(event.job)) say(event.time, "from here on its gang goes to the rings");
}

void StoryRows::on(const drm_sched_job_run& event) {
  if (!is_mine(event.job)) return;
  stage_ = Stage::issuing;
  say(event.time, fmt::format("{} hands it over (run_job); {} in flight with it", doer(event.cpu, event.thread),
                              counted(event.in_flight, "credit")));
}

void StoryRows::on(const ring_full& event) {
  if (is_mine(event.job)) {
    say(event.time, fmt::format("the ring has room for {}, and it needs {}", event.free, event.needed));
  }
}
void StoryRows::on(const ring_space& event) {
  if (is_mine(event.job)) say(event.time, "the ring has room");
}
void StoryRows::on(const ring_wait_write& event) {
  if (is_mine(event.job)) say(event.time, fmt::format("its ring entry is to wait for the value {}", event.value));
}
void StoryRows::on(const ring_write& event) {
  if (!is_mine(event.job)) return;
  stage_ = Stage::written;
  ring_index_ = event.index;
  say(event.time,
      fmt::format("its ring entry {} is written; {} of {} are free", event.index, event.free, event.capacity));
}
void StoryRows::on(const doorbell_write& event) {
  const bool is_told = concerns(event.queue, Stage::written, Stage::written) && event.write_index > ring_index_;
  if (!is_mine(event.job) && !is_told) return;
  rung_for_[event.write_index] = event.job;
  const std::string what =
      event.doorbell == 0 ? "the firmware is sent a message" : fmt::format("doorbell {} is rung", event.doorbell);
  say(event.time, is_mine(event.job) ? what : what + " for " + index_.text(event.job));
}

// --- what goes wrong -------------------------------------------------------------------------------------------------

void StoryRows::on(const job_timedout& event) {
  if (is_mine(event.job)) {
    say(event.time, event.hardware_done ? "times out, though it has ended on the hardware" : "times out");
  } else if (lives() && event.queue == facts_.queue) {
    say(event.time, index_.text(event.job) + " times out");
  }
}
void StoryRows::on(const timeout_verdict& event) {
  if (!lives() || event.queue != facts_.queue) return;
  say(event.time, "the timeout's verdict: " + Names::of(names_.verdicts, event.verdict.as<std::uint64_t>()));
}
void StoryRows::on(const queue_stop& event) {
  if (lives() && event.queue == facts_.queue) say(event.time, "the queue is stopped");
}
void StoryRows::on(const queue_start& event) {
  if (lives() && event.queue == facts_.queue) say(event.time, "the queue is started");
}
void StoryRows::on(const queue_kill& event) {
  if (lives() && event.queue == facts_.queue) {
    say(event.time, fmt::format("the queue is killed: {} for jobs that have not run", to_string(event.error)));
  }
}
void StoryRows::on(const queue_banned& event) {
  if (!lives() || event.queue != facts_.queue) return;
  const std::string guilt = event.job.value() == 0 ? ""
                            : is_mine(event.job)   ? ": it is guilty"
                                                   : ": guilty is " + index_.text(event.job);
  say(event.time, "the queue is banned" + guilt);
}
void StoryRows::on(const engine_reset& event) {
  if (lives() && event.queue == facts_.queue) {
    say(event.time,
        engine(event.engine) + " is reset under the queue" + (event.with_device ? ", with the device" : ""));
  }
}
void StoryRows::on(const device_reset_begin& event) {
  if (!lives()) return;
  const bool is_missed = event.reason.as<ResetReason>() == ResetReason::preempt_missed;
  say(event.time, is_missed ? "the host resets the device: a queue was to leave its engine, and did not in time"
                            : "a reset of the device begins");
}
void StoryRows::on(const device_reset_end& event) {
  if (lives()) say(event.time, "the device answers again");
}
void StoryRows::on(const device_gone& event) {
  if (lives()) say(event.time, "the device is gone");
}
void StoryRows::on(const fault_injected& event) {
  const bool is_of_queue = lives() && event.queue == facts_.queue;
  const auto fault = event.fault.as<Fault>();
  const bool is_of_interrupt =
      fault == Fault::lost_interrupt || fault == Fault::late_interrupt || fault == Fault::duplicate_interrupt;
  const bool is_of_vector = awaits_handler_ && is_of_interrupt && event.unit == vector_;
  const bool is_of_firmware = fault == Fault::firmware_crash || fault == Fault::firmware_stall;
  const bool is_of_device = (is_of_firmware && stage_ >= Stage::written && stage_ <= Stage::fetched) ||
                            (fault == Fault::link_error && stage_ >= Stage::written && stage_ <= Stage::worked);
  const bool is_of_others = event.job.value() != 0 && !is_mine(event.job);
  if (is_mine(event.job) || (is_of_queue && !is_of_others) || is_of_vector || is_of_device) {
    say(event.time, "fault." + Names::of(names_.faults, event.fault.as<std::uint64_t>()) + " strikes");
  }
}

}  // namespace gpusim::trace
