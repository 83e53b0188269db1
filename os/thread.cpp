// SPDX-License-Identifier: MIT
#include "os/thread.h"

#include <array>
#include <utility>

#include "os/cpu.h"
#include "os/dispatch_model.h"
#include "os/host.h"

namespace gpusim::os {

namespace {

// How much longer than its latency an exploration may make a wake-up.
constexpr std::array kWakeDelays{ps(0), ns(100), us(1), us(5), us(20), us(100)};
constexpr ChoicePlace kWake{"wake"};

}  // namespace

Thread::Thread(Host& host, ContextKind kind, std::uint32_t number, std::string name, SchedClass sched_class,
               Latency wake_latency, Body body)
    : Context{host, kind},
      number_{number},
      name_{std::move(name)},
      sched_class_{sched_class},
      wake_latency_{std::move(wake_latency)},
      wake_draws_{host.seed(), "host.wake." + name_},
      body_function_{std::move(body)} {}

Thread& thread_of(Context& ctx, const char* what) {
  ctx.check_may_sleep(what);
  return static_cast<Thread&>(ctx);
}

void Thread::wake() {
  if (!is_asleep()) return;
  ++host_.counters().wake_ups;
  state_ = ThreadState::waking;
  host_.choose_cpu(*this);
  Picoseconds latency = wake_latency_.draw(wake_draws_);
  host_.ledger().charge(wake_latency_.parameter, latency);
  if (choices_ != nullptr) {
    latency += kWakeDelays[choices_->choose(ChoiceKind::wake, kWake.of(number_), kWakeDelays.size())];
  }
  host_.timeline().schedule<&Thread::become_runnable>(host_.now() + latency, Phase::cpu, host_.component(), this);
}

void Thread::kill() {
  killed_ = true;
  if (state_ == ThreadState::blocked && blocked_on_.is_killable) wake();
}

void Thread::wake_now() {
  if (!is_asleep()) return;
  state_ = ThreadState::waking;
  become_runnable();
}

void Thread::wake_by_timer() { host_.dispatch().wake_sleeper(*this); }

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
