// SPDX-License-Identifier: MIT
#include "traces/oracles/token_turns.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "base/grown.h"
#include "traces/event/handlers.h"

namespace gpusim::trace {

void TokenTurns::attach_to(Recorder& recorder) {
  if (policy_) attach_handlers(*this, recorder);
}

void TokenTurns::on(const token_wait& event) {
  Queue& queue = grown(queues_, event.queue);
  say_vruntime(event.queue, queue, event.vruntime, event.time);
  set(queue, queue.holds, true);
  queue.asked = ++questions_;
  queue.passed.clear();
}

void TokenTurns::on(const token_withdrawn& event) {
  Queue& queue = grown(queues_, event.queue);
  set(queue, queue.holds, false);
}

void TokenTurns::set(Queue& queue, bool holds, bool waits) {
  const std::uint32_t before = waiters_;
  waiters_ -= queue.waits && !queue.holds ? 1 : 0;
  waiters_ += waits && !holds ? 1 : 0;
  queue.holds = holds;
  queue.waits = waits;
  if (before == 0 || waiters_ != 0) return;
  for (Queue& other : queues_) other.ran_beside_waiters = 0;
}

void TokenTurns::on(const token_granted& event) {
  Queue& chosen = grown(queues_, event.queue);
  check_turn(event.queue, chosen, event.time);
  for (Queue& other : queues_) {
    if (other.waits && !other.holds && &other != &chosen) other.passed.push_back(event.queue);
  }
  chosen.ran_beside_waiters = 0;
  if (!chosen.holds) chosen.granted = event.time;
  set(chosen, true, false);
}

void TokenTurns::check_turn(QueueId id, const Queue& chosen, SimTime now) const {
  for (std::size_t i = 0; i < queues_.size(); ++i) {
    const Queue& other = queues_[i];
    if (!other.waits || other.holds || &other == &chosen) continue;
    const QueueId waiter = id_of(i);
    if (chosen.holds) {
      fail(now, fmt::format("{} has used up its turn and goes on while {} waits", queue_text(id), queue_text(waiter)));
    }
    if (policy_ == TurnPolicy::fifo && other.asked < chosen.asked)
      fail(now, fmt::format("{} got a token before {}, which had asked earlier", queue_text(id), queue_text(waiter)));
    if (policy_ == TurnPolicy::rr && std::find(other.passed.begin(), other.passed.end(), id) != other.passed.end())
      fail(now, fmt::format("{} got a token twice while {} waited for one", queue_text(id), queue_text(waiter)));
    if (policy_ == TurnPolicy::fair && other.vruntime < chosen.vruntime) {
      fail(now, fmt::format("{} got a token with a run time of {}; {} waits and has had {}", queue_text(id),
                            format_duration(chosen.vruntime), queue_text(waiter), format_duration(other.vruntime)));
    }
  }
}

void TokenTurns::on(const token_returned& event) {
  Queue& queue = grown(queues_, event.queue);
  if (queue.granted != kNever && event.vruntime - queue.vruntime > event.time - queue.granted &&
      policy_ == TurnPolicy::fair && event.vruntime > most_of_others(queue, event.time)) {
    fail(event.time,
         fmt::format("{} was charged {} for the {} that it had the token", queue_text(event.queue),
                     format_duration(event.vruntime - queue.vruntime), format_duration(event.time - queue.granted)));
  }
  say_vruntime(event.queue, queue, event.vruntime, event.time);
  set(queue, false, queue.waits);
  queue.granted = kNever;
  queue.passed.clear();  // it counts from here on
}

Picoseconds TokenTurns::most_of_others(const Queue& queue, SimTime now) const {
  Picoseconds most{0};
  for (const Queue& other : queues_) {
    if (&other != &queue) most = std::max(most, other.vruntime + (now - other.said));
  }
  return most;
}

void TokenTurns::say_vruntime(QueueId id, Queue& queue, Picoseconds vruntime, SimTime now) const {
  const Picoseconds worked = std::exchange(queue.worked, Picoseconds{0});
  if (policy_ == TurnPolicy::fair && vruntime < queue.vruntime + worked) {
    fail(now, fmt::format("engines worked {} for {}, whose run time went from {} to {}", format_duration(worked),
                          queue_text(id), format_duration(queue.vruntime), format_duration(vruntime)));
  }
  queue.vruntime = vruntime;
  queue.said = now;
  if (queue.on_engine_since) queue.on_engine_since = now;  // what came before is in it
}

void TokenTurns::on(const drm_sched_job_run& event) {
  Queue& queue = grown(queues_, event.queue);
  set(queue, true, queue.waits);
  if (waiters_ == 0 || batch_ == 0 || ++queue.ran_beside_waiters <= batch_ + std::uint64_t{1}) return;
  fail(event.time, fmt::format("{} has run {} jobs while others waited for a token; a turn has {}",
                               queue_text(event.queue), queue.ran_beside_waiters, batch_));
}

void TokenTurns::on(const fetch_begin& event) { grown(queues_, event.queue).on_engine_since = event.time; }
void TokenTurns::on(const job_preempted& event) { grown(queues_, event.queue).on_engine_since.reset(); }
void TokenTurns::on(const job_end& event) {
  Queue& queue = grown(queues_, event.queue);
  if (const auto since = std::exchange(queue.on_engine_since, {})) queue.worked += event.time - *since;
}

/// What failed is off the hardware as far as the host is concerned.
void TokenTurns::on(const dma_fence_signaled& event) {
  if (event.job == JobId{} && event.error != Errno::ok) grown(queues_, event.queue).on_engine_since.reset();
}

void TokenTurns::on(const queue_destroyed& event) {
  Queue& queue = grown(queues_, event.queue);
  set(queue, false, false);
  queue = {};
}

}  // namespace gpusim::trace
