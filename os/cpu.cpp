// SPDX-License-Identifier: MIT
#include "os/cpu.h"

#include <algorithm>

#include "os/host.h"

namespace gpusim::os {

namespace {
constexpr ChoicePlace kDispatch{"dispatch"};
constexpr std::uint32_t kMostAsked = 8;  // how far down the line a thread may be picked
}  // namespace

void RunQueue::push_back(Thread& thread) {
  Line& line = lines_[static_cast<std::size_t>(thread.sched_class())];
  thread.next_ = nullptr;
  (line.head == nullptr ? line.head : line.tail->next_) = &thread;
  line.tail = &thread;
}

void RunQueue::push_front(Thread& thread) {
  Line& line = lines_[static_cast<std::size_t>(thread.sched_class())];
  thread.next_ = line.head;
  line.head = &thread;
  if (line.tail == nullptr) line.tail = &thread;
}

Thread* RunQueue::pop(ChoiceSource* choices) {
  for (Line& line : lines_) {
    if (line.head == nullptr) continue;
    Thread* before = nullptr;
    Thread* thread = line.head;
    if (choices != nullptr) {
      std::uint32_t ready = 0;
      for (const Thread* at = line.head; at != nullptr && ready < kMostAsked; at = at->next_) ++ready;
      for (std::uint32_t skip = choices->choose(ChoiceKind::order, kDispatch, ready); skip != 0; --skip) {
        before = thread;
        thread = thread->next_;
      }
    }
    (before == nullptr ? line.head : before->next_) = thread->next_;
    if (line.tail == thread) line.tail = before;
    return thread;
  }
  return nullptr;
}

Cpu::Cpu(Host& host, std::uint16_t number, Timeline::Component component)
    : host_{host}, number_{number}, component_{component}, irq_{host} {
  irq_.cpu_ = this;
}

// --- the thread on this CPU ------------------------------------------------------------------------------------------

void Cpu::begin_piece(Picoseconds work, Picoseconds context_switch) {
  piece_work_ = work;
  run_piece(context_switch + work);
}

void Cpu::run_piece(Picoseconds duration) {
  piece_end_ = host_.now() + duration;
  piece_runs_ = true;
  piece_ = host_.timeline().schedule<&Cpu::on_piece_end>(piece_end_, Phase::cpu, component_, this);
}

void Cpu::on_piece_end() {
  piece_runs_ = false;
  Thread& thread = *current_;
  host_.enter(thread);
  thread.resume_point_.resume();
  host_.leave();
  after_resume(thread);
}

void Cpu::end_empty_piece() {
  if (!piece_runs_ || piece_end_ != host_.now()) return;
  host_.timeline().cancel(piece_);
  on_piece_end();
}

void Cpu::after_resume(Thread& thread) {
  if (!thread.body_.done()) return;  // it is in its next step, or blocked and off the CPU
  thread.body_.rethrow_if_failed();
  thread.state_ = ThreadState::finished;
  host_.on_thread_finished(thread);
  on_thread_blocked();
}

void Cpu::pause_piece() {
  if (!piece_runs_) return;
  host_.timeline().cancel(piece_);
  piece_runs_ = false;
  piece_paused_ = true;
  paused_remaining_ = piece_end_ - host_.now();
}

void Cpu::on_thread_blocked() {
  leaving_ = current_->number();
  current_ = nullptr;
  dispatch();
}

void Cpu::dispatch() {
  Thread* next = host_.run_queue().pop(host_.choices());
  if (next == nullptr) {
    host_.timeline().cancel(slice_);
    host_.recorder().emit(trace::sched_switch{.cpu = number_, .prev = leaving_, .next = 0});
    leaving_ = 0;
    return;
  }
  put_on(*next);
}

void Cpu::put_on(Thread& thread) {
  host_.recorder().emit(trace::sched_switch{.cpu = number_, .prev = leaving_, .next = thread.number()});
  leaving_ = 0;
  const Picoseconds work = thread.remaining_;
  Picoseconds context_switch{0};
  if (last_ != &thread) {
    context_switch = host_.spec().context_switch.value;
    host_.ledger().charge(host_.spec().context_switch);
  }
  thread.remaining_ = Picoseconds{0};
  thread.state_ = ThreadState::running;
  thread.cpu_ = this;
  current_ = &thread;
  last_ = &thread;
  host_.timeline().cancel(slice_);
  slice_end_ = host_.now() + context_switch + host_.spec().timeslice.value;
  if (!host_.run_queue().empty()) arm_time_slice();
  begin_piece(work, context_switch);
}

void Cpu::preempt() {
  Thread& thread = *current_;
  if (piece_paused_) {
    piece_paused_ = false;
  } else {
    host_.timeline().cancel(piece_);
    piece_runs_ = false;
    paused_remaining_ = piece_end_ - host_.now();
  }
  thread.remaining_ = std::min(paused_remaining_, piece_work_);
  thread.state_ = ThreadState::runnable;
  leaving_ = thread.number();
  current_ = nullptr;
}

void Cpu::request_reschedule() {
  if (in_irq_) {
    reschedule_ = true;
    return;
  }
  Thread& thread = *current_;
  preempt();
  host_.run_queue().push_front(thread);  // a FIFO thread came: the preempted one is the next of its own class
  dispatch();
}

void Cpu::arm_time_slice() {
  if (current_ == nullptr || current_->sched_class() != SchedClass::normal) return;
  if (host_.timeline().is_pending(slice_)) return;
  slice_ =
      host_.timeline().schedule<&Cpu::on_time_slice>(std::max(slice_end_, host_.now()), Phase::timer, component_, this);
}

void Cpu::on_time_slice() {
  if (current_ == nullptr || host_.run_queue().empty()) return;
  if (in_irq_) {
    reschedule_ = true;
    return;
  }
  Thread& thread = *current_;
  preempt();
  host_.run_queue().push_back(thread);
  dispatch();
}

// --- the interrupt on this CPU ---------------------------------------------------------------------------------------

void Cpu::take_irq(std::uint32_t vector) {
  if (in_irq_) {
    // A pending MSI-X vector is one bit: raising it again adds no second interrupt.
    if (std::find(pending_irqs_.begin(), pending_irqs_.end(), vector) == pending_irqs_.end()) {
      pending_irqs_.push_back(vector);
    }
    return;
  }
  pause_piece();
  in_irq_ = true;
  begin_irq(vector);
}

Task<> Cpu::irq_body(std::uint32_t vector) {
  irq_.emit(trace::irq_handler_entry{.vector = vector});
  irq_.charge(host_.spec().irq_entry);
  co_await irq_.step();
  co_await host_.irq_handler(vector)(irq_);
  irq_.charge(host_.spec().irq_exit);
  co_await irq_.step();
  irq_.emit(trace::irq_handler_exit{.vector = vector});
}

void Cpu::begin_irq(std::uint32_t vector) {
  irq_task_ = irq_body(vector);
  irq_.resume_point_ = irq_task_.handle();
  on_irq_piece_end();
}

void Cpu::on_irq_piece_end() {
  host_.enter(irq_);
  irq_.resume_point_.resume();
  host_.leave();
  if (!irq_task_.done()) return;
  irq_task_.rethrow_if_failed();
  end_irq();
}

void Cpu::end_irq() {
  if (irq_.spin_depth != 0) violate("sleeping_in_atomic", "an interrupt handler returned with a spinlock held");
  if (!pending_irqs_.empty()) {
    const std::uint32_t vector = pending_irqs_.front();
    pending_irqs_.erase(pending_irqs_.begin());
    begin_irq(vector);
    return;
  }
  in_irq_ = false;
  if (current_ == nullptr) {
    reschedule_ = false;
    if (!host_.run_queue().empty()) dispatch();
    return;
  }
  if (reschedule_) {
    reschedule_ = false;
    Thread& thread = *current_;
    preempt();
    host_.run_queue().push_back(thread);
    dispatch();
    return;
  }
  piece_paused_ = false;
  run_piece(paused_remaining_);
}

}  // namespace gpusim::os
