// SPDX-License-Identifier: MIT
// drm_dep: what does not get lost: triggered timeouts, kills, refused jobs. And which context does what
// (docs/drm_dep.md).
#include "tests/support/catch.h"
#include "tests/support/dep_rig.h"
#include "tests/support/violation.h"

using namespace gpusim;
using os::Context;
using os::Task;
using sched::FenceRef;
using sched::dep::BypassCondition;
using test::DepRig;
using trace::EventKind;

namespace {

using Jobs = std::vector<std::uint64_t>;

}  // namespace

// --- triggers and kills ----------------------------------------------------------------------------------------------

TEST_CASE("dep: a trigger is lost neither to a new head nor to a stop", "[dep]") {
  for (const bool stops : {false, true}) {
    test::DepSetup setup{.timeout = ms(10)};
    setup.host.worker_wake = test::cost(us(2));  // the interrupt is faster than the timeout worker
    DepRig rig{setup};
    rig.plans[1].works.reset();
    rig.plans[2].works.reset();
    rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
      (void)co_await rig.submit(ctx, 1);
      (void)co_await rig.submit(ctx, 2);
      co_await os::sleep_until(ctx, SimTime{us(30)});
      rig.queue->trigger_timeout(ctx);
      if (stops) {
        co_await rig.queue->stop(ctx);
        co_await rig.queue->start(ctx, Errno::ok);
      } else {
        rig.complete(1);
      }
      co_await rig.queue->close(ctx);
    });
    rig.run();
    REQUIRE_FALSE(rig.timeouts.empty());
    CHECK(rig.timeouts[0].job == (stops ? 1 : 2));
    CHECK(rig.timeouts[0].time < SimTime{us(40)});
  }
}

TEST_CASE("dep: a trigger concerns the jobs on the hardware, not those that come later", "[dep]") {
  test::DepSetup setup{.timeout = ms(10)};
  setup.host.worker_wake = test::cost(us(2));
  DepRig rig{setup};
  rig.plans[1].works.reset();
  rig.plans[2].works = us(100);
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    (void)co_await rig.submit(ctx, 1);
    co_await os::sleep_until(ctx, SimTime{us(30)});
    rig.queue->trigger_timeout(ctx);
    rig.complete(1);
    co_await os::sleep_until(ctx, SimTime{us(40)});
    (void)co_await rig.submit(ctx, 2);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.timeouts.empty());
}

TEST_CASE("dep: kill asks about each job on the hardware, once, also without a timeout", "[dep]") {
  for (const bool stopped : {false, true}) {
    DepRig rig;
    for (std::uint64_t job = 1; job <= 3; ++job) rig.plans[job].works.reset();
    rig.verdicts = {sched::TimeoutVerdict::no_hang};
    rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
      for (std::uint64_t job = 1; job <= 3; ++job) (void)co_await rig.submit(ctx, job);
      co_await os::sleep_until(ctx, SimTime{us(30)});
      if (stopped) co_await rig.queue->stop(ctx);
      rig.queue->kill(ctx, Errno::canceled);
      co_await os::sleep_until(ctx, SimTime{us(50)});
      CHECK(rig.timeouts.empty() == stopped);
      if (stopped) co_await rig.queue->start(ctx, Errno::ok);
      co_await os::sleep_until(ctx, SimTime{us(60)});
      CHECK(rig.jobs_of(rig.timeouts) == Jobs{1});  // it is not hung: it is left to end
      rig.complete(1);
      co_await rig.queue->close(ctx);
    });
    rig.run();
    CHECK(rig.jobs_of(rig.timeouts) == Jobs{1, 2, 3});
  }
}

TEST_CASE("dep: a job that is handed over while its queue is killed is asked about then", "[dep]") {
  for (const bool bypass : {false, true}) {
    DepRig rig{{.policy = {.bypass = bypass}}};
    rig.plans[1] = {.run_takes = us(20), .works = std::nullopt};
    rig.verdicts = {sched::TimeoutVerdict::no_hang};  // it has not been handed over
    rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
      const FenceRef finished = co_await rig.submit(ctx, 1);
      co_await sched::wait(ctx, finished);
      co_await rig.queue->close(ctx);
    });
    rig.thread("killer", us(10), [&](Context& ctx) -> Task<> {
      CHECK(rig.running_now == 1);
      rig.queue->kill(ctx, Errno::canceled);
      co_return;
    });
    rig.run();
    CHECK(rig.jobs_of(rig.timeouts) == Jobs{1, 1});
  }
}

TEST_CASE("dep: a kill counts on the queued path whatever the bypass looks at", "[dep]") {
  test::DepSetup setup;
  setup.policy.bypass_requires[static_cast<std::size_t>(BypassCondition::usable)] = false;
  setup.costs.dispatch = test::cost(us(5));
  DepRig rig{setup};
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    (void)co_await rig.submit(ctx, 1);
    co_await os::sleep_until(ctx, SimTime{us(3)});  // the worker has looked at the job, and is about to run it
    rig.queue->kill(ctx, Errno::canceled);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.runs.empty());
}

// --- refused jobs ----------------------------------------------------------------------------------------------------

TEST_CASE("dep: a refused job is tried again when one before it has completed", "[dep]") {
  for (const bool bypass : {false, true}) {
    DepRig rig{{.policy = {.bypass = bypass}}};
    rig.plans[1].works = us(50);
    rig.plans[2].refused_once = true;
    rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
      (void)co_await rig.submit(ctx, 1);
      (void)co_await rig.submit(ctx, 2);
      co_await os::sleep_until(ctx, SimTime{us(10)});
      CHECK(rig.queue->credits_in_flight() == 1);
      co_await rig.queue->close(ctx);
    });
    rig.run();
    REQUIRE(rig.jobs_of(rig.runs) == Jobs{1, 2});
    CHECK(rig.runs[1].time >= *rig.time_of(EventKind::drm_sched_job_done, 1));
  }
}

TEST_CASE("dep: a refused job of a queue that is killed ends with the error, in its turn", "[dep]") {
  DepRig rig;
  rig.plans[1].works = us(50);
  rig.plans[2].refused_once = true;
  rig.verdicts = {sched::TimeoutVerdict::no_hang};
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    (void)co_await rig.submit(ctx, 1);
    const FenceRef second = co_await rig.submit(ctx, 2);
    co_await os::sleep_until(ctx, SimTime{us(10)});
    rig.queue->kill(ctx, Errno::canceled);
    {
      const Errno error = co_await sched::wait(ctx, second);
      CHECK(error == Errno::canceled);
    }
    CHECK(rig.queue->credits_in_flight() == 0);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.jobs_of(rig.runs) == Jobs{1});
  CHECK(rig.before(EventKind::drm_sched_job_done, 1, EventKind::drm_sched_job_done, 2));
}

// --- contexts --------------------------------------------------------------------------------------------------------

TEST_CASE("dep: the timeout has a workqueue of its own: a worker that is at a job does not hold it up", "[dep]") {
  DepRig rig{{.timeout = us(100)}};
  rig.plans[1].works.reset();
  rig.plans[2].run_takes = us(500);
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    (void)co_await rig.submit(ctx, 1);
    (void)co_await rig.submit(ctx, 2);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  REQUIRE_FALSE(rig.timeouts.empty());
  CHECK(rig.timeouts[0].time < SimTime{us(150)});
}

TEST_CASE("dep: a job without a hardware fence is done when run_job has returned", "[dep]") {
  DepRig rig;
  rig.plans[1] = {.run_takes = us(5), .without_fence = true};
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    const FenceRef finished = co_await rig.submit(ctx, 1);
    co_await os::sleep_until(ctx, SimTime{us(20)});
    CHECK(finished->is_signaled());
    co_await rig.queue->close(ctx);
  });
  rig.run(false);
  REQUIRE(rig.time_of(EventKind::drm_sched_job_done, 1));
  CHECK(*rig.time_of(EventKind::drm_sched_job_done, 1) == rig.runs.at(0).time + us(5));
}

TEST_CASE("dep: run_job in the submit worker may not wait for memory to be reclaimed", "[dep]") {
  DepRig rig;
  rig.on_run = [](Context& ctx) { ctx.check_may_reclaim("kmalloc(GFP_KERNEL)"); };
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> { (void)co_await rig.submit(ctx, 1); });
  CHECK(test::oracle_of([&] { rig.run(false); }) == "reclaim_in_signalling");
}
