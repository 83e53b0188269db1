// SPDX-License-Identifier: MIT
#include "traces/oracles/oracles.h"

#include "traces/oracles/after_end.h"
#include "traces/oracles/credits.h"
#include "traces/oracles/dependency.h"
#include "traces/oracles/engine_exclusive.h"
#include "traces/oracles/eviction.h"
#include "traces/oracles/fence_signalled_once.h"
#include "traces/oracles/fence_value.h"
#include "traces/oracles/firmware_id.h"
#include "traces/oracles/gangs.h"
#include "traces/oracles/job_lost.h"
#include "traces/oracles/lone_timeout.h"
#include "traces/oracles/queue_fifo.h"
#include "traces/oracles/ring_overrun.h"
#include "traces/oracles/round_robin.h"
#include "traces/oracles/slots.h"
#include "traces/oracles/starvation.h"
#include "traces/oracles/stopped_queue.h"
#include "traces/oracles/timeouts.h"
#include "traces/oracles/tokens.h"
#include "traces/oracles/work_done.h"

namespace gpusim::trace {

template <class Kind>
Kind* OracleSet::add(const Names& names) {
  auto oracle = std::make_unique<Kind>(names);
  Kind* pointer = oracle.get();
  oracles_.push_back(std::move(oracle));
  return pointer;
}

OracleSet::OracleSet(const Names& names) {
  add<FenceSignalledOnce>(names);
  queue_fifo_ = add<QueueFifo>(names);
  dependency_ = add<Dependency>(names);
  credits_ = add<Credits>(names);
  add<RingOverrun>(names);
  job_lost_ = add<JobLost>(names);
  add<FenceValue>(names);
  slots_ = add<Slots>(names);
  add<EngineExclusive>(names);
  add<WorkDone>(names);
  add<FirmwareId>(names);
  stopped_queue_ = add<StoppedQueue>(names);
  guilty_ = add<Guilty>(names);
  timeouts_ = add<Timeouts>(names);
  lone_timeout_ = add<LoneTimeout>(names);
  add<AfterEnd>(names);
  tokens_ = add<Tokens>(names);
  token_turns_ = add<TokenTurns>(names);
  gangs_ = add<Gangs>(names);
  eviction_ = add<Eviction>(names);
  round_robin_ = add<RoundRobin>(names);
  starvation_ = add<Starvation>(names);
}

OracleSet::~OracleSet() = default;

void OracleSet::attach_to(Recorder& recorder) {
  for (const auto& oracle : oracles_) oracle->attach_to(recorder);
}

void OracleSet::on_queue_limit(QueueId queue, std::uint64_t limit, std::uint32_t domain, std::uint32_t rings) {
  credits_->on_queue_limit(queue, limit, domain, rings);
  dependency_->on_queue_domain(queue, domain);
}

void OracleSet::on_shared_ring(QueueId queue, QueueId ring) {
  queue_fifo_->on_shared_rings();
  stopped_queue_->on_shared_rings();
  if (ring == QueueId{}) return;
  timeouts_->on_shared_ring(queue, ring);
  round_robin_->on_shared_ring(queue, ring);
  stopped_queue_->on_shared_ring(queue, ring);
}

void OracleSet::on_balanced_queues() {
  credits_->on_balanced_queues();
  timeouts_->on_balanced_queues();
}

void OracleSet::on_round_robin() { round_robin_->enable(); }

void OracleSet::on_resubmission() { gangs_->on_resubmission(); }

void OracleSet::on_slot_count(std::uint32_t count) {
  slots_->on_slot_count(count);
  lone_timeout_->on_slot_count(count);
}

void OracleSet::on_rotation(Picoseconds tick, std::uint32_t slots) { starvation_->on_rotation(tick, slots); }

void OracleSet::on_tokens(std::uint32_t count, TurnPolicy policy, std::uint32_t batch) {
  if (count == 0) return;
  tokens_->on_tokens(count);
  token_turns_->on_policy(policy, batch);
}

void OracleSet::allow_device_waits() { dependency_->allow_device_waits(); }

void OracleSet::allow_early_kills() { dependency_->allow_early_kills(); }

void OracleSet::on_timeout(Picoseconds timeout) { timeouts_->on_timeout(timeout); }

void OracleSet::on_kill_timeout(Picoseconds timeout) { timeouts_->on_kill_timeout(timeout); }
void OracleSet::on_slow_steps(Picoseconds patience) {
  timeouts_->on_slow_steps(patience);
  lone_timeout_->on_slow_steps(patience);
}

void OracleSet::on_slow_firmware(Picoseconds patience) { lone_timeout_->on_slow_firmware(patience); }

void OracleSet::on_serial_handlers() { timeouts_->on_serial_handlers(); }

void OracleSet::on_timers_left_running() { timeouts_->on_timers_left_running(); }

void OracleSet::on_user_queues() {
  queue_fifo_->on_user_queues();
  job_lost_->on_user_queues();
  eviction_->on_user_queues();
}

void OracleSet::on_pipelines() { queue_fifo_->on_pipelines(); }

void OracleSet::on_killed_heads_asked_once() { timeouts_->on_killed_heads_asked_once(); }

void OracleSet::on_drained_kills() { stopped_queue_->on_drained_kills(); }

void OracleSet::on_kills_of_queued_jobs_only() { timeouts_->on_kills_of_queued_jobs_only(); }

void OracleSet::on_blame_rules(const BlameRules& rules) { guilty_->on_rules(rules); }

void OracleSet::forbid_lone_timeouts() { lone_timeout_->enable(); }

void OracleSet::finish(SimTime now, bool complete) {
  if (!complete) return;
  for (const auto& oracle : oracles_) oracle->finish(now);
}

std::vector<std::string_view> OracleSet::names() const {
  std::vector<std::string_view> result;
  result.reserve(oracles_.size());
  for (const auto& oracle : oracles_) result.push_back(oracle->name());
  return result;
}

}  // namespace gpusim::trace
