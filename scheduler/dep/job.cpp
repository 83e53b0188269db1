// SPDX-License-Identifier: MIT
#include "scheduler/dep/job.h"

#include <fmt/core.h>

#include "scheduler/dep/queue.h"

namespace gpusim::sched::dep {

std::string DepJob::describe() const { return fmt::format("{} of queue {}", id().value(), queue_.describe()); }

void DepJob::on_release() {
  dependencies_.clear();
  finished_.reset();
  parent_.reset();
}

FenceRelay DepJob::on_fence_signaled(os::Context& ctx, Fence& fence) {
  return queue_.hardware_done(ctx, *this, fence.error());
}

void JobList::push_back(DepJob& job) {
  job.next_ = nullptr;
  (head_ == nullptr ? head_ : tail_->next_) = &job;
  tail_ = &job;
  ++size_;
}

void JobList::push_front(DepJob& job) {
  job.next_ = head_;
  head_ = &job;
  if (tail_ == nullptr) tail_ = &job;
  ++size_;
}

DepJob* JobList::pop_front() {
  DepJob* job = head_;
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
  DepJob* last = head_;
  while (last->next_ != tail_) last = last->next_;
  last->next_ = nullptr;
  tail_ = last;
}

}  // namespace gpusim::sched::dep
