// SPDX-License-Identifier: MIT
#include "traces/oracles/engine_exclusive.h"

#include <fmt/core.h>

#include "base/grown.h"
#include "traces/event/handlers.h"

namespace gpusim::trace {

void EngineExclusive::attach_to(Recorder& recorder) { attach_handlers(*this, recorder); }

void EngineExclusive::on(const engine_assign& event) {
  QueueId& owner = grown(owners_, event.engine);
  std::uint32_t& engine = grown(engines_, event.queue);
  if (owner != QueueId{}) {
    fail(event.time, fmt::format("{} was assigned to {} while it belonged to {}", engine_text(event.engine),
                                 queue_text(event.queue), queue_text(owner)));
  }
  if (engine != 0) {
    fail(event.time, fmt::format("{} got {} while it had {}", queue_text(event.queue), engine_text(event.engine),
                                 engine_text(engine - 1)));
  }
  owner = event.queue;
  engine = event.engine + 1;
}

void EngineExclusive::on(const engine_release& event) {
  QueueId& owner = grown(owners_, event.engine);
  if (owner != event.queue || owner == QueueId{}) {
    fail(event.time, fmt::format("{} was released by {}, but belonged to {}", engine_text(event.engine),
                                 queue_text(event.queue), owner == QueueId{} ? "nobody" : queue_text(owner)));
  }
  engines_[owner.value()] = 0;
  owner = QueueId{};
}

void EngineExclusive::on(const fetch_begin& event) { check_owner(event.engine, event.queue, event.job, event.time); }
void EngineExclusive::on(const job_resumed& event) { check_owner(event.engine, event.queue, event.job, event.time); }

void EngineExclusive::check_owner(std::uint32_t engine, QueueId queue, JobId job, SimTime now) {
  const QueueId owner = grown(owners_, engine);
  if (owner == queue && owner != QueueId{}) return;
  fail(now, fmt::format("{} worked on {} of {}, but belonged to {}", engine_text(engine), job_text(job),
                        queue_text(queue), owner == QueueId{} ? "nobody" : queue_text(owner)));
}

}  // namespace gpusim::trace
