// SPDX-License-Identifier: MIT
// JobQueue B: stages of the driver, and ticks for many completions (docs/jobqueue.md, "Rules of the pipeline").
#include <algorithm>

#include "tests/support/catch.h"
#include "tests/support/jobqueue_rig.h"

using namespace gpusim;
using os::Context;
using os::ContextKind;
using os::Task;
using sched::FenceRef;
using sched::StageAnswer;
using sched::jq::Coalescing;
using sched::jq::WorkKind;
using test::JobQueueRig;
using test::StageCall;
using trace::EventKind;

namespace {

using Jobs = std::vector<std::uint64_t>;
using Kind = StageAnswer::Kind;

std::size_t ticks(const JobQueueRig& rig) {
  const auto works = rig.all<trace::workqueue_execute_start>();
  return static_cast<std::size_t>(std::count_if(works.begin(), works.end(), [](const auto& work) {
    return work.work == trace::Code{static_cast<std::uint64_t>(WorkKind::tick)};
  }));
}

/// One job on a queue with two stages of the driver.
void one_job(JobQueueRig& rig, SimTime until) {
  rig.thread("client", us(1), [&rig, until](Context& ctx) -> Task<> {
    (void)co_await rig.submit(ctx, 1);
    co_await os::sleep_until(ctx, until);
    co_await rig.queue->close(ctx);
  });
}

}  // namespace

// --- stages ----------------------------------------------------------------------------------------------------------

TEST_CASE("pipeline: stages of the driver: advance goes on to the next, each with a clock of its own", "[jobqueue]") {
  JobQueueRig rig{{.driver_stages = 2}};
  rig.plans[1].works = us(100);
  rig.on_stage = [](const StageCall& call) {
    if (call.stage == 0 && call.elapsed < us(20)) return StageAnswer{.kind = Kind::wait_for, .duration = us(20)};
    return StageAnswer{};
  };
  one_job(rig, SimTime{us(200)});
  rig.run();
  REQUIRE(rig.stage_calls.size() == 3);
  CHECK(rig.stage_calls[1].stage == 0);
  CHECK(rig.stage_calls[1].elapsed >= us(20));
  CHECK(rig.stage_calls[1].elapsed < us(21));
  CHECK(rig.stage_calls[2].stage == 1);
  CHECK(rig.stage_calls[2].elapsed == us(0));
  CHECK(rig.releases.size() == 1);
}

TEST_CASE("pipeline: stages of the driver: whatever it answers, it is asked again at the next tick", "[jobqueue]") {
  JobQueueRig rig{{.driver_stages = 1}};
  rig.plans[1].works = us(100);
  const Kind kind = GENERATE(Kind::wait, Kind::wait_for, Kind::wait_on);
  FenceRef gate;
  rig.on_stage = [&](const StageCall&) {
    return StageAnswer{
        .kind = kind, .fence = kind == Kind::wait_on ? gate : FenceRef{}, .duration = us(90), .error = Errno::ok};
  };
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    gate = rig.fence(ctx);
    (void)co_await rig.submit(ctx, 1);
    co_await os::sleep_until(ctx, SimTime{us(20)});
    const std::size_t asked = rig.stage_calls.size();
    CHECK(asked >= 1);
    (void)co_await rig.submit(ctx, 2);  // a tick
    co_await os::sleep_until(ctx, SimTime{us(40)});
    CHECK(rig.stage_calls.size() > asked);
    co_await os::sleep_until(ctx, SimTime{us(120)});
    gate->signal(ctx, Errno::ok);  // nobody waits for it any more: its job is done
    gate.reset();
    rig.on_stage = {};
    co_await rig.queue->close(ctx);
  });
  rig.run();
}

TEST_CASE("pipeline: stages of the driver: wait_on is asked again when the fence has signalled", "[jobqueue]") {
  JobQueueRig rig{{.driver_stages = 1}};
  rig.plans[1].works = us(100);
  FenceRef gate;
  rig.on_stage = [&](const StageCall&) {
    return gate->is_signaled() ? StageAnswer{} : StageAnswer{.kind = Kind::wait_on, .fence = gate};
  };
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    gate = rig.fence(ctx);
    (void)co_await rig.submit(ctx, 1);
    co_await os::sleep_until(ctx, SimTime{us(20)});
    CHECK(rig.stage_calls.size() == 1);
    gate->signal(ctx, Errno::ok);
    co_await os::sleep_until(ctx, SimTime{us(30)});
    CHECK(rig.stage_calls.size() >= 2);
    gate.reset();
    rig.on_stage = {};
    co_await rig.queue->close(ctx);
  });
  rig.run();
}

TEST_CASE("pipeline: stages of the driver: a job that has timed out ends with the error, in its turn", "[jobqueue]") {
  JobQueueRig rig{{.driver_stages = 2}};
  rig.plans[1].works = us(100);
  rig.plans[2].works.reset();
  rig.on_stage = [](const StageCall& call) {
    if (call.job == 2) return StageAnswer{.kind = Kind::timed_out, .error = Errno::timedout};
    return StageAnswer{};
  };
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    const FenceRef first = co_await rig.submit(ctx, 1);
    const FenceRef second = co_await rig.submit(ctx, 2);
    co_await os::sleep_until(ctx, SimTime{us(50)});
    CHECK_FALSE(second->is_signaled());
    co_await os::sleep_until(ctx, SimTime{us(150)});
    CHECK(first->is_signaled());
    CHECK(second->error() == Errno::timedout);
    co_await rig.queue->close(ctx);
  });
  rig.run(false);
  CHECK(rig.jobs_of(rig.releases) == Jobs{1, 2});
}

// --- coalescing ------------------------------------------------------------------------------------------------------

namespace {

/// Three jobs whose hardware fences signal in an interrupt's thread, one after the other, with time between them.
struct Batch {
  std::size_t ticks = 0;
  std::size_t in_thread = 0;  ///< jobs run by that thread
};

Batch batch(Coalescing coalescing) {
  JobQueueRig rig{{.options = {.coalescing = coalescing}}};
  std::map<std::uint64_t, FenceRef> hardware;
  for (std::uint64_t job = 1; job <= 3; ++job) rig.plans[job].works.reset();
  std::uint32_t thread = 0;
  rig.bare.host.request_threaded_irq(1, "completions", 1, [&](Context& ctx) -> Task<> {
    thread = ctx.thread_number();
    rig.queue->begin_completions();
    for (std::uint64_t job = 1; job <= 3; ++job) {
      rig.signal_hardware(ctx, job);
      ctx.charge(test::cost(us(2)));
      co_await ctx.step();
    }
    if (rig.queue->end_completions(ctx)) co_await rig.queue->tick_inline(ctx);
  });
  Batch seen;
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    for (std::uint64_t job = 1; job <= 3; ++job) (void)co_await rig.submit(ctx, job);
    co_await os::sleep_until(ctx, SimTime{us(20)});
    rig.room = false;
    (void)co_await rig.submit(ctx, 4);
    co_await os::sleep_until(ctx, SimTime{us(30)});
    rig.room = true;
    const std::size_t before = ticks(rig);
    rig.bare.host.deliver_interrupt(1);
    co_await os::sleep_until(ctx, SimTime{us(40)});
    seen.ticks = ticks(rig) - before;
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.jobs_of(rig.runs) == Jobs{1, 2, 3, 4});
  seen.in_thread = static_cast<std::size_t>(
      std::count_if(rig.runs.begin(), rig.runs.end(), [&](const test::Call& run) { return run.thread == thread; }));
  return seen;
}

}  // namespace

TEST_CASE("pipeline: many completions ask for one tick, if they are coalesced", "[jobqueue]") {
  CHECK(batch(Coalescing::off).ticks == 3);
  const Batch one = batch(Coalescing::workqueue);
  CHECK(one.ticks == 1);
  CHECK(one.in_thread == 0);
}

TEST_CASE("pipeline: and that one runs in the interrupt's thread, if it may", "[jobqueue]") {
  const Batch one = batch(Coalescing::in_thread);
  CHECK(one.ticks == 0);
  CHECK(one.in_thread == 1);
}

TEST_CASE("pipeline: a tick that finds another at work leaves what there is to it", "[jobqueue]") {
  JobQueueRig rig{{.driver_stages = 1}};
  rig.plans[1].works.reset();
  rig.stage_takes = us(10);
  rig.on_stage = [&](const StageCall&) {
    if (rig.stage_calls.size() == 3) return StageAnswer{.kind = Kind::wait_for, .duration = us(20)};
    return StageAnswer{.kind = Kind::wait};
  };
  FenceRef gate;
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    gate = rig.fence(ctx);
    (void)co_await rig.submit(ctx, 1);
    co_await os::sleep_until(ctx, SimTime{us(15)});
    (void)co_await rig.submit(ctx, 2, test::after(gate));
    // Asked by the first job's tick, and by the second one's from 15 us on; then the timer's tick asks in its pass
    // backwards, from 55 us on, and at the end of its pass forwards, from 65 us on.
    co_await os::sleep_until(ctx, SimTime{us(70)});
    CHECK(rig.stage_calls.size() == 5);
    CHECK(rig.stage_calls.back().time >= SimTime{us(65)});
    gate->signal(ctx, Errno::ok);
    gate.reset();
    co_await os::sleep_until(ctx, SimTime{us(73)});
    CHECK(rig.runs.size() == 1);
    co_await os::sleep_until(ctx, SimTime{us(100)});
    CHECK(rig.runs.size() == 2);
    rig.complete(1);
    co_await rig.queue->close(ctx);
  });
  rig.run();
}
