// SPDX-License-Identifier: MIT
#include "traces/oracles/engine_exclusive.h"

#include "base/grown.h"

namespace gpusim::trace {

EventSet EngineExclusive::kinds() const {
  using K = EventKind;
  return events({K::engine_assign, K::engine_release, K::fetch_begin, K::job_resumed});
}

void EngineExclusive::on_event(const Event& event) {
  if (event.kind == EventKind::engine_assign) return on_assign(event);
  if (event.kind == EventKind::engine_release) return on_release(event);
  on_work(event);
}

void EngineExclusive::on_assign(const Event& event) {
  std::uint32_t& owner = grown(owners_, event.unit);
  std::uint32_t& engine = grown(engines_, event.queue);
  if (owner != 0) {
    fail(event, engine_text(event.unit) + " was assigned to " + queue_text(event.queue) + " while it belonged to " +
                    queue_text(owner));
  }
  if (engine != 0) {
    fail(event,
         queue_text(event.queue) + " got " + engine_text(event.unit) + " while it had " + engine_text(engine - 1));
  }
  owner = event.queue;
  engine = event.unit + 1;
}

void EngineExclusive::on_release(const Event& event) {
  std::uint32_t& owner = grown(owners_, event.unit);
  if (owner != event.queue || owner == 0) {
    fail(event, engine_text(event.unit) + " was released by " + queue_text(event.queue) + ", but belonged to " +
                    (owner == 0 ? "nobody" : queue_text(owner)));
  }
  engines_[owner] = 0;
  owner = 0;
}

void EngineExclusive::on_work(const Event& event) {
  const std::uint32_t owner = grown(owners_, event.unit);
  if (owner == event.queue && owner != 0) return;
  fail(event, engine_text(event.unit) + " worked on " + job_text(event.job) + " of " + queue_text(event.queue) +
                  ", but belonged to " + (owner == 0 ? "nobody" : queue_text(owner)));
}

}  // namespace gpusim::trace
