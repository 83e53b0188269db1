// SPDX-License-Identifier: MIT
#include "traces/oracles/lone_timeout.h"

#include <fmt/core.h>

#include "base/grown.h"
#include "traces/event/handlers.h"

namespace gpusim::trace {

void LoneTimeout::attach_to(Recorder& recorder) { attach_handlers(*this, recorder); }

void LoneTimeout::on(const fault_injected&) { has_cause_ = true; }
void LoneTimeout::on(const device_reset_begin&) { has_cause_ = true; }
void LoneTimeout::on(const device_gone&) { has_cause_ = true; }
void LoneTimeout::on(const queue_kill& event) { grown(queues_, event.queue).has_cause = true; }
void LoneTimeout::on(const queue_banned& event) { grown(queues_, event.queue).has_cause = true; }
void LoneTimeout::on(const engine_reset& event) { grown(queues_, event.queue).has_cause = true; }
void LoneTimeout::on(const queue_create& event) { grown(queues_, event.queue).engines = event.engine_mask; }

void LoneTimeout::on(const engine_assign& event) {
  Engine& engine = grown(engines_, event.engine);
  engine.queue = event.queue;
  engine.assigned = event.time;
  grown(queues_, event.queue).on_engine = true;
}

void LoneTimeout::on(const engine_release& event) {
  Engine& engine = grown(engines_, event.engine);
  if (engine.last != event.queue) {
    engine.other = engine.last;
    engine.other_left = engine.last_left;
  }
  engine.queue = {};
  engine.last = event.queue;
  engine.last_left = event.time;
  grown(queues_, event.queue).on_engine = false;
}

void LoneTimeout::on(const slot_grant& event) {
  Queue& queue = grown(queues_, event.queue);
  queue.has_slot = true;
  queue.slot_since = event.time;
  ++slots_in_use_;
}

void LoneTimeout::on(const slot_evict& event) {
  grown(queues_, event.queue).has_slot = false;
  if (slots_in_use_ == slots_) full_until_ = event.time;
  --slots_in_use_;
}

void LoneTimeout::on(const job_start& event) {
  grown(queues_, event.queue).begun = event.job;
  if (!ring_waits_.empty()) ring_waits_.erase(event.job);
}

void LoneTimeout::on(const ring_wait_write& event) {
  if (!enabled_) return;
  ring_waits_[event.job].push_back({event.address, static_cast<std::uint32_t>(event.value)});
  words_.try_emplace(event.address);
}

void LoneTimeout::on_word(std::uint64_t address, std::uint64_t value, SimTime time) {
  if (words_.empty()) return;
  const auto found = words_.find(address);
  if (found != words_.end()) found->second = {static_cast<std::uint32_t>(value), time};
}

/// For a moment also after the last value has come.
bool LoneTimeout::waits_in_ring(JobId job, SimTime now) const {
  const auto found = ring_waits_.find(job);
  if (found == ring_waits_.end()) return false;
  return std::any_of(found->second.begin(), found->second.end(), [&](const RingWait& wait) {
    const Word& word = words_.at(wait.address);
    const bool is_reached = word.value && static_cast<std::int32_t>(*word.value - wait.value) >= 0;
    return !is_reached || now < word.since + moment_;
  });
}

void LoneTimeout::on(const job_end& event) {
  Queue& queue = grown(queues_, event.queue);
  queue.ended = event.job;
  queue.end = event.time;
}

bool LoneTimeout::waits_for_slot(const Queue& queue, SimTime now) const {
  if (slots_ == 0 || (queue.has_slot && now >= queue.slot_since + moment_)) return false;
  return (!queue.has_slot && slots_in_use_ == slots_) || (full_until_ && now < *full_until_ + moment_);
}

/// For a moment also after the others have gone.
bool LoneTimeout::waits_its_turn(QueueId id, const Queue& queue, SimTime now) const {
  if (waits_for_slot(queue, now)) return true;
  for (std::size_t i = 0; i < engines_.size(); ++i) {
    if ((queue.engines >> i & 1) == 0) continue;
    const Engine& engine = engines_[i];
    if (engine.queue != QueueId{} && engine.queue != id) return true;
    const bool after_another = engine.last != QueueId{} && engine.last != id;
    if (engine.queue == id && after_another && now < engine.assigned + moment_) return true;  // its context is loaded
    const bool own = engine.last == id;
    const QueueId other = own ? engine.other : engine.last;
    if (other != QueueId{} && now < (own ? engine.other_left : engine.last_left) + moment_) return true;
  }
  return false;
}

void LoneTimeout::on(const job_timedout& event) {
  const Queue& queue = grown(queues_, event.queue);
  if (!enabled_ || has_cause_ || queue.has_cause) return;
  const bool ended = queue.ended >= event.job;
  if (ended && event.time < queue.end + signalling_) return;
  if (queue.begun == event.job && !ended && queue.on_engine) return;
  if (!ended && (waits_its_turn(event.queue, queue, event.time) || waits_in_ring(event.job, event.time))) return;
  fail(event.time, fmt::format("timedout_job is called for {} of {}, and nothing had gone wrong: no fault, no reset, "
                               "no kill; something was lost on its way",
                               job_text(event.job), queue_text(event.queue)));
}

}  // namespace gpusim::trace
