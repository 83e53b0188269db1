// SPDX-License-Identifier: MIT
#include "traces/oracles/lone_timeout.h"

#include <fmt/core.h>

#include "base/grown.h"
#include "traces/event/handlers.h"

namespace gpusim::trace {

namespace {
// An engine may be idle for so long between two queues, or loading the second one's context, if the firmware is slow.
constexpr Picoseconds kBetweenQueues = ms(10);
}  // namespace

void LoneTimeout::attach_to(Recorder& recorder) { attach_handlers(*this, recorder); }

void LoneTimeout::on(const fault_injected&) { has_cause_ = true; }
void LoneTimeout::on(const device_reset_begin&) { has_cause_ = true; }
void LoneTimeout::on(const device_gone&) { has_cause_ = true; }
void LoneTimeout::on(const queue_kill& event) { grown(queues_, event.queue).killed = true; }
void LoneTimeout::on(const queue_create& event) { grown(queues_, event.queue).engines = event.engine_mask; }

void LoneTimeout::on(const engine_assign& event) {
  Engine& engine = grown(engines_, event.engine);
  engine.queue = event.queue;
  engine.since = event.time;
  grown(queues_, event.queue).on_engine = true;
}

void LoneTimeout::on(const engine_release& event) {
  grown(engines_, event.engine) = {.queue = {}, .last = event.queue, .since = event.time};
  grown(queues_, event.queue).on_engine = false;
}

void LoneTimeout::on(const slot_grant& event) {
  grown(queues_, event.queue).has_slot = true;
  ++slots_in_use_;
}

void LoneTimeout::on(const slot_evict& event) {
  grown(queues_, event.queue).has_slot = false;
  --slots_in_use_;
}

void LoneTimeout::on(const job_start& event) { grown(queues_, event.queue).begun = event.job; }
void LoneTimeout::on(const job_end& event) { grown(queues_, event.queue).ended = event.job; }

bool LoneTimeout::waits_its_turn(QueueId id, const Queue& queue, SimTime now) const {
  if (slots_ != 0 && !queue.has_slot && slots_in_use_ == slots_) return true;
  for (std::size_t i = 0; i < engines_.size(); ++i) {
    if ((queue.engines >> i & 1) == 0) continue;
    const Engine& engine = engines_[i];
    if (engine.queue != QueueId{} && engine.queue != id) return true;
    if (engine.last != QueueId{} && engine.last != id && now < engine.since + kBetweenQueues) return true;
  }
  return false;
}

void LoneTimeout::on(const job_timedout& event) {
  const Queue& queue = grown(queues_, event.queue);
  if (!enabled_ || has_cause_ || queue.killed) return;
  if (queue.begun == event.job && queue.ended != event.job && queue.on_engine) return;
  if (queue.ended < event.job && waits_its_turn(event.queue, queue, event.time)) return;
  fail(event.time, fmt::format("timedout_job is called for {} of {}, and nothing had gone wrong: no fault, no reset, "
                               "no kill; something was lost on its way",
                               job_text(event.job), queue_text(event.queue)));
}

}  // namespace gpusim::trace
