// SPDX-License-Identifier: MIT
#include "traces/oracles/starvation.h"

#include <algorithm>
#include <cstddef>

#include <fmt/core.h>

#include "base/choice.h"
#include "base/grown.h"
#include "traces/event/handlers.h"

namespace gpusim::trace {

void Starvation::on_rotation(Picoseconds tick, std::uint32_t slots) {
  tick_ = tick;
  slots_ = slots;
}

void Starvation::attach_to(Recorder& recorder) {
  if (tick_) attach_handlers(*this, recorder);
}

void Starvation::on(const choice_made& event) { has_cause_ |= event.choice == Code{ChoiceKind::fault}; }

void Starvation::on(const queue_kill& event) { grown(queues_, event.queue).killed = true; }

void Starvation::on(const queue_create& event) {
  grown(queues_, event.queue).level = static_cast<std::uint32_t>(event.priority);
}

void Starvation::on(const queue_registered&) { most_known_ = std::max(most_known_, ++known_); }

void Starvation::on(const queue_ready& event) {
  Queue& queue = grown(queues_, event.queue);
  const bool has_work = static_cast<std::uint32_t>(event.write_index) != queue.next;
  if (has_work && !queue.on_engine && !queue.since) queue.since = event.time;
}

void Starvation::on(const fetch_begin& event) {
  grown(queues_, event.queue).next = static_cast<std::uint32_t>(event.index) + 1;
}

void Starvation::give_up(Levels& levels, const Queue& queue, SimTime now) {
  Held& held = grown(levels, queue.level);
  --held.count;
  held.until = now;
}

Picoseconds Starvation::passed_over(const Levels& levels, const Queue& queue, SimTime now) {
  if (!queue.since || queue.killed) return Picoseconds{0};
  SimTime since = *queue.since;
  for (std::size_t level = 0; level < std::min<std::size_t>(queue.level, levels.size()); ++level) {
    if (levels[level].count != 0) return Picoseconds{0};
    since = std::max(since, levels[level].until);
  }
  return now - since;
}

void Starvation::on(const slot_grant& event) {
  Queue& queue = grown(queues_, event.queue);
  const Picoseconds waited = passed_over(in_slots_, queue, event.time);
  if (!has_cause_ && waited > *tick_ * (most_known_ + 1)) {
    fail(event.time,
         fmt::format("{} has had work and no slot for {} ms; of {} queues each has one before so many ticks "
                     "are over",
                     queue_text(event.queue), waited.count() / 1'000'000'000, most_known_));
  }
  ++grown(in_slots_, queue.level).count;
  if (queue.since) queue.since = event.time;
}

void Starvation::on(const slot_evict& event) {
  Queue& queue = grown(queues_, event.queue);
  give_up(in_slots_, queue, event.time);
  if (queue.since) queue.since = event.time;
}

void Starvation::on(const engine_assign& event) {
  Queue& queue = grown(queues_, event.queue);
  const Picoseconds waited = passed_over(on_engines_, queue, event.time);
  if (!has_cause_ && waited > *tick_ * (slots_ + 1)) {
    fail(event.time,
         fmt::format("{} has had work and a slot for {} ms, and no engine; on {} slots each is first before "
                     "so many ticks are over",
                     queue_text(event.queue), waited.count() / 1'000'000'000, slots_));
  }
  ++grown(on_engines_, queue.level).count;
  queue.on_engine = true;
  queue.since.reset();
}

void Starvation::on(const engine_release& event) {
  Queue& queue = grown(queues_, event.queue);
  give_up(on_engines_, queue, event.time);
  queue.on_engine = false;
  queue.since.reset();
  if (event.work_left) queue.since = event.time;
}

}  // namespace gpusim::trace
