// SPDX-License-Identifier: MIT
#include "tests/support/queue_rig.h"

#include <algorithm>

namespace gpusim::test {

QueueRig::QueueRig(const os::HostSpec& host) : bare{host}, hardware_context_{fences.new_context()} {
  bare.recorder.attach_to_all(*this);
  bare.names.queues = {{}, {"queue", 0, 1}};
  bare.host.request_irq(0, "device", 0, [this](os::Context& ctx) -> os::Task<> {
    while (!due_.empty()) {
      const std::uint64_t job = due_.front();
      due_.erase(due_.begin());
      Hardware& hardware = hardware_[job];
      const sched::FenceRef fence = hardware.fence;
      if (fence && !fence->is_signaled()) fence->signal(ctx, hardware.error);
      co_await ctx.step();
    }
  });
}

QueueRig::~QueueRig() = default;

void QueueRig::thread(std::string name, Picoseconds start, os::Thread::Body body) {
  bare.client(std::move(name), [start, body = std::move(body)](os::Context& ctx) -> os::Task<> {
    co_await os::sleep_until(ctx, SimTime{start});
    co_await body(ctx);
  });
}

sched::Job* QueueRig::prepare(os::Context& ctx, std::uint64_t job, std::uint32_t credits) {
  const Result<sched::Job*> prepared = submission().prepare(ctx, {JobId{job}, credits, 0});
  return prepared.ok() ? prepared.value() : nullptr;
}

os::Task<sched::FenceRef> QueueRig::submit(os::Context& ctx, std::uint64_t job,
                                           std::vector<sched::FenceRef> dependencies, std::uint32_t credits) {
  sched::Job* const prepared = prepare(ctx, job, credits);
  for (sched::FenceRef& dependency : dependencies)
    (void)submission().add_dependency(ctx, *prepared, std::move(dependency));
  sched::FenceRef finished = co_await submission().commit(ctx, *prepared);
  submission().put_job(ctx, *prepared);
  co_await ctx.step();
  co_return finished;
}

sched::FenceRef QueueRig::fence(os::Context& ctx) { return fences.create(ctx, fences.new_context(), 1, 0, 0); }

void QueueRig::complete(std::uint64_t job, Errno error) {
  hardware_[job].error = error;
  on_due(job);
}

void QueueRig::signal_hardware(os::Context& ctx, std::uint64_t job, Errno error) {
  hardware_[job].fence->signal(ctx, error);
}

void QueueRig::complete_at(Picoseconds when, std::uint64_t job, Errno error) {
  hardware_[job].error = error;
  bare.timeline.schedule<&QueueRig::on_due>(SimTime{when}, Phase::engine, bare.host.component(), this, job);
}

void QueueRig::on_due(std::uint64_t job) {
  due_.push_back(job);
  bare.host.deliver_interrupt(0);
}

void QueueRig::run(bool check_released) {
  bare.run();
  hardware_.clear();
  if (!check_released) return;
  check_component_released();
  fences.check_empty();
}

Call QueueRig::call(const os::Context& ctx, std::uint64_t job) const {
  return {job, ctx.now(), ctx.kind(), ctx.thread_number()};
}

// --- the backend -----------------------------------------------------------------------------------------------------

os::Task<sched::RunResult> QueueRig::run_job(os::Context& ctx, sched::Job& job) {
  const std::uint64_t id = job.id().value();
  JobPlan& plan = plans[id];
  if (std::exchange(plan.refused_once, false)) co_return sched::RunResult{{}, Errno::again};
  if (on_run) on_run(ctx);
  runs.push_back(call(ctx, id));
  most_running = std::max(most_running, ++running_now);
  ctx.charge(cost(plan.run_takes));
  co_await ctx.step();
  --running_now;
  if (plan.without_fence) co_return sched::RunResult{{}, plan.run_error};
  Hardware& hardware = hardware_[id];
  hardware.fence = fences.create(ctx, hardware_context_, id, 1, 0);
  if (plan.hardware_error != Errno::ok) hardware.error = plan.hardware_error;
  if (plan.done_before_return) {
    hardware.fence->signal(ctx, hardware.error);
  } else if (plan.works) {
    bare.timeline.schedule<&QueueRig::on_due>(ctx.now() + *plan.works, Phase::engine, bare.host.component(), this, id);
  }
  co_return sched::RunResult{hardware.fence, Errno::ok};
}

os::Task<sched::TimeoutVerdict> QueueRig::timedout_job(os::Context& ctx, sched::Job& job) {
  const std::uint64_t id = job.id().value();
  timeouts.push_back(call(ctx, id));
  if (on_timeout) co_await on_timeout(ctx, job);
  if (timeouts.size() <= verdicts.size()) co_return verdicts[timeouts.size() - 1];
  const sched::FenceRef fence = hardware_[id].fence;
  if (fence && !fence->is_signaled()) fence->signal(ctx, Errno::time);
  co_return sched::TimeoutVerdict::reset;
}

void QueueRig::release_job(os::Context& ctx, sched::Job& job) { releases.push_back(call(ctx, job.id().value())); }

os::Task<> QueueRig::queue_fini(os::Context& ctx) {
  finis.push_back(call(ctx, 0));
  if (fini_takes.count() != 0) co_await os::sleep_until(ctx, ctx.now() + fini_takes);
}

// --- what was seen ---------------------------------------------------------------------------------------------------

std::vector<std::uint64_t> QueueRig::jobs_of(const std::vector<Call>& calls) const {
  std::vector<std::uint64_t> jobs;
  for (const Call& call : calls) jobs.push_back(call.job);
  return jobs;
}

std::vector<trace::Event> QueueRig::events(trace::EventKind kind) const {
  std::vector<trace::Event> found;
  for (const trace::Event& event : trace) {
    if (event.kind == kind) found.push_back(event);
  }
  return found;
}

std::optional<SimTime> QueueRig::time_of(trace::EventKind kind, std::uint64_t job) const {
  for (const trace::Event& event : trace) {
    if (event.kind == kind && event.job == job) return event.time;
  }
  return std::nullopt;
}

bool QueueRig::before(trace::EventKind first, std::uint64_t job, trace::EventKind second, std::uint64_t other) const {
  std::optional<std::size_t> a;
  std::optional<std::size_t> b;
  for (std::size_t i = 0; i < trace.size(); ++i) {
    if (!a && trace[i].kind == first && trace[i].job == job) a = i;
    if (!b && trace[i].kind == second && trace[i].job == other) b = i;
  }
  return a && b && *a < *b;
}

}  // namespace gpusim::test
