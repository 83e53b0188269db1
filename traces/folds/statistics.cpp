// SPDX-License-Identifier: MIT
#include "traces/folds/statistics.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/grown.h"
#include "traces/event/faults.h"
#include "traces/event/handlers.h"

namespace gpusim::trace {

void FrameStatistics::add(const FrameStatistics& other) {
  shown += other.shown;
  repeated += other.repeated;
  dropped += other.dropped;
  latency.merge(other.latency);
  vblanks += other.vblanks;
  missed += other.missed;
}

void ClientStatistics::add(const ClientStatistics& other) {
  jobs_done += other.jobs_done;
  jobs_failed += other.jobs_failed;
  first_exec = std::min(first_exec, other.first_exec);
  last_end = std::max(last_end, other.last_end);
  work += other.work;
  open_work += other.open_work;
  causes.add(other.causes);
  open_causes.add(other.open_causes);
  preemptions += other.preemptions;
  evictions += other.evictions;
  latency.merge(other.latency);
  slowest.add(other.slowest);
  longest_failed = std::max(longest_failed, other.longest_failed);
  period_misses += other.period_misses;
  execs_refused += other.execs_refused;
  execs_failed += other.execs_failed;
  jobs_unfinished += other.jobs_unfinished;
  frames.add(other.frames);
  if (other.oldest <= oldest) return;
  oldest = other.oldest;
  oldest_waits_for = other.oldest_waits_for;
}

Wide ClientStatistics::longest_wait() const {
  return std::max(latency.max(), static_cast<std::uint64_t>(std::max(oldest, longest_failed).count()));
}

void Statistics::attach_to(Recorder& recorder) { attach_handlers(*this, recorder); }

void Statistics::on(const client_finish& event) {
  ++clients_finished_;
  if (event.error != Errno::ok) grown(early_ends_, event.client) = {event.error, event.left};
}

void Statistics::on(const exec_end& event) {
  if (event.error == Errno::ok) return;
  ClientStatistics& client = grown(clients_, event.client);
  ++(event.error == Errno::again ? client.execs_refused : client.execs_failed);
}

void Statistics::on(const client_period_missed& event) { ++grown(clients_, event.client).period_misses; }

void Statistics::on(const client_killed& event) { kills_[event.client.value()] = event.time; }

void Statistics::on(const queue_create& event) {
  QueueStatistics& queue = grown(queues_, event.queue);
  queue.is_clients = true;
  queue.client = event.client.value();
  queue.engine_mask = event.engine_mask;
  queue.level = event.priority;
}

void Statistics::on(const message_send& event) {
  if (std::find(messages_.off.begin(), messages_.off.end(), event.action) != messages_.off.end()) {
    grown(leaves_, event.queue) = 1;
  }
  if (event.action == messages_.on) grown(leaves_, event.queue) = 0;
  if (event.action == messages_.level) grown(queues_, event.queue).changed_level = true;
}

void Statistics::on(const reset_notify& event) {
  grown(leaves_, event.queue) = 1;
  ++(std::exchange(grown(has_faulted_, event.queue), 0) != 0 ? recovery_.page_faults : recovery_.engine_preempt_misses);
}

void Statistics::on(const page_fault& event) { grown(has_faulted_, event.queue) = 1; }

/// In a device reset without a message before it. Nor has it left its slot to anybody then.
void Statistics::on(const queue_deregistered& event) {
  if (left_slot_ && left_slot_->queue == event.queue) left_slot_.reset();
  if (messages_.slots_by_host) grown(lost_slots_, event.queue) = 0;
  grown(leaves_, event.queue) = 0;
}

/// The firmware takes a slot for another queue in one go: that one has it at once.
void Statistics::on(const slot_grant& event) {
  ++grown(queues_, event.queue).grants;
  if (messages_.slots_by_host) grown(lost_slots_, event.queue) = 0;
  const bool is_taken = left_slot_ && left_slot_->slot == event.slot && left_slot_->since == event.time &&
                        left_slot_->queue != event.queue;
  if (is_taken) ++grown(queues_, left_slot_->queue).evictions;
  left_slot_.reset();
}

/// The host lines a queue up again from which it has taken the slot.
void Statistics::on(const queue_ready& event) {
  if (!messages_.slots_by_host || event.resident) return;
  if (std::exchange(grown(lost_slots_, event.queue), 0) != 0) ++grown(queues_, event.queue).evictions;
}

void Statistics::on(const slot_evict& event) {
  left_slot_.reset();
  if (messages_.slots_by_host) grown(lost_slots_, event.queue) = 1;
  if (grown(leaves_, event.queue) == 0) left_slot_ = FreeSlot{event.queue, event.slot, event.time};
}

void Statistics::on(const frame_shown& event) {
  FrameStatistics& frames = grown(clients_, event.client).frames;
  ++frames.shown;
  frames.latency.add(static_cast<std::uint64_t>(event.latency.count()));
}

void Statistics::on(const frame_repeated& event) { ++grown(clients_, event.client).frames.repeated; }
void Statistics::on(const frame_dropped& event) { ++grown(clients_, event.client).frames.dropped; }

void Statistics::on(const vblank& event) {
  constexpr std::uint64_t kNotReady = 2;
  FrameStatistics& frames = grown(clients_, event.client).frames;
  ++frames.vblanks;
  if (event.result == kNotReady) ++frames.missed;
}

void Statistics::on(const engine_assign& event) {
  if (!event.loaded) ++grown(engines_, event.engine).switches;
}

void Statistics::on(const job_end& event) { ++grown(engines_, event.engine).jobs; }

void Statistics::on(const job_preempted& event) {
  ++grown(engines_, event.engine).preempted;
  ++grown(queues_, event.queue).preemptions;
}

void Statistics::on(const job_timedout& /*event*/) { ++recovery_.timeouts; }
void Statistics::on(const timeout_verdict& event) { ++grown(recovery_.verdicts, event.verdict.as<std::size_t>()); }
void Statistics::on(const queue_banned& /*event*/) { ++recovery_.queues_banned; }
void Statistics::on(const engine_reset& event) {
  recovery_.engine_resets += event.with_device ? 0 : 1;
  if (event.with_device) grown(has_faulted_, event.queue) = 0;
}
void Statistics::on(const device_reset_begin& event) {
  ++recovery_.device_resets;
  recovery_.device_preempt_misses += event.reason.as<ResetReason>() == ResetReason::preempt_missed ? 1 : 0;
}
void Statistics::on(const message_abandoned& /*event*/) { ++recovery_.messages_abandoned; }
void Statistics::on(const fault_injected& event) { ++grown(recovery_.faults, event.fault.as<std::size_t>()); }

std::uint64_t RecoveryCounts::faults_injected() const {
  return std::accumulate(faults.begin(), faults.end(), std::uint64_t{0});
}

bool RecoveryCounts::is_empty() const {
  return timeouts + queues_banned + engine_resets + device_resets + messages_abandoned + faults_injected() == 0;
}

void Statistics::on_job_life(const JobLife& life) {
  ClientStatistics& client = grown(clients_, life.client);
  client.first_exec = std::min(client.first_exec, life.begin);
  client.last_end = std::max(client.last_end, life.end);
  client.work += static_cast<std::uint64_t>(life[Cause::work].count());
  if (life.error == 0) {
    ++client.jobs_done;
    client.latency.add(static_cast<std::uint64_t>(life.length().count()));
  } else {
    ++client.jobs_failed;
    client.longest_failed = std::max(client.longest_failed, life.length());
    ++failures_[life.error];
  }
  client.causes.add(life);
  client.slowest.add(life);
  QueueStatistics& queue = grown(queues_, life.queue);
  ++queue.jobs;
  queue.causes.add(life);
  slowest_.add(life);
  for (std::size_t i = 0; i < kCauseCount; ++i) causes_[i] += static_cast<std::uint64_t>(life.causes[i].count());
}

void Statistics::finish(const std::vector<JobLife>& unfinished, const std::vector<DeviceWait::EngineTimes>& engines) {
  unfinished_ = unfinished.size();
  for (const JobLife& life : unfinished) {
    ClientStatistics& client = grown(clients_, life.client);
    if (client.jobs_unfinished == 0 || life.length() > client.oldest) {
      client.oldest = life.length();
      const auto most = std::max_element(life.causes.begin(), life.causes.end());
      client.oldest_waits_for = static_cast<Cause>(most - life.causes.begin());
    }
    ++client.jobs_unfinished;
    client.open_work += static_cast<std::uint64_t>(life[Cause::work].count());
    client.open_causes.add(life);
    client.slowest.add(life, false);
    QueueStatistics& queue = grown(queues_, life.queue);
    ++queue.jobs_unfinished;
    queue.open_causes.add(life);
    slowest_.add(life, false);
    for (std::size_t i = 0; i < kCauseCount; ++i) {
      unfinished_causes_[i] += static_cast<std::uint64_t>(life.causes[i].count());
    }
  }
  for (const QueueStatistics& queue : queues_) {
    if (!queue.is_clients || queue.preemptions + queue.evictions == 0) continue;
    ClientStatistics& client = grown(clients_, queue.client);
    client.preemptions += queue.preemptions;
    client.evictions += queue.evictions;
  }
  for (std::size_t engine = 0; engine < engines.size(); ++engine) grown(engines_, engine).times = engines[engine];
}

DeviceTurns device_turns(const Statistics& statistics) {
  DeviceTurns turns;
  for (const EngineStatistics& engine : statistics.engines()) turns.preemptions += engine.preempted;
  for (const QueueStatistics& queue : statistics.queues()) {
    turns.grants += queue.grants;
    turns.evictions += queue.evictions;
  }
  return turns;
}

Wide Statistics::life_time() const {
  Wide sum = 0;
  for (const Wide part : causes_) sum += part;
  return sum;
}

std::uint64_t Statistics::jobs_done() const {
  std::uint64_t sum = 0;
  for (const ClientStatistics& client : clients_) sum += client.jobs_done;
  return sum;
}

std::uint64_t Statistics::jobs_failed() const {
  std::uint64_t sum = 0;
  for (const ClientStatistics& client : clients_) sum += client.jobs_failed;
  return sum;
}

}  // namespace gpusim::trace
