// SPDX-License-Identifier: MIT
#include "tests/support/drm_truth/mock_gpu.h"

#include <algorithm>

#include "tests/support/drm_truth/log_writer.h"

namespace gpusim::test::truth {

using sched::RunResult;
using sched::TimeoutVerdict;
using sched::drm::SchedJob;

MockGpu::MockGpu(World& world, const Phrase& spec)
    : world_{world},
      name_{spec.word(1)},
      ring_{spec.text("engine", "mock") == "ring"},
      mode_{spec.text("tdr", "mock")},
      karma_{spec.number("karma", 0) != 0},
      skips_errors_{spec.number("skip_err", 0) != 0},
      reset_{spec.time("reset").value_or(Picoseconds{0})},
      handler_time_{spec.time("tdr_time").value_or(Picoseconds{0})},
      context_{world.fences.new_context()} {}

os::Task<RunResult> MockGpu::run_job(os::Context& ctx, sched::Job& job) {
  ScriptJob& self = world_.job(job.id());
  const auto& finished = static_cast<SchedJob&>(job).finished();
  self.ran = true;
  if (skips_errors_ && finished->error() != Errno::ok) {
    self.skipped = true;
    world_.log("skip", self.entity, self.name, {{"err", std::to_string(-static_cast<int>(finished->error()))}});
    co_return RunResult{};
  }
  if (self.fails != 0) co_return RunResult{{}, static_cast<Errno>(-self.fails)};
  if (self.no_fence) co_return RunResult{};
  self.hardware_seqno = next_seqno_++;
  self.hardware = world_.fences.create(ctx, context_, self.hardware_seqno, 0, 0);
  if (self.instant) {
    completed_ = std::max(completed_, self.hardware_seqno);
    signal(ctx, self, 0);
    self.done = true;
    self.done_wait.wake_all(ctx);
    world_.on_job_event("done", self.name);
    co_return RunResult{self.hardware};
  }
  if (!ring_ && self.duration.count() > 0) {
    const bool behind = !list_.empty() && list_.back()->duration.count() > 0;
    self.ends = (behind ? list_.back()->ends : ctx.now()) + self.duration;
    plan_end(self);
  }
  list_.push_back(&self);
  if (list_.size() == 1) start_head();
  co_return RunResult{self.hardware};
}

void MockGpu::plan_end(ScriptJob& job) {
  os::Host& host = world_.base.host;
  // Behind a timed job that a manual one holds up its end may lie in the past: the timer then fires at once.
  job.end_timer = host.timeline().schedule<&MockGpu::on_end_timer>(std::max(job.ends, host.now()), Phase::cpu,
                                                                   host.component(), this, job.hardware_seqno);
}

void MockGpu::start_head() {
  if (!ring_ || list_.empty()) return;
  ScriptJob& head = *list_.front();
  world_.log("hw_start", head.entity, head.name, {{"s", name_}});
  if (head.duration.count() == 0) return;
  head.ends = world_.base.host.now() + head.duration;
  plan_end(head);
}

void MockGpu::on_end_timer(std::uint64_t) {
  const SimTime now = world_.base.host.now();
  while (!list_.empty() && list_.front()->duration.count() > 0 && list_.front()->ends <= now) {
    completed_ = std::max(completed_, list_.front()->hardware_seqno);
    complete_head(world_.irq);
    if (ring_) return start_head();
  }
}

void MockGpu::complete_head(os::Context& ctx) {
  ScriptJob& head = *list_.front();
  list_.pop_front();
  world_.base.timeline.cancel(head.end_timer);
  head.done = true;
  signal(ctx, head, 0);
  head.done_wait.wake_all(ctx);
  world_.on_job_event("done", head.name);
}

std::uint64_t MockGpu::advance(os::Context& ctx, std::uint64_t n) {
  completed_ += n;
  std::uint64_t found = 0;
  while (!list_.empty() && list_.front()->hardware_seqno <= completed_) {
    complete_head(ctx);
    ++found;
  }
  if (found != 0) start_head();
  return found;
}

void MockGpu::signal(os::Context& ctx, ScriptJob& job, std::int64_t error) {
  world_.log("hw_signal", job.entity, job.name,
             {{"hwseq", std::to_string(job.hardware_seqno)}, {"err", std::to_string(-error)}});
  job.hardware->signal(ctx, static_cast<Errno>(error));
}

/// False if it was not on the hardware.
bool MockGpu::take_off(ScriptJob& job) {
  world_.base.timeline.cancel(job.end_timer);
  return std::erase(list_, &job) != 0;
}

void MockGpu::clear_ring() {
  world_.log("hw_reset", "-", "-", {{"s", name_}});
  while (!list_.empty()) take_off(*list_.front());
}

os::Task<TimeoutVerdict> MockGpu::timedout_job(os::Context& ctx, sched::Job& job) {
  ScriptJob& self = world_.job(job.id());
  auto& bad = static_cast<SchedJob&>(job);
  const auto has_ended = [&] { return !self.hardware || self.hardware->is_signaled(); };
  if (handler_time_.count() > 0) co_await os::sleep_until(ctx, ctx.now() + handler_time_);
  if (mode_ == "nohang" || (mode_ == "check" && has_ended())) co_return TimeoutVerdict::no_hang;
  if (mode_ == "mock" || mode_ == "check") co_return end_timed_out(ctx, self);
  if (mode_ == "enodev") {
    co_await scheduler->stop(ctx, &bad);
    clear_ring();
    co_return TimeoutVerdict::enodev;
  }
  if (mode_ == "cancel") {
    co_await scheduler->stop(ctx, &bad);
    if (reset_.count() > 0) co_await os::sleep_until(ctx, ctx.now() + reset_);
    clear_ring();
    co_await scheduler->restart(ctx, Errno::time);
    co_return TimeoutVerdict::reset;
  }
  co_await recover(ctx, bad);
  co_return TimeoutVerdict::reset;
}

/// As the mock scheduler of the kernel's tests: the job is freed here.
TimeoutVerdict MockGpu::end_timed_out(os::Context& ctx, ScriptJob& job) {
  if (job.keeps) {
    job.skipped = true;
    return TimeoutVerdict::no_hang;
  }
  if (job.hardware && !job.hardware->is_signaled()) {
    const bool was_head = !list_.empty() && list_.front() == &job;
    take_off(job);
    job.timed_out = true;
    signal(ctx, job, static_cast<std::int64_t>(Errno::timedout));
    if (was_head) start_head();
  }
  job.freed_by_timeout = true;
  scheduler->free_timed_out(ctx, *job.job);
  return TimeoutVerdict::reset;
}

/// Stop, karma, reset, resubmit, start: this scheduler, or ("group") all of the script.
os::Task<> MockGpu::recover(os::Context& ctx, SchedJob& bad) {
  std::vector<MockGpu*> group;
  for (const auto& gpu : world_.gpus) {
    if (mode_ == "group" || gpu.get() == this) group.push_back(gpu.get());
  }
  for (MockGpu* gpu : group) co_await gpu->scheduler->stop(ctx, gpu == this ? &bad : nullptr);
  if (karma_) scheduler->increase_karma(ctx, bad);
  if (reset_.count() > 0) co_await os::sleep_until(ctx, ctx.now() + reset_);
  for (MockGpu* gpu : group) gpu->clear_ring();
  for (MockGpu* gpu : group) co_await gpu->scheduler->resubmit_jobs(ctx);
  for (MockGpu* gpu : group) co_await gpu->scheduler->restart(ctx, Errno::ok);
}

void MockGpu::cancel_job(os::Context& ctx, sched::Job& job) {
  ScriptJob& self = world_.job(job.id());
  world_.log("cancel", self.entity, self.name, {{"s", name_}});
  const bool was_head = !list_.empty() && list_.front() == &self;
  world_.base.timeline.cancel(self.end_timer);
  if (!self.hardware || self.hardware->is_signaled()) return;
  take_off(self);
  signal(ctx, self, static_cast<std::int64_t>(Errno::canceled));
  if (was_head) start_head();
}

void MockGpu::release_job(os::Context& ctx, sched::Job& job) {
  ScriptJob& self = world_.job(job.id());
  const auto& dying = static_cast<SchedJob&>(job);
  World::Fields fields{{"err", std::to_string(-static_cast<int>(dying.finished()->error()))}};
  if (!dying.finished()->is_signaled()) fields["unsignalled"] = "1";
  if (self.freed_by_timeout) {
    fields["by"] = "tdr";
  } else if (self.ran && dying.finished()->is_signaled()) {
    fields["dur"] = std::to_string(dying.duration() / ns(1));
    if (world_.policy == sched::drm::Policy::fair) {
      fields["rt"] = std::to_string(dying.entity().stats().runtime);
      fields.merge(world_.writer->averages_of(dying.entity(), *scheduler));
    }
  }
  world_.log("free", self.entity, self.name, std::move(fields));
  const bool was_head = !list_.empty() && list_.front() == &self;
  if (take_off(self)) {
    world_.log("hw_drop", self.entity, self.name, {{"s", name_}});
    if (was_head) start_head();
  }
  self.job = nullptr;
  self.freed = true;
  self.free_wait.wake_all(ctx);
  world_.on_job_event("free", self.name);
}

}  // namespace gpusim::test::truth
