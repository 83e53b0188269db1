// SPDX-License-Identifier: MIT
#include "scheduler/orchestrator/token_gate.h"

#include <algorithm>

#include <fmt/core.h>

#include "os/host.h"
#include "scheduler/orchestrator/orchestrator.h"

namespace gpusim::sched::orch {

bool TokenGate::may_run_job(os::Context& ctx, const Job& job) { return orchestrator_.may_run(ctx, *this, job.id()); }

std::string TokenGate::describe_wait() const {
  std::string holders;
  for (const auto& gate : orchestrator_.gates_) {
    if (gate->holds_) holders += (holders.empty() ? "" : ", ") + gate->name_;
  }
  return fmt::format("waits for a token, which {}",
                     holders.empty() ? "nobody has" : holders + (orchestrator_.out_ == 1 ? " has" : " have"));
}

os::Task<RunResult> TokenGate::run_job(os::Context& ctx, Job& job) {
  account(ctx.now());
  admitted_ = false;
  asked_ = JobId{};
  in_run_job_ = true;
  ++used_;
  if (!is_busy_) {
    is_busy_ = true;
    busy_since_ = ctx.now();
  }
  RunResult result = co_await driver_.run_job(ctx, job);
  in_run_job_ = false;
  if (result.fence) last_ = result.fence;
  if (!is_on_hardware()) {
    account(ctx.now());
    orchestrator_.on_idle(ctx, *this);
  } else if (orchestrator_.has_waiters()) {
    watch(ctx);
  }
  co_return result;
}

// A head that asked and has ended without running, because its queue was killed or its time was over.
void TokenGate::release_job(os::Context& ctx, Job& job) {
  if (job.id() == asked_) {
    admitted_ = false;
    if (waits_) orchestrator_.leave_line(ctx, *this);
    asked_ = JobId{};
    orchestrator_.on_idle(ctx, *this);
  }
  driver_.release_job(ctx, job);
}

os::Task<> TokenGate::queue_fini(os::Context& ctx) {
  unwatch(ctx);
  Orchestrator& orchestrator = orchestrator_;
  co_await driver_.queue_fini(ctx);
  orchestrator.remove(ctx, *this);
}

void TokenGate::watch(os::Context& ctx) {
  if (watched_.get() == last_.get()) return;
  unwatch(ctx);
  if (!last_->add_callback(ctx, *this)) return;
  watched_ = last_;
}

void TokenGate::unwatch(os::Context& ctx) {
  if (!watched_) return;
  watched_->remove_callback(ctx, *this);
  watched_.reset();
}

// A stretch in which something was on the hardware has an end that nobody need have watched. What has no hardware fence
// counts nothing.
void TokenGate::account(SimTime now) {
  if (!is_busy_) return;
  const bool goes_on = is_on_hardware();
  const SimTime until = goes_on ? now : last_ ? std::max(busy_since_, last_->timestamp()) : busy_since_;
  vruntime_ += until - busy_since_;
  busy_since_ = until;
  is_busy_ = goes_on;
}

FenceRelay TokenGate::on_fence_signaled(os::Context& ctx, Fence& /*fence*/) {
  watched_.reset();
  if (!is_on_hardware()) orchestrator_.on_idle(ctx, *this);
  return {};
}

}  // namespace gpusim::sched::orch
