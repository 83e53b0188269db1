// SPDX-License-Identifier: MIT
#include "traces/oracles/queue_fifo.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/grown.h"
#include "traces/event/handlers.h"

namespace gpusim::trace {

void QueueFifo::attach_to(Recorder& recorder) { attach_handlers(*this, recorder); }

void QueueFifo::on(const drm_sched_job_queue& event) {
  if (event.job == JobId{}) return;
  grown(queues_, event.queue).push(event.job);
  if (shares_) queue_of_.insert(event.job) = event.queue;
}

void QueueFifo::on(const ring_write& event) {
  if (is_mapped_) grown(queues_, event.queue).push(event.job);
}

void QueueFifo::on(const job_start& event) {
  if (event.job == JobId{}) return;
  const QueueId* pusher = shares_ ? queue_of_.find(event.job) : &event.queue;
  if (pusher == nullptr) return;
  Queue& queue = grown(queues_, *pusher);
  if (queue.started < queue.tail && queue.at(queue.started) == event.job) {
    ++queue.started;
    if (!queue.passed_over.empty()) std::erase(queue.passed_over, event.job);
    return;
  }
  const std::uint64_t position = queue.find(event.job);
  if (position == queue.tail) return;
  if (std::erase(queue.passed_over, event.job) > 0 && shares_) {
    fail(event.time,
         fmt::format("{} of {} began to execute after later ones", job_text(event.job), queue_text(*pusher)));
  }
  if (is_pipeline_ || shares_) {
    for (std::uint64_t p = queue.started; p < position; ++p) queue.passed_over.push_back(queue.at(p));
  } else if (position > queue.started) {
    fail(event.time, fmt::format("{} of {} began to execute before {}, which was pushed first", job_text(event.job),
                                 queue_text(*pusher), job_text(queue.at(queue.started))));
  }
  queue.started = position + 1;
}

void QueueFifo::on(const dma_fence_signaled& event) {
  if (event.job == JobId{}) return;
  if (shares_) queue_of_.erase(event.job);
  Queue& queue = grown(queues_, event.queue);
  if (queue.head < queue.tail && queue.at(queue.head) == event.job) {
    if (!queue.passed_over.empty() && std::erase(queue.passed_over, event.job) > 0 && event.error == Errno::ok) {
      fail(event.time, fmt::format("{} of {} ended without an error; later ones began to execute, and it never did",
                                   job_text(event.job), queue_text(event.queue)));
    }
    ++queue.head;
    queue.started = std::max(queue.started, queue.head);
    return;
  }
  if (queue.find(event.job) == queue.tail) return;
  fail(event.time, fmt::format("the finished fence of {} of {} signalled before that of {}, which was pushed first",
                               job_text(event.job), queue_text(event.queue), job_text(queue.at(queue.head))));
}

void QueueFifo::Queue::push(JobId job) {
  if (tail - head == ring.size()) {
    std::vector<JobId> larger(std::max<std::size_t>(4, ring.size() * 2));
    for (std::uint64_t p = head; p != tail; ++p) larger[static_cast<std::size_t>(p) & (larger.size() - 1)] = at(p);
    ring = std::move(larger);
  }
  at(tail++) = job;
}

std::uint64_t QueueFifo::Queue::find(JobId job) {
  std::uint64_t position = head;
  while (position < tail && at(position) != job) ++position;
  return position;
}

}  // namespace gpusim::trace
