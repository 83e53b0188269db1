// SPDX-License-Identifier: MIT
#include "os/context.h"

#include <string>

#include "os/cpu.h"
#include "os/host.h"
#include "os/thread.h"

namespace gpusim::os {

Context::Context(Host& host, ContextKind kind) : host_{host}, ledger_{host.ledger()}, kind_{kind} {}

std::uint16_t Context::cpu_number() const { return cpu_ == nullptr ? trace::kNoCpu : cpu_->number(); }

std::uint32_t Context::thread_number() const {
  if (kind_ == ContextKind::hard_irq) return 0;
  return static_cast<const Thread*>(this)->number();
}

SimTime Context::now() const { return host_.now(); }

bool Context::pay(std::coroutine_handle<> caller) {
  if (spin_depth != 0) violate("sleeping_in_atomic", "a step inside a spinlock section: the section must be atomic");
  ++host_.counters().steps;
  resume_point_ = caller;
  const Picoseconds amount = unpaid_;
  unpaid_ = Picoseconds{0};
  if (host_.timeline().try_advance(host_.now() + amount)) return false;
  if (kind_ == ContextKind::hard_irq) {
    host_.timeline().schedule<&Cpu::on_irq_piece_end>(host_.now() + amount, Phase::cpu, cpu_->component(), cpu_);
  } else {
    cpu_->begin_piece(amount);
  }
  return true;
}

void Context::emit(trace::Event event) const {
  event.cpu = cpu_number();
  event.thread = thread_number();
  host_.recorder().emit_in_place(event);
}

void Context::check_may_sleep(const char* what) const {
  const char* where = kind_ == ContextKind::hard_irq ? "a hard interrupt handler"
                      : spin_depth != 0              ? "a spinlock section"
                                                     : nullptr;
  if (where == nullptr) return;
  violate("sleeping_in_atomic", "BUG: sleeping function called from invalid context: " + std::string{what} + " in " +
                                    where + " on cpu " + std::to_string(cpu_number()) + " at " +
                                    format_duration(host_.now().time_since_epoch()));
}

Thread& thread_of(Context& ctx, const char* what) {
  ctx.check_may_sleep(what);
  return static_cast<Thread&>(ctx);
}

void Thread::wake() {
  if (state_ != ThreadState::blocked && state_ != ThreadState::created) return;
  ++host_.counters().wake_ups;
  state_ = ThreadState::waking;
  host_.ledger().charge(wake_latency_);
  host_.timeline().schedule<&Thread::become_runnable>(host_.now() + wake_latency_.value, Phase::cpu, host_.component(),
                                                      this);
}

void Thread::wake_now() {
  if (state_ != ThreadState::blocked && state_ != ThreadState::created) return;
  state_ = ThreadState::waking;
  become_runnable();
}

void Thread::wake_by_timer() { host_.spec().work_dispatch == WorkDispatch::pool ? wake() : wake_now(); }

void Thread::become_runnable() {
  if (!body_.is_valid()) {
    body_ = body_function_(*this);
    resume_point_ = body_.handle();
  }
  blocked_on_ = {};
  host_.place(*this);
}

void Thread::block(std::coroutine_handle<> caller, BlockedOn reason) {
  resume_point_ = caller;
  blocked_on_ = reason;
  state_ = ThreadState::blocked;
  cpu_->on_thread_blocked();
}

}  // namespace gpusim::os
