// SPDX-License-Identifier: MIT
#include "scheduler/dep/job.h"

#include "scheduler/dep/queue.h"

namespace gpusim::sched::dep {

std::string DepJob::describe() const { return std::to_string(id().value()) + " of queue " + queue_.describe(); }

void DepJob::on_release() {
  dependencies_.clear();
  finished_.reset();
  parent_.reset();
}

void DepJob::on_fence_signaled(os::Context& ctx, Fence& fence) { queue_.job_done(ctx, *this, fence.error()); }

void JobList::push_back(DepJob& job) {
  job.next_ = nullptr;
  (head_ == nullptr ? head_ : tail_->next_) = &job;
  tail_ = &job;
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

void JobList::remove(DepJob& job) {
  DepJob* previous = nullptr;
  for (DepJob* at = head_; at != &job; at = at->next_) {
    if (at == nullptr) violate("job_list", "job " + job.describe() + " is not in the list it should be in");
    previous = at;
  }
  if (previous == nullptr) {
    pop_front();
    return;
  }
  previous->next_ = job.next_;
  if (tail_ == &job) tail_ = previous;
  --size_;
}

}  // namespace gpusim::sched::dep
