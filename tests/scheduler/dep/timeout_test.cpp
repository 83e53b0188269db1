// SPDX-License-Identifier: MIT
// drm_dep: timeout detection (docs/drm_dep.md, "Rules").
#include "tests/support/catch.h"
#include "tests/support/dep_rig.h"

using namespace gpusim;
using os::Context;
using os::ContextKind;
using os::Task;
using sched::FenceRef;
using sched::TimeoutVerdict;
using sched::dep::TimeoutRestart;
using test::DepRig;
using trace::EventKind;

namespace {

constexpr Picoseconds kTimeout = us(100);
constexpr Picoseconds kHop = ns(20);  // a worker's wake-up

test::DepSetup plain(Picoseconds timeout, std::uint32_t credit_limit = 4) {
  test::DepSetup setup{.credit_limit = credit_limit, .timeout = timeout};
  setup.host.context_switch = Cost{};
  return setup;
}

test::DepSetup with_timeout(TimeoutRestart restart = TimeoutRestart::head) {
  test::DepSetup setup = plain(kTimeout);
  setup.policy.timeout_restart = restart;
  return setup;
}

}  // namespace

TEST_CASE("dep: timedout_job is called when the head has been on the hardware for the timeout", "[dep]") {
  DepRig rig{with_timeout()};
  rig.plans[1].works.reset();
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    {
      const Errno error = co_await sched::wait(ctx, co_await rig.submit(ctx, 1));
      CHECK(error == Errno::time);
    }
    co_await rig.queue->close(ctx);
  });
  rig.run();
  REQUIRE(rig.timeouts.size() == 1);
  CHECK(rig.timeouts[0].job == 1);
  CHECK(rig.timeouts[0].context == ContextKind::worker);
  CHECK(rig.timeouts[0].time == rig.runs.at(0).time + kTimeout + kHop);
}

TEST_CASE("dep: a job's time begins when it becomes the head, not when it is submitted", "[dep]") {
  DepRig rig{with_timeout()};
  rig.plans[1].works = us(80);
  rig.plans[2].works.reset();
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    (void)co_await rig.submit(ctx, 1);
    (void)co_await rig.submit(ctx, 2);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  REQUIRE(rig.jobs_of(rig.timeouts) == std::vector<std::uint64_t>{2});
  CHECK(rig.timeouts[0].time == *rig.time_of(EventKind::drm_sched_job_done, 1) + kTimeout + kHop);
}

TEST_CASE("dep: a job that starts does not prolong the head's time, unless it is asked to", "[dep]") {
  for (const TimeoutRestart restart : {TimeoutRestart::head, TimeoutRestart::each_job}) {
    DepRig rig{with_timeout(restart)};
    rig.plans[1].works.reset();
    rig.plans[2].works.reset();
    rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
      (void)co_await rig.submit(ctx, 1);
      co_await os::sleep_until(ctx, SimTime{us(60)});
      (void)co_await rig.submit(ctx, 2);
      co_await rig.queue->close(ctx);
    });
    rig.run();
    REQUIRE(rig.timeouts.size() == 2);
    const std::size_t begins = restart == TimeoutRestart::head ? 0 : 1;
    CHECK(rig.timeouts[0].job == 1);
    CHECK(rig.timeouts[0].time == rig.runs.at(begins).time + kTimeout + kHop);
  }
}

TEST_CASE("dep: a job that completes in time is never asked about, and an idle queue has no timer", "[dep]") {
  DepRig rig{with_timeout()};
  rig.plans[1].works = kTimeout - ns(100);
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    co_await sched::wait(ctx, co_await rig.submit(ctx, 1));
    co_await os::sleep_until(ctx, SimTime{us(500)});
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.timeouts.empty());
}

TEST_CASE("dep: not hung: the head gets its whole time again", "[dep]") {
  DepRig rig{with_timeout()};
  rig.plans[1].works.reset();
  rig.verdicts = {TimeoutVerdict::no_hang, TimeoutVerdict::no_hang};
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    (void)co_await rig.submit(ctx, 1);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  REQUIRE(rig.timeouts.size() == 3);
  CHECK(rig.timeouts[1].time == rig.timeouts[0].time + kTimeout + kHop);
  CHECK(rig.timeouts[2].time == rig.timeouts[1].time + kTimeout + kHop);
}

TEST_CASE("dep: recovered: the next head is watched", "[dep]") {
  DepRig rig{with_timeout()};
  rig.plans[1].works.reset();
  rig.plans[2].works.reset();
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    (void)co_await rig.submit(ctx, 1);
    (void)co_await rig.submit(ctx, 2);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.jobs_of(rig.timeouts) == std::vector<std::uint64_t>{1, 2});
}

TEST_CASE("dep: gone: nothing is watched any more, and un-run jobs end with -ENODEV", "[dep]") {
  DepRig rig{plain(kTimeout, 1)};
  rig.plans[1].works.reset();
  rig.verdicts = {TimeoutVerdict::enodev, TimeoutVerdict::enodev};
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    const FenceRef first = co_await rig.submit(ctx, 1);
    const FenceRef second = co_await rig.submit(ctx, 2);
    co_await os::sleep_until(ctx, SimTime{us(400)});
    CHECK_FALSE(first->is_signaled());  // the driver's fence: the driver signals it
    rig.complete(1, Errno::nodev);
    {
      const Errno error = co_await sched::wait(ctx, first);
      CHECK(error == Errno::nodev);
    }
    {
      const Errno error = co_await sched::wait(ctx, second);
      CHECK(error == Errno::nodev);
    }
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.timeouts.size() == 1);
  CHECK(rig.jobs_of(rig.runs) == std::vector<std::uint64_t>{1});
}

TEST_CASE("dep: trigger_timeout asks about the head at once", "[dep]") {
  for (const Picoseconds timeout : {Picoseconds{0}, kTimeout}) {
    DepRig rig{plain(timeout)};
    rig.plans[1].works.reset();
    SimTime triggered{};
    rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
      const FenceRef finished = co_await rig.submit(ctx, 1);
      co_await os::sleep_until(ctx, SimTime{us(30)});
      triggered = ctx.now();
      rig.queue->trigger_timeout(ctx);
      co_await os::sleep_until(ctx, SimTime{us(50)});
      if (!finished->is_signaled()) rig.complete(1);
      co_await rig.queue->close(ctx);
    });
    rig.run();
    REQUIRE(rig.timeouts.size() == 1);
    CHECK(rig.timeouts[0].time == triggered + kHop);
  }
}

TEST_CASE("dep: a job that completes while the handler runs is not lost, and not asked about again", "[dep]") {
  DepRig rig{with_timeout()};
  rig.plans[1].works.reset();
  rig.verdicts = {TimeoutVerdict::no_hang};
  rig.on_timeout = [&](Context& ctx, sched::Job& job) -> Task<> {
    rig.complete(job.id().value());
    co_await os::sleep_until(ctx, ctx.now() + us(10));
    CHECK(rig.releases.empty());  // the handler's reference keeps it
  };
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    {
      const Errno error = co_await sched::wait(ctx, co_await rig.submit(ctx, 1));
      CHECK(error == Errno::ok);
    }
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.timeouts.size() == 1);
  CHECK(rig.releases.size() == 1);
}
