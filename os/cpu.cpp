// SPDX-License-Identifier: MIT
#include "os/cpu.h"

#include <algorithm>
#include <utility>

#include "os/host.h"

namespace gpusim::os {

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
  if (!reschedule_ || in_irq_) return;
  reschedule_ = false;
  if (current_ != nullptr) reschedule();
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
  if (runs_normal()) host_.note_lag(*current_);
  leaving_ = current_->number();
  current_ = nullptr;
  dispatch();
}

void Cpu::dispatch() {
  Thread* next = host_.next_thread();
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
  run_begin_ = host_.now() + context_switch;
  vruntime_begin_ = thread.fair_.vruntime;
  if (host_.run_queue().has_normal()) arm_time_slice();
  begin_piece(work, context_switch);
}

void Cpu::put_on_after_irq() {
  if (arrived_ == nullptr) return;
  Thread& thread = *std::exchange(arrived_, nullptr);
  if (thread.sched_class() == SchedClass::normal && host_.run_queue().has_fifo()) {
    host_.enqueue(thread);
    dispatch();
  } else {
    host_.start_on(*this, thread);
  }
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

// A thread that is just executing code, and wakes another in it, gives way when its next step begins.
void Cpu::request_reschedule() {
  const bool executes = current_ != nullptr && !piece_runs_ && !piece_paused_;
  if (in_irq_ || executes) {
    reschedule_ = true;
  } else {
    reschedule();
  }
}

void Cpu::reschedule() {
  if (!has_to_give_way()) return arm_time_slice();
  Thread& thread = *current_;
  preempt();
  host_.run_queue().push(thread);
  dispatch();
  host_.arm_time_slices();
}

bool Cpu::has_to_give_way() {
  const RunQueue& queue = host_.run_queue();
  if (!runs_normal() || queue.empty()) return false;
  if (queue.has_fifo()) {
    host_.begin_contention();  // with the thread that will wait now
    account();
    return true;
  }
  account();
  FairShare& mine = current_->fair_;
  const bool slice_is_over = mine.vruntime >= mine.deadline;
  if (slice_is_over) mine.deadline = mine.vruntime + mine.virtual_time(host_.spec().timeslice.value);
  const FairAverage average = host_.fair_average();
  const FairShare& next = queue.first_normal(average)->fair_;
  if (!average.makes_eligible(next)) return false;
  return !average.makes_eligible(mine) || (slice_is_over && next.deadline <= mine.deadline);
}

void Cpu::arm_time_slice() {
  if (!runs_normal() || host_.timeline().is_pending(slice_)) return;
  account();
  const FairShare& mine = current_->fair_;
  const Picoseconds left = mine.cpu_time(std::max<std::int64_t>(mine.deadline - mine.vruntime, 0));
  slice_ = host_.timeline().schedule<&Cpu::on_time_slice>(std::max(run_begin_, host_.now()) + left, Phase::timer,
                                                          component_, this);
}

void Cpu::on_time_slice() {
  if (!runs_normal() || !host_.run_queue().has_normal()) return;
  account();
  if (current_->fair_.vruntime < current_->fair_.deadline) return arm_time_slice();  // interrupts took some of it
  request_reschedule();
}

void Cpu::on_forced_preemption() {
  if (current_ == nullptr || in_irq_ || host_.run_queue().empty()) return;
  host_.begin_contention();
  account();
  Thread& thread = *current_;
  Thread& next = *host_.next_thread();
  preempt();
  host_.run_queue().push(thread);
  put_on(next);
}

Picoseconds Cpu::ran() const { return std::max((in_irq_ ? irq_begin_ : host_.now()) - run_begin_, Picoseconds{0}); }

void Cpu::begin_contention() {
  if (!runs_normal()) return;
  FairShare& mine = current_->fair_;
  const Picoseconds slice = host_.spec().timeslice.value;
  mine.vruntime = 0;
  mine.deadline = mine.virtual_time(slice - ran() % slice);  // slices passed while nobody waited
  vruntime_begin_ = -mine.virtual_time(ran());
}

void Cpu::account() {
  if (!runs_normal()) return;
  FairShare& mine = current_->fair_;
  mine.vruntime = vruntime_begin_ + mine.virtual_time(ran());
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
  irq_begin_ = host_.now();
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
  run_begin_ += host_.now() - irq_begin_;
  if (current_ == nullptr) {
    reschedule_ = false;
    put_on_after_irq();
    return;
  }
  if (reschedule_) {
    reschedule_ = false;
    reschedule();
    if (!piece_paused_) return;
  }
  piece_paused_ = false;
  run_piece(paused_remaining_);
}

}  // namespace gpusim::os
