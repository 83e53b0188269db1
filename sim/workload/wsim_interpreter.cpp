// SPDX-License-Identifier: MIT
#include "sim/workload/wsim_interpreter.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "firmware/abi/ring.h"
#include "sim/workload/client_queue.h"
#include "sim/workload/wsim_source.h"

namespace gpusim::workload {

namespace {

WsimScale scale(std::uint64_t permille) { return {static_cast<std::uint32_t>(permille), 1000}; }

Prng duration_stream(const WsimSpec& spec, const ClientEnvironment& environment) {
  if (!spec.same_random) return random_stream(environment, "durations");
  return Prng{environment.seed, environment.client_name + ".durations"};
}

}  // namespace

WsimInterpreter::WsimInterpreter(os::Context& ctx, const WsimSpec& spec, const ClientEnvironment& environment)
    : spec_{spec},
      environment_{environment},
      uapi_{*environment.uapi},
      plan_{plan_wsim(spec.program)},
      queues_{environment, plan_},
      buffers_{ctx, uapi_, spec.program, *environment.shared},
      durations_{duration_stream(spec, environment)},
      latest_(spec.program.steps.size()) {}

os::Task<ClientEnd> WsimInterpreter::run(os::Context& ctx) {
  for (std::uint64_t left = spec_.repeats; left > 0; --left) {
    const Errno error = co_await run_loop(ctx);
    if (error != Errno::ok) co_return ClientEnd{error, left};
  }
  co_return ClientEnd{};
}

os::Task<Errno> WsimInterpreter::run_loop(os::Context& ctx) {
  co_await ctx.step();
  loop_start_ = ctx.now();
  for (const Step& step : spec_.program.steps) {
    if (const auto* batch = std::get_if<Batch>(&step.body)) {
      const Errno error = co_await take_batch(ctx, *batch, step.index);
      if (error != Errno::ok) co_return error;
    } else {
      co_await take(ctx, step);
    }
  }
  signal_all(ctx);
  co_return Errno::ok;
}

os::Task<> WsimInterpreter::finish(os::Context& ctx, bool failed) {
  signal_all(ctx);
  for (const drv::ExecResult& job : latest_) {
    if (failed && job.stop_address != 0) uapi_.terminate(ctx, job);
  }
  latest_.clear();
  co_await queues_.finish(ctx);
}

// --- steps that are no batch -----------------------------------------------------------------------------------------

os::Task<> WsimInterpreter::take(os::Context& ctx, const Step& step) {
  if (const auto* delay = std::get_if<Delay>(&step.body)) {
    co_await ctx.step();
    const std::uint64_t scaled = scale_us(delay->us, scale(spec_.delay_scale_permille));
    co_await sleep(ctx, environment_, ctx.now() + us(static_cast<std::int64_t>(scaled)));
  } else if (const auto* period = std::get_if<Period>(&step.body)) {
    co_await wait_until_period_ends(ctx, *period);
  } else if (const auto* sync = std::get_if<Sync>(&step.body)) {
    co_await wait_for(ctx, sync->target.step);
  } else if (const auto* throttle = std::get_if<Throttle>(&step.body)) {
    throttle_ = throttle->steps;
  } else if (const auto* queue_depth = std::get_if<QueueDepth>(&step.body)) {
    depth_ = queue_depth->depth;
  } else if (std::holds_alternative<SwFence>(step.body)) {
    create_fence(ctx, step.index);
  } else if (const auto* signal = std::get_if<SignalSwFence>(&step.body)) {
    signal_up_to(ctx, signal->target.step);
  } else if (const auto* end = std::get_if<Terminate>(&step.body)) {
    uapi_.terminate(ctx, latest_[end->target.step]);
  } else if (const auto* priority = std::get_if<Priority>(&step.body)) {
    co_await queues_.set_priority(ctx, priority->context, priority->value);
  }
  // The rest declares what plan_wsim() and the buffers have taken up, or is not modelled.
}

os::Task<> WsimInterpreter::wait_until_period_ends(os::Context& ctx, const Period& period) {
  co_await ctx.step();
  const SimTime end = loop_start_ + us(static_cast<std::int64_t>(period.us));
  if (ctx.now() > end) {
    ctx.emit(trace::client_period_missed{.client = environment_.id, .late = ctx.now() - end});
    co_return;
  }
  co_await sleep(ctx, environment_, end);
}

void WsimInterpreter::create_fence(os::Context& ctx, std::size_t step) {
  latest_[step].finished = uapi_.create_sw_fence(ctx);
  unsignalled_.push_back(step);
}

void WsimInterpreter::signal_up_to(os::Context& ctx, std::size_t step) {
  const auto target = std::find(unsignalled_.begin(), unsignalled_.end(), step);
  if (target == unsignalled_.end()) return;  // signalled by an earlier step for a later fence
  for (auto at = unsignalled_.begin(); at <= target; ++at) uapi_.signal_sw_fence(ctx, latest_[*at].finished);
  unsignalled_.erase(unsignalled_.begin(), target + 1);
}

void WsimInterpreter::signal_all(os::Context& ctx) {
  if (!unsignalled_.empty()) signal_up_to(ctx, unsignalled_.back());
}

// --- batches ---------------------------------------------------------------------------------------------------------

os::Task<Errno> WsimInterpreter::take_batch(os::Context& ctx, const Batch& batch, std::size_t step) {
  if (throttle_ > 0) co_await wait_for(ctx, throttle_target(spec_.program, step, throttle_));
  const Errno error = co_await submit(ctx, batch, step);
  if (error != Errno::ok) co_return error;
  if (batch.wait) co_await wait_for(ctx, step);
  co_await limit_depth(ctx, step);
  co_return Errno::ok;
}

os::Task<Errno> WsimInterpreter::submit(os::Context& ctx, const Batch& batch, std::size_t step) {
  const PlannedBatch& planned = plan_.batches[step];
  if (!queues_.is_open(planned.queue)) {
    const Errno error = co_await queues_.open(ctx, planned.queue);
    if (error != Errno::ok) co_return error;
  }
  const std::vector<drv::SyncFile> fences = in_fences(batch);
  drv::ExecArgs args;
  args.queue = queues_.at(planned.queue).id;
  args.work_ps = work_ps(batch.duration);
  args.work_is_estimate = spec_.work_is_estimate;
  args.preempt_every_ps = planned.preempt_every_ps;
  args.credits = queues_.at(planned.queue).credits;
  args.want_started = planned.wants_started;
  args.in_fences = fences;
  args.buffers = buffers_.uses(step);
  Result<drv::ExecResult> submitted = co_await exec_again(ctx, uapi_, args);
  if (!submitted.ok()) co_return submitted.error();
  latest_[step] = std::move(submitted.value());
  queues_.at(planned.queue).last = latest_[step].finished;
  co_return Errno::ok;
}

std::uint64_t WsimInterpreter::work_ps(const Duration& duration) {
  if (duration.unbounded) return abi::kEndless;
  return draw_duration_us(duration, scale(spec_.duration_scale_permille), durations_) * kPsPerUs;
}

std::vector<drv::SyncFile> WsimInterpreter::in_fences(const Batch& batch) const {
  std::vector<drv::SyncFile> fences;
  fences.reserve(batch.fence_deps.size() + batch.submit_deps.size());
  for (const StepRef& target : batch.fence_deps) fences.push_back(latest_[target.step].finished);
  for (const StepRef& target : batch.submit_deps) fences.push_back(latest_[target.step].started);
  return fences;
}

os::Task<> WsimInterpreter::limit_depth(os::Context& ctx, std::size_t step) {
  const WsimEngine engine = plan_.queues[plan_.batches[step].queue].engines.front();
  std::vector<std::size_t>& listed = listed_[static_cast<std::size_t>(engine)];
  std::erase(listed, step);
  listed.push_back(step);
  while (depth_ > 0 && listed.size() > depth_) {
    co_await wait_for(ctx, listed.front());
    listed.erase(listed.begin());
  }
}

// All waits are for the batch's output object, as gem_wsim's are: for its readers, too.
os::Task<> WsimInterpreter::wait_for(os::Context& ctx, std::size_t step) {
  if (was_submitted(step)) co_await uapi_.wait_buffer(ctx, buffers_.output(step));
}

}  // namespace gpusim::workload
