// SPDX-License-Identifier: MIT
#include "traces/oracles/queue_fifo.h"

#include <algorithm>

#include "base/grown.h"

namespace gpusim::trace {

EventSet QueueFifo::kinds() const {
  return events({EventKind::drm_sched_job_queue, EventKind::job_start, EventKind::dma_fence_signaled});
}

void QueueFifo::on_event(const Event& event) {
  if (event.job == 0) return;
  Queue& queue = grown(queues_, event.queue);
  if (event.kind == EventKind::drm_sched_job_queue) {
    queue.push(event.job);
  } else if (event.kind == EventKind::job_start) {
    on_start(event, queue);
  } else {
    on_finished(event, queue);
  }
}

void QueueFifo::on_start(const Event& event, Queue& queue) {
  if (queue.started < queue.tail && queue.at(queue.started) == event.job) {
    ++queue.started;
    return;
  }
  const std::uint64_t position = queue.find(event.job);
  if (position == queue.tail) return;
  if (position > queue.started) {
    fail(event, job_text(event.job) + " of " + queue_text(event.queue) + " began to execute before " +
                    job_text(queue.at(queue.started)) + ", which was pushed first");
  }
  queue.started = position + 1;
}

void QueueFifo::on_finished(const Event& event, Queue& queue) {
  if (queue.head < queue.tail && queue.at(queue.head) == event.job) {
    ++queue.head;
    queue.started = std::max(queue.started, queue.head);
    return;
  }
  if (queue.find(event.job) == queue.tail) return;
  fail(event, "the finished fence of " + job_text(event.job) + " of " + queue_text(event.queue) +
                  " signalled before that of " + job_text(queue.at(queue.head)) + ", which was pushed first");
}

void QueueFifo::Queue::push(std::uint64_t job) {
  if (tail - head == ring.size()) {
    std::vector<std::uint64_t> larger(std::max<std::size_t>(4, ring.size() * 2));
    for (std::uint64_t p = head; p != tail; ++p) larger[static_cast<std::size_t>(p) & (larger.size() - 1)] = at(p);
    ring = std::move(larger);
  }
  at(tail++) = job;
}

std::uint64_t QueueFifo::Queue::find(std::uint64_t job) {
  std::uint64_t position = head;
  while (position < tail && at(position) != job) ++position;
  return position;
}

}  // namespace gpusim::trace
