// SPDX-License-Identifier: MIT
#include "traces/inspect/standing.h"
#include "traces/event/faults.h"

#include <algorithm>

#include "base/grown.h"
#include "traces/event/handlers.h"

namespace gpusim::trace {

Standing::Standing(const Recording& recording, SimTime at) : at_{at}, engines_(recording.names.engines.size()) {
  for (const Event& event : recording.events) {
    if (event.time > at) break;
    dispatch(milestones_, event);
    dispatch(*this, event);
  }
}

QueueStanding& Standing::of(QueueId queue) { return grown(queues_, queue); }

const QueueStanding& Standing::queue(QueueId queue) const {
  static const QueueStanding kNone;
  return queue.value() < queues_.size() ? queues_[queue.value()] : kNone;
}

const EngineStanding& Standing::engine(std::uint32_t engine) const {
  static const EngineStanding kNone;
  return engine < engines_.size() ? engines_[engine] : kNone;
}

std::optional<Standing::ThreadWait> Standing::wait_of(std::uint32_t thread) const {
  const auto found = thread_waits_.find(thread);
  return found == thread_waits_.end() ? std::nullopt : std::optional{found->second};
}

std::optional<FenceName> Standing::user_wait(JobId job) const {
  const auto found = user_waits_.find(job);
  return found == user_waits_.end() ? std::nullopt : std::optional{found->second};
}

// --- the host --------------------------------------------------------------------------------------------------------

void Standing::on(const queue_create& event) {
  QueueStanding& queue = of(event.queue);
  queue.exists = true;
  queue.level = event.priority;
  queue.engine_mask = event.engine_mask;
}

void Standing::on(const exec_begin& event) { of(event.queue).submitting.push_back(event.job); }
void Standing::on(const exec_end& event) {
  std::erase(of(event.queue).submitting, event.job);
  lock_waits_.erase(event.job);
  user_waits_.erase(event.job);
}
void Standing::on(const user_dependency& event) {
  user_waits_[event.job] = {event.dependency_context, event.dependency_seqno};
}

void Standing::on(const native_dependency& event) {
  native_waits_[event.job].emplace_back(event.dependency_context, event.dependency_seqno);
}

std::vector<FenceName> Standing::native_waits(JobId job) const {
  const auto found = native_waits_.find(job);
  return found == native_waits_.end() ? std::vector<FenceName>{} : found->second;
}

void Standing::on(const drm_sched_job_queue& event) {
  QueueStanding& queue = of(event.queue);
  std::erase(queue.submitting, event.job);
  queue.queued.push_back(event.job);
}

void Standing::on(const drm_sched_job_unschedulable& event) {
  // drm_sched names every fence that it waits for, also the one that prepare_job has just given.
  const HeadWait& wait = of(event.queue).wait;
  if (wait.what == HeadWait::For::gang && wait.head == event.job) return;
  wait_for(event.queue, {.what = HeadWait::For::dependency,
                         .head = event.job,
                         .since = event.time,
                         .fence = {event.dependency_context, event.dependency_seqno}});
}
void Standing::on(const dependency_ready& event) { of(event.queue).wait = {}; }

void Standing::on(const credit_blocked& event) {
  wait_for(event.queue, {.what = HeadWait::For::credits,
                         .head = event.job,
                         .since = event.time,
                         .fence = {},
                         .needed = event.credits,
                         .in_flight = event.in_flight,
                         .limit = event.limit});
}
void Standing::on(const credit_returned& event) {
  if (event.head_free) of(event.queue).wait = {};
}

void Standing::on(const token_wait& event) {
  wait_for(event.queue, {.what = HeadWait::For::token, .head = event.job, .since = event.time, .fence = {}});
}
void Standing::on(const token_granted& event) {
  of(event.queue).wait = {};
  of(event.queue).has_token = true;
}
void Standing::on(const token_returned& event) { of(event.queue).has_token = false; }
void Standing::on(const token_withdrawn& event) { of(event.queue).wait = {}; }

void Standing::on(const gang_wait& event) {
  wait_for(
      event.queue,
      {.what = HeadWait::For::gang, .head = event.job, .since = event.time, .fence = {event.context, event.seqno}});
}

void Standing::on(const drm_sched_job_run& event) {
  QueueStanding& queue = of(event.queue);
  std::erase(queue.queued, event.job);
  if (std::find(queue.handed.begin(), queue.handed.end(), event.job) == queue.handed.end()) {
    queue.handed.push_back(event.job);
  }
  if (queue.wait.head == event.job) queue.wait = {};
  last_run_ = {event.job, event.time};
}

/// A client in user mode hands its jobs over by that alone.
void Standing::on(const ring_write& event) {
  QueueStanding& queue = of(event.queue);
  if (std::find(queue.submitting.begin(), queue.submitting.end(), event.job) == queue.submitting.end()) return;
  std::erase(queue.queued, event.job);
  if (std::find(queue.handed.begin(), queue.handed.end(), event.job) == queue.handed.end()) {
    queue.handed.push_back(event.job);
  }
}

void Standing::on(const dma_fence_signaled& event) {
  if (event.job.value() == 0) return;
  native_waits_.erase(event.job);
  QueueStanding& queue = of(event.queue);
  std::erase(queue.queued, event.job);
  std::erase(queue.handed, event.job);
  if (queue.wait.head == event.job) queue.wait = {};
}

void Standing::on(const dma_fence_wait_start& event) {
  thread_waits_[event.thread] = {{event.context, event.seqno}, event.time};
}

void Standing::on(const workqueue_queue_work& event) {
  of(event.queue).works.try_emplace(event.work.as<std::uint64_t>(), event.time);
}
void Standing::on(const workqueue_execute_start& event) {
  const auto work = event.work.as<std::uint64_t>();
  of(event.queue).works.erase(work);
  of(event.queue).at_work[work] = {event.thread, event.time};
}
void Standing::on(const workqueue_execute_end& event) { of(event.queue).at_work.erase(event.work.as<std::uint64_t>()); }

void Standing::on(const queue_start& event) {
  QueueStanding& queue = of(event.queue);
  if (queue.stops > 0) --queue.stops;
}

void Standing::on(const device_reset_begin& event) {
  resetting_ = event.time;
  resets_for_preemption_ = event.reason.as<ResetReason>() == ResetReason::preempt_missed;
}

// --- the device ------------------------------------------------------------------------------------------------------

void Standing::on(const firmware_wake& event) {
  firmware_ = {.state = FirmwareStanding::State::waking, .since = event.time, .queue = {}};
}
void Standing::on(const firmware_begin& event) {
  firmware_ = {.state = FirmwareStanding::State::serving,
               .since = event.time,
               .event = event.event.as<std::uint64_t>(),
               .queue = event.queue};
}
void Standing::on(const firmware_end& event) {
  firmware_ = {.state = FirmwareStanding::State::asleep, .since = event.time, .queue = {}};
  if (event.queue.value() == 0) return;
  // A doorbell, a watched value, or its engine's report has been served: it is back in line if it has work.
  QueueStanding& queue = of(event.queue);
  queue.is_in_line = queue.is_known && queue.has_slot && !queue.engine;
}

void Standing::on(const queue_deregistered& event) {
  QueueStanding& queue = of(event.queue);
  queue.is_known = queue.is_in_line = false;
}

bool Standing::could_be_picked(const QueueStanding& queue, std::uint32_t engine) {
  const bool is_in_line = queue.is_in_line && !queue.engine && !queue.ring_wait && queue.stops == 0;
  if (!is_in_line || (queue.engine_mask >> engine & 1) == 0) return false;
  return std::any_of(queue.handed.begin(), queue.handed.end(), [this](JobId job) {
    const auto place = milestones_.place_of(job);
    return place && (place->stage == Milestones::Stage::device_wait || place->stage == Milestones::Stage::started);
  });
}

/// Of an engine that the run has; a file may say anything.
void Standing::on(const decision& event) {
  if (event.engine >= engines_.size() || event.engine >= 64) return;
  for (std::size_t i = 1; i < queues_.size(); ++i) {
    if (i != event.queue.value() && could_be_picked(queues_[i], event.engine)) queues_[i].passed_over = event;
  }
}

void Standing::on(const queue_ready& event) {
  QueueStanding& queue = of(event.queue);
  queue.is_known = true;
  queue.has_slot = event.resident;
  queue.is_in_line = event.resident && !queue.engine;
}

/// Orders take effect at the end of the service that gave them, before firmware_end.
void Standing::on(const engine_assign& event) {
  leave(event.engine, event.time);
  EngineStanding& engine = grown(engines_, event.engine);
  engine.queue = event.queue;
  engine.assigned = event.time;
  if (event.loaded) engine.loaded = event.time;
  if (firmware_.state == FirmwareStanding::State::serving) engine.pick = firmware_.since;
  QueueStanding& queue = of(event.queue);
  queue.engine = event.engine;
  queue.is_in_line = false;
  queue.passed_over.reset();
}

void Standing::on(const engine_release& event) { leave(event.engine, event.time); }

void Standing::leave(std::uint32_t number, SimTime now) {
  EngineStanding& engine = grown(engines_, number);
  if (engine.queue.value() != 0) of(engine.queue).engine.reset();
  engine = {.since = now, .queue = {}, .loaded = {}, .job = {}, .pick = {}};
}

void Standing::do_now(std::uint32_t engine, EngineStanding::Doing doing, SimTime now) {
  grown(engines_, engine).doing = doing;
  engines_[engine].since = now;
}

void Standing::on(const context_restore_begin& event) {
  do_now(event.engine, EngineStanding::Doing::restoring, event.time);
}
void Standing::on(const context_restore_end& event) {
  do_now(event.engine, EngineStanding::Doing::nothing, event.time);
  engines_[event.engine].loaded = event.time;
}
void Standing::on(const context_save_begin& event) { do_now(event.engine, EngineStanding::Doing::saving, event.time); }
void Standing::on(const context_save_end& event) { do_now(event.engine, EngineStanding::Doing::nothing, event.time); }

void Standing::work_begins(std::uint32_t engine, JobId job, SimTime now) {
  do_now(engine, EngineStanding::Doing::working, now);
  engines_[engine].job = job;
}

void Standing::work_ends(std::uint32_t engine, SimTime now) {
  do_now(engine, EngineStanding::Doing::nothing, now);
  engines_[engine].job = {};
}

}  // namespace gpusim::trace
