// SPDX-License-Identifier: MIT
#include "os/run_queue.h"

#include "os/thread.h"

namespace gpusim::os {

namespace {
constexpr ChoicePlace kDispatch{"dispatch"};
constexpr std::uint32_t kMostAsked = 8;  // how far down the line a thread may be picked
}  // namespace

void RunQueue::Line::insert(Thread& thread, Thread* before) {
  thread.previous_ = before;
  thread.next_ = before == nullptr ? head : before->next_;
  (thread.previous_ == nullptr ? head : thread.previous_->next_) = &thread;
  (thread.next_ == nullptr ? tail : thread.next_->previous_) = &thread;
}

void RunQueue::Line::remove(Thread& thread) {
  (thread.previous_ == nullptr ? head : thread.previous_->next_) = thread.next_;
  (thread.next_ == nullptr ? tail : thread.next_->previous_) = thread.previous_;
}

void RunQueue::push(Thread& thread) {
  if (thread.sched_class() == SchedClass::fifo) return fifo_.insert(thread, fifo_.tail);
  average_.add(thread.fair_);
  // Most have just got a deadline a whole slice away; some that slept are owed much.
  if (normal_.head != nullptr && thread.fair_.deadline < normal_.head->fair_.deadline) {
    return normal_.insert(thread, nullptr);
  }
  Thread* before = normal_.tail;
  while (before != nullptr && before->fair_.deadline > thread.fair_.deadline) before = before->previous_;
  normal_.insert(thread, before);
}

Thread* RunQueue::first_normal(const FairAverage& average) const {
  for (Thread* thread = normal_.head; thread != nullptr; thread = thread->next_) {
    if (average.makes_eligible(thread->fair_)) return thread;
  }
  return normal_.head;
}

Thread* RunQueue::pop(const FairAverage& average, ChoiceSource* choices) {
  Line& line = has_fifo() ? fifo_ : normal_;
  Thread* thread = has_fifo() ? fifo_.head : first_normal(average);
  if (thread == nullptr) return nullptr;
  if (choices != nullptr) {
    std::uint32_t ready = 0;
    for (const Thread* at = line.head; at != nullptr && ready < kMostAsked; at = at->next_) ++ready;
    std::uint32_t skip = choices->choose(ChoiceKind::order, kDispatch, ready);
    if (skip != 0) {
      // The others in their order.
      const Thread* regular = thread;
      for (thread = line.head; thread == regular || --skip != 0;) thread = thread->next_;
    }
  }
  line.remove(*thread);
  if (&line == &normal_) average_.remove(thread->fair_);
  return thread;
}

}  // namespace gpusim::os
