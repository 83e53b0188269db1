// SPDX-License-Identifier: MIT
#include "traces/oracles/tokens.h"

#include <fmt/core.h>

#include "base/grown.h"
#include "traces/event/handlers.h"

namespace gpusim::trace {

void Tokens::attach_to(Recorder& recorder) {
  if (count_ != 0) attach_handlers(*this, recorder);
}

void Tokens::take(QueueId queue, Queue& state, SimTime now, const char* how) {
  if (state.holds) return;
  if (out_ >= count_) {
    fail(now, fmt::format("{} {}, but {} other queues have the {} tokens", queue_text(queue), how, out_, count_));
  }
  state.holds = true;
  ++out_;
}

void Tokens::on(const token_wait& event) { grown(queues_, event.queue).waits = true; }
void Tokens::on(const token_withdrawn& event) { grown(queues_, event.queue).waits = false; }

void Tokens::on(const token_granted& event) {
  Queue& queue = grown(queues_, event.queue);
  queue.waits = false;
  take(event.queue, queue, event.time, "got a token");
}

void Tokens::on(const token_returned& event) {
  Queue& queue = grown(queues_, event.queue);
  if (queue.at_device != 0) {
    fail(event.time,
         fmt::format("{} gave its token back with {} jobs on the hardware", queue_text(event.queue), queue.at_device));
  }
  if (queue.holds) --out_;
  queue.holds = false;
}

void Tokens::on(const drm_sched_job_run& event) {
  Queue& queue = grown(queues_, event.queue);
  if (queue.waits) {
    fail(event.time,
         fmt::format("{} of {} ran while its queue waited for a token", job_text(event.job), queue_text(event.queue)));
  }
  take(event.queue, queue, event.time, "ran a job");
}

void Tokens::on(const ring_write& event) { ++grown(queues_, event.queue).at_device; }

void Tokens::on(const job_end& event) {
  Queue& queue = grown(queues_, event.queue);
  if (queue.at_device > 0) --queue.at_device;
}

/// What fails is off the hardware, with all that is behind it.
void Tokens::on(const dma_fence_signaled& event) {
  if (event.job == JobId{} && event.error != Errno::ok) grown(queues_, event.queue).at_device = 0;
}

void Tokens::on(const queue_destroyed& event) {
  Queue& queue = grown(queues_, event.queue);
  if (queue.holds) --out_;
  queue = {};
}

void Tokens::finish(SimTime now) {
  for (std::size_t i = 0; i < queues_.size(); ++i) {
    if (!queues_[i].waits) continue;
    fail(now, fmt::format("{} still waits for a token", queue_text(QueueId{static_cast<std::uint32_t>(i)})));
  }
}

}  // namespace gpusim::trace
