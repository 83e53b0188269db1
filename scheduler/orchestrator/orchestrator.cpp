// SPDX-License-Identifier: MIT
#include "scheduler/orchestrator/orchestrator.h"

#include <algorithm>
#include <cstddef>

#include <fmt/core.h>

#include "base/invariant.h"
#include "os/host.h"

namespace gpusim::sched::orch {

Orchestrator::Orchestrator(os::Host& host, const Spec& spec)
    : host_{host}, spec_{spec}, lock_{host.lockdep().lock_class("orchestrator.lock")} {}

TokenGate& Orchestrator::add(QueueId id, const std::string& name, SubmissionBackend& driver) {
  gates_.push_back(std::make_unique<TokenGate>(*this, id, name, driver));
  if (gates_.size() > spec_.slots && !wq_) {
    wq_.emplace(host_, os::ForSubmission{0});
    const auto kind = static_cast<std::uint8_t>(host_.names().works.size());
    host_.names().works.emplace_back("orchestrator_grant");
    work_.emplace(&Orchestrator::grant_work, this, os::WorkKind{kind}, 0);
  }
  return *gates_.back();
}

// --- asking ----------------------------------------------------------------------------------------------------------

bool Orchestrator::may_run(os::Context& ctx, TokenGate& gate, JobId job) {
  // Who comes after a time without jobs has not saved it up.
  if (!gate.waits_ && !gate.admitted_ && !gate.is_on_hardware()) {
    gate.account(ctx.now());
    gate.vruntime_ = std::max(gate.vruntime_, floor_for(gate));
  }
  if (!gate.admitted_ && !gate.holds_ && !gate.waits_ && out_ < spec_.slots && line_.empty()) {
    ++out_;
    gate.holds_ = true;
    begin_turn(gate, ctx.now());
  }
  const bool may = gate.holds_ && (gate.admitted_ || (!gate.waits_ && !is_turn_over(ctx, gate)));
  if (may) {
    gate.admitted_ = true;
    gate.asked_ = job;
    return true;
  }
  gate.asked_ = job;
  if (gate.waits_) return false;
  wait_in_line(ctx, gate, job);
  return gate.admitted_;
}

Picoseconds Orchestrator::floor_for(const TokenGate& comer) {
  if (spec_.policy != Policy::fair || !line_.empty()) return floor_;
  // While nobody waits nothing is granted, and only those that run have got on.
  Picoseconds least = Picoseconds::max();
  for (const auto& gate : gates_) {
    if (gate.get() != &comer && gate->holds_ && !gate->is_idle()) least = std::min(least, gate->vruntime_);
  }
  if (least != Picoseconds::max()) floor_ = std::max(floor_, least);
  return floor_;
}

std::size_t Orchestrator::waiters() const {
  const auto waits = [](const TokenGate* gate) { return !gate->holds_; };
  return static_cast<std::size_t>(std::count_if(line_.begin(), line_.end(), waits));
}

bool Orchestrator::is_turn_over(const os::Context& ctx, const TokenGate& gate) const {
  if (!has_waiters()) return false;
  return (spec_.batch != 0 && gate.used_ >= spec_.batch) ||
         (spec_.quantum.count() != 0 && ctx.now() - gate.since_ >= spec_.quantum);
}

void Orchestrator::wait_in_line(os::Context& ctx, TokenGate& gate, JobId job) {
  gate.account(ctx.now());
  const std::size_t ahead = waiters();
  {
    const os::SpinSection section{ctx, lock_, os::SpinKind::irq};
    ctx.charge(spec_.ask);
    gate.waits_ = true;
    line_.push_back(&gate);
  }
  ctx.emit(trace::token_wait{.queue = gate.id_, .job = job, .ahead = ahead, .vruntime = gate.vruntime_});
  collect(ctx);
  // If others wait already, a token that is free is on its way to one of them.
  if (ahead == 0 || spec_.grant_in == GrantIn::completion) {
    grant(ctx, &gate);
  } else if (out_ < spec_.slots) {
    grant_soon(ctx);
  }
}

void Orchestrator::collect(os::Context& ctx) {
  auto missing = static_cast<std::ptrdiff_t>(waiters()) - static_cast<std::ptrdiff_t>(spec_.slots - out_);
  for (const auto& gate : gates_) {
    if (missing <= 0) return;
    if (gate->is_idle()) {
      take_back(ctx, *gate);
      --missing;
    } else if (gate->holds_ && !gate->in_run_job_ && gate->is_on_hardware()) {
      gate->watch(ctx);
    }
  }
}

// --- giving ----------------------------------------------------------------------------------------------------------

void Orchestrator::take_back(os::Context& ctx, TokenGate& gate) {
  gate.account(ctx.now());
  {
    const os::SpinSection section{ctx, lock_, os::SpinKind::irq};
    ctx.charge(spec_.give_back);
    gate.holds_ = false;
    --out_;
  }
  ctx.emit(trace::token_returned{.queue = gate.id_, .out = out_, .jobs = gate.used_, .vruntime = gate.vruntime_});
}

void Orchestrator::leave_line(os::Context& ctx, TokenGate& gate) {
  {
    const os::SpinSection section{ctx, lock_, os::SpinKind::irq};
    gate.waits_ = false;
    std::erase(line_, &gate);
  }
  ctx.emit(trace::token_withdrawn{.queue = gate.id_, .job = gate.asked_});
  if (!line_.empty() && !has_waiters()) grant_soon(ctx);
}

void Orchestrator::on_idle(os::Context& ctx, TokenGate& gate) {
  if (!gate.is_idle() || line_.empty()) return;
  if (has_waiters()) take_back(ctx, gate);
  grant_soon(ctx);
}

void Orchestrator::grant_soon(os::Context& ctx) {
  if (spec_.grant_in == GrantIn::completion) return grant(ctx, nullptr);
  wq_->queue(ctx, *work_);
}

os::Task<> Orchestrator::grant_work(void* self, os::Context& ctx) {
  auto& orchestrator = *static_cast<Orchestrator*>(self);
  ctx.begin_signalling();
  co_await ctx.race_point("orchestrator.grant");
  orchestrator.grant(ctx, nullptr);
  co_await ctx.step();
  ctx.end_signalling();
}

void Orchestrator::grant(os::Context& ctx, const TokenGate* asker) {
  while (out_ < spec_.slots) {
    TokenGate* const chosen = choose();
    if (chosen == nullptr) break;
    ++out_;
    chosen->holds_ = true;
    floor_ = std::max(floor_, chosen->vruntime_);
    let_in(ctx, *chosen, asker);
  }
  // Nobody waits for the tokens of those who have used up their turn: they go on.
  while (!line_.empty() && !has_waiters()) let_in(ctx, *line_.front(), asker);
}

void Orchestrator::let_in(os::Context& ctx, TokenGate& gate, const TokenGate* asker) {
  {
    const os::SpinSection section{ctx, lock_, os::SpinKind::irq};
    ctx.charge(spec_.grant);
    std::erase(line_, &gate);
    gate.waits_ = false;
    gate.admitted_ = true;
    begin_turn(gate, ctx.now());
  }
  ctx.emit(trace::token_granted{.queue = gate.id_, .job = gate.asked_, .out = out_, .vruntime = gate.vruntime_});
  if (&gate != asker) gate.queue_->room_again(ctx);
}

void Orchestrator::begin_turn(TokenGate& gate, SimTime now) {
  last_ = gate.id_;
  gate.used_ = 0;
  gate.since_ = now;
}

TokenGate* Orchestrator::choose() const {
  // RR: as far behind last_ as possible counts as first; ids are in the order of creation.
  const auto before = [this](const TokenGate& a, const TokenGate& b) {
    switch (spec_.policy) {
      case Policy::rr: {
        const bool a_is_next = a.id_ > last_;
        const bool b_is_next = b.id_ > last_;
        return a_is_next != b_is_next ? a_is_next : a.id_ < b.id_;
      }
      case Policy::fifo:
        return false;
      case Policy::fair:
        break;
    }
    return a.vruntime_ < b.vruntime_;
  };
  TokenGate* chosen = nullptr;
  for (TokenGate* gate : line_) {
    if (!gate->holds_ && (chosen == nullptr || before(*gate, *chosen))) chosen = gate;
  }
  return chosen;
}

// --- the end of a queue ----------------------------------------------------------------------------------------------

void Orchestrator::remove(os::Context& ctx, TokenGate& gate) {
  if (gate.waits_) violate("orchestrator_line", fmt::format("queue {} is gone and waits for a token", gate.name_));
  const bool held = gate.holds_;
  if (held) --out_;
  std::erase_if(gates_, [&gate](const auto& owned) { return owned.get() == &gate; });
  if (held && !line_.empty()) grant_soon(ctx);
}

}  // namespace gpusim::sched::orch
