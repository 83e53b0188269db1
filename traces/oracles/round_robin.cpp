// SPDX-License-Identifier: MIT
#include "traces/oracles/round_robin.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/grown.h"
#include "traces/event/handlers.h"

namespace gpusim::trace {

void RoundRobin::attach_to(Recorder& recorder) {
  if (enabled_) attach_handlers(*this, recorder);
}

void RoundRobin::on_shared_ring(QueueId queue, QueueId ring) { grown(queues_, queue).ring = ring; }

void RoundRobin::on(const queue_create& event) { grown(queues_, event.queue).level = event.priority; }

void RoundRobin::set(Queue& queue, bool ready) {
  queue.ready = ready;
  queue.pushed = {};
  queue.runs.clear();
}

void RoundRobin::on(const drm_sched_job_queue& event) {
  if (event.queued == 0) grown(queues_, event.queue).pushed = event.job;
}

void RoundRobin::on(const exec_end& event) {
  Queue& queue = grown(queues_, event.queue);
  if (event.job != JobId{} && queue.pushed == event.job) set(queue, true);
}

void RoundRobin::on(const dependency_ready& event) {
  if (event.job != JobId{}) set(grown(queues_, event.queue), true);
}

void RoundRobin::on(const drm_sched_job_unschedulable& event) { set(grown(queues_, event.queue), false); }

void RoundRobin::on(const drm_sched_job_run& event) {
  constexpr std::uint32_t kTooMany = 3;
  Queue& chosen = grown(queues_, event.queue);
  set(chosen, event.queued > 0);
  if (chosen.ring == QueueId{}) return;
  for (std::size_t i = 0; i < queues_.size(); ++i) {
    Queue& other = queues_[i];
    if (&other == &chosen || !other.ready || other.ring != chosen.ring || other.level != chosen.level) continue;
    if (++other.runs[event.queue.value()] < kTooMany) continue;
    fail(event.time,
         fmt::format("{} of {} is the third job that is run while {}, whose head could run, waits", job_text(event.job),
                     queue_text(event.queue), queue_text(QueueId{static_cast<std::uint32_t>(i)})));
  }
}

void RoundRobin::forget_turns(QueueId gone) {
  Queue& queue = grown(queues_, gone);
  set(queue, false);
  for (Queue& other : queues_) {
    if (other.ring == queue.ring) other.runs.clear();
  }
}

void RoundRobin::on(const queue_close& event) { forget_turns(event.queue); }
void RoundRobin::on(const queue_kill& event) { forget_turns(event.queue); }
void RoundRobin::on(const queue_fini& event) { forget_turns(event.queue); }

}  // namespace gpusim::trace
