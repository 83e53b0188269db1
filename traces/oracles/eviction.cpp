// SPDX-License-Identifier: MIT
#include "traces/oracles/eviction.h"

#include <fmt/core.h>

#include "base/grown.h"
#include "traces/event/handlers.h"

namespace gpusim::trace {

void Eviction::attach_to(Recorder& recorder) { attach_handlers(*this, recorder); }

// What belongs to a job is a value in memory.
void Eviction::on(const dma_fence_init& event) {
  if (!is_on_ || event.job != JobId{} || event.queue == QueueId{}) return;
  Queue& queue = grown(queues_, event.queue);
  if (queue.is_evicted && !queue.is_over) {
    fail(event.time, fmt::format("fence {}:{} was made for {}, which is evicted", event.context, event.seqno,
                                 queue_text(event.queue)));
  }
  ++queue.fences;
}

void Eviction::on(const dma_fence_signaled& event) {
  if (!is_on_ || event.job != JobId{} || event.queue == QueueId{}) return;
  --grown(queues_, event.queue).fences;
}

void Eviction::on(const queue_evicted& event) {
  Queue& queue = grown(queues_, event.queue);
  if (queue.fences != 0 && !queue.is_over) {
    fail(event.time, fmt::format("{} was evicted with {} of its fences open", queue_text(event.queue), queue.fences));
  }
  queue.is_evicted = true;
}

void Eviction::on(const queue_restored& event) { grown(queues_, event.queue).is_evicted = false; }

void Eviction::on(const queue_banned& event) { grown(queues_, event.queue).is_over = true; }

void Eviction::on(const queue_close& event) { grown(queues_, event.queue).is_over = true; }

void Eviction::on(const fetch_begin& event) { check_runs(event.time, event.queue, event.job); }

void Eviction::on(const job_resumed& event) { check_runs(event.time, event.queue, event.job); }

void Eviction::check_runs(SimTime time, QueueId queue, JobId job) {
  const Queue& state = grown(queues_, queue);
  if (!is_on_ || !state.is_evicted || state.is_over) return;
  fail(time, fmt::format("{} runs, and {} is evicted", job_text(job), queue_text(queue)));
}

}  // namespace gpusim::trace
