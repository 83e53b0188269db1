// SPDX-License-Identifier: MIT
#include "scheduler/jobqueue/job.h"

#include <fmt/core.h>

#include "scheduler/jobqueue/queue.h"

namespace gpusim::sched::jq {

FenceRelay Dependency::on_fence_signaled(os::Context& ctx, Fence& signaled) {
  return job_->queue_.dependency_signaled(ctx, *job_, signaled);
}

std::string QueuedJob::describe() const { return fmt::format("{} of queue {}", id().value(), queue_.describe()); }

void QueuedJob::on_release() {
  dependencies_.clear();
  stage_waits_on_.reset();
  finished_.reset();
  parent_.reset();
}

FenceRelay QueuedJob::on_fence_signaled(os::Context& ctx, Fence& fence) {
  return queue_.hardware_done(ctx, *this, fence.error());
}

void JobList::push_back(QueuedJob& job) {
  job.next_ = nullptr;
  (head_ == nullptr ? head_ : tail_->next_) = &job;
  tail_ = &job;
  ++size_;
}

void JobList::push_front(QueuedJob& job) {
  job.next_ = head_;
  head_ = &job;
  if (tail_ == nullptr) tail_ = &job;
  ++size_;
}

QueuedJob* JobList::pop_front() {
  QueuedJob* const job = head_;
  if (job == nullptr) return nullptr;
  head_ = job->next_;
  if (head_ == nullptr) tail_ = nullptr;
  --size_;
  return job;
}

void JobList::pop_back() {
  --size_;
  if (head_ == tail_) {
    head_ = tail_ = nullptr;
    return;
  }
  QueuedJob* last = head_;
  while (last->next_ != tail_) last = last->next_;
  last->next_ = nullptr;
  tail_ = last;
}

}  // namespace gpusim::sched::jq
