// SPDX-License-Identifier: MIT
#include "sim/workload/steps_client.h"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "sim/workload/client_queue.h"
#include "sim/workload/shared_objects.h"

namespace gpusim::workload {

namespace {

class StepsWalker {
 public:
  StepsWalker(const StepsSpec& spec, const ClientEnvironment& environment)
      : spec_{spec},
        environment_{environment},
        uapi_{*environment.uapi},
        objects_{*environment.objects},
        random_{random_stream(environment, "work")} {}

  [[nodiscard]] os::Task<ClientEnd> run(os::Context& ctx) {
    std::uint64_t left = spec_.repeats;
    Errno error = Errno::ok;
    while (error == Errno::ok && left > 0) {
      error = co_await run_loop(ctx);
      left -= error == Errno::ok ? 1 : 0;
    }
    for (EngineQueue& queue : queues_) co_await finish_queues(ctx, uapi_, std::span{&queue.queue, 1});
    co_return ClientEnd{error, left};
  }

 private:
  struct EngineQueue {
    EngineChoice engine;
    ClientQueue queue;
  };

  [[nodiscard]] os::Task<Errno> run_loop(os::Context& ctx) {
    ++loop_;
    co_await ctx.step();
    loop_start_ = ctx.now();
    for (const StepsStep& step : spec_.program.steps) {
      const auto* submit = std::get_if<SubmitStep>(&step);
      if (submit == nullptr) {
        co_await take(ctx, step);
        continue;
      }
      const Errno error = co_await take_submit(ctx, *submit);
      if (error != Errno::ok) co_return error;
    }
    co_return Errno::ok;
  }

  [[nodiscard]] os::Task<> take(os::Context& ctx, const StepsStep& step) {
    if (const auto* wait = std::get_if<WaitStep>(&step)) {
      co_await take_wait(ctx, *wait);
    } else if (const auto* signal = std::get_if<SignalStep>(&step)) {
      const std::vector<drv::SyncPoint> points = points_of(ctx, std::span{&signal->point, 1});
      if (!points.empty()) uapi_.signal_point(ctx, points.front());
      co_await ctx.step();
    } else if (const auto* reset = std::get_if<ResetStep>(&step)) {
      uapi_.reset_syncobj(ctx, objects_.syncobj(ctx, reset->fence.syncobj));
      co_await ctx.step();
    } else if (const auto* idle = std::get_if<IdleStep>(&step)) {
      co_await uapi_.wait_buffer(ctx, objects_.buffer(ctx, idle->buffer));
    } else if (const auto* nap = std::get_if<SleepStep>(&step)) {
      co_await ctx.step();
      co_await sleep(ctx, environment_, ctx.now() + nap->time);
    } else if (const auto* period = std::get_if<PeriodStep>(&step)) {
      co_await take_period(ctx, *period);
    } else {
      co_await close_queues(ctx);
    }
  }

  [[nodiscard]] os::Task<> take_wait(os::Context& ctx, const WaitStep& step) {
    const std::vector<drv::SyncPoint> points = points_of(ctx, step.points);
    const bool is_reached = step.all ? points.empty() : points.size() < step.points.size();
    if (is_reached) co_return;
    co_await ctx.step();
    drv::PointWait wait{environment_.id, points, step.wait_for, step.all, step.by_eventfd, {}};
    if (step.within) wait.deadline = ctx.now() + *step.within;
    (void)co_await uapi_.wait_points(ctx, wait);
  }

  [[nodiscard]] os::Task<> take_period(os::Context& ctx, const PeriodStep& period) {
    co_await ctx.step();
    const SimTime end = loop_start_ + period.time;
    if (ctx.now() > end) {
      ctx.emit(trace::client_period_missed{.client = environment_.id, .late = ctx.now() - end});
      co_return;
    }
    co_await sleep(ctx, environment_, end);
  }

  [[nodiscard]] os::Task<> close_queues(os::Context& ctx) {
    for (EngineQueue& engine : queues_) {
      if (!engine.queue.is_open()) continue;
      engine.queue.last.reset();
      co_await uapi_.close_queue(ctx, engine.queue.id);
      ctx.emit(trace::queue_closed{.queue = engine.queue.id, .client = environment_.id});
      engine.queue.id = {};
      ++closed_;
    }
  }

  [[nodiscard]] os::Task<Errno> take_submit(os::Context& ctx, const SubmitStep& step) {
    for (const StepMember& member : step.members) {
      if (const Errno error = co_await open(ctx, member.engine); error != Errno::ok) co_return error;
    }
    if (const Errno error = co_await open(ctx, step.engine); error != Errno::ok) co_return error;
    const std::vector<drv::SyncPoint> waits = points_of(ctx, step.after);
    const std::vector<drv::SyncPoint> signals = points_of(ctx, step.signal);
    if (!waits.empty()) {
      const drv::PointWait wait{environment_.id, waits, drv::WaitFor::available, true, false, {}};
      (void)co_await uapi_.wait_points(ctx, wait);
    }
    std::vector<drv::BufferUse> uses;
    uses.reserve(step.uses.size());
    for (const StepUse& use : step.uses) uses.push_back({objects_.buffer(ctx, use.buffer), use.usage});
    std::vector<drv::GangMember> members;
    members.reserve(step.members.size());
    for (const StepMember& member : step.members) {
      members.push_back({queue_of(member.engine).queue.id, draw_ps(member.work)});
    }
    ClientQueue& queue = queue_of(step.engine).queue;
    drv::ExecArgs args;
    args.queue = queue.id;
    args.work_ps = draw_ps(step.work);
    args.work_is_estimate = spec_.work_is_estimate;
    args.preempt_every_ps = queue.points.next();
    args.credits = queue.credits;
    args.transfer = transfer_args(step.transfer);
    args.buffers = uses;
    args.waits = waits;
    args.signals = signals;
    args.members = members;
    args.dont_pipeline = step.dont_pipeline;
    Result<drv::ExecResult> submitted = co_await exec_again(ctx, uapi_, args);
    if (!submitted.ok()) co_return submitted.error();
    queue.last = std::move(submitted.value().finished);
    for (const StepMember& member : step.members) queue_of(member.engine).queue.last = queue.last;
    co_return Errno::ok;
  }

  [[nodiscard]] os::Task<Errno> open(os::Context& ctx, const EngineChoice& choice) {
    ClientQueue& queue = queue_of(choice).queue;
    if (queue.is_open()) co_return Errno::ok;
    const std::uint32_t mask = engine_mask(*environment_.device, choice);
    co_return co_await open_queue(ctx, environment_, role_of(choice), mask, spec_.priority, queue);
  }

  [[nodiscard]] std::uint64_t draw_ps(const Work& work) {
    return static_cast<std::uint64_t>(draw(work, random_).count());
  }

  EngineQueue& queue_of(const EngineChoice& engine) {
    const auto found =
        std::find_if(queues_.begin(), queues_.end(), [&](const EngineQueue& queue) { return queue.engine == engine; });
    return found != queues_.end() ? *found : queues_.emplace_back(EngineQueue{engine, {}});
  }

  [[nodiscard]] std::string role_of(const EngineChoice& engine) const {
    const std::string role = to_text(engine);
    return closed_ == 0 ? role : fmt::format("{}.{}", role, closed_);
  }

  /// In this loop, without those that have been reached from the start.
  [[nodiscard]] std::vector<drv::SyncPoint> points_of(os::Context& ctx, std::span<const PointRef> refs) {
    std::vector<drv::SyncPoint> points;
    for (const PointRef& ref : refs) {
      const std::int64_t point = ref.is_fence ? 0 : ref.at(loop_);
      if (point <= 0 && !ref.is_fence) continue;
      points.push_back({objects_.syncobj(ctx, ref.syncobj), static_cast<std::uint64_t>(point)});
    }
    return points;
  }

  const StepsSpec& spec_;
  const ClientEnvironment& environment_;
  drv::Uapi& uapi_;
  SharedObjects& objects_;
  Prng random_;
  std::deque<EngineQueue> queues_;
  std::uint32_t closed_ = 0;  // queues so far, for names that are unique
  std::int64_t loop_ = 0;
  SimTime loop_start_{};
};

}  // namespace

os::Task<ClientEnd> run_steps(os::Context& ctx, const StepsSpec& spec, const ClientEnvironment& environment) {
  StepsWalker walker{spec, environment};
  co_return co_await walker.run(ctx);
}

}  // namespace gpusim::workload
