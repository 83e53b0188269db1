// SPDX-License-Identifier: MIT
// drm_dep: credits, done, put, errors (docs/drm_dep.md, "Rules").
#include "tests/support/catch.h"
#include "tests/support/dep_rig.h"

using namespace gpusim;
using os::Context;
using os::ContextKind;
using os::Task;
using sched::FenceRef;
using sched::dep::Where;
using test::DepRig;
using trace::EventKind;

namespace {

/// Submits jobs 1..n with the credits given, closes, runs.
void run_jobs(DepRig& rig, std::vector<std::uint32_t> credits) {
  rig.thread("client", us(1), [&rig, credits = std::move(credits)](Context& ctx) -> Task<> {
    for (std::size_t i = 0; i < credits.size(); ++i) (void)co_await rig.submit(ctx, i + 1, {}, credits[i]);
    co_await rig.queue->close(ctx);
  });
  rig.run();
}

}  // namespace

TEST_CASE("dep: jobs on the hardware never hold more credits than the limit", "[dep]") {
  DepRig rig{{.credit_limit = 4}};
  run_jobs(rig, {1, 2, 3, 1, 1, 4, 1});
  CHECK(rig.jobs_of(rig.runs) == std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6, 7});
  std::uint64_t most = 0;
  for (const auto& event : rig.all<trace::drm_sched_job_run>()) most = std::max(most, event.in_flight);
  CHECK(most == 4);
}

TEST_CASE("dep: a head that lacks credits holds back the jobs behind it", "[dep]") {
  DepRig rig{{.credit_limit = 4}};
  run_jobs(rig, {3, 2, 1});  // the third would fit beside the first
  CHECK(rig.jobs_of(rig.runs) == std::vector<std::uint64_t>{1, 2, 3});
  CHECK(*rig.time_of(EventKind::drm_sched_job_run, 3) > *rig.time_of(EventKind::drm_sched_job_done, 1));
}

TEST_CASE("dep: credits that come back wake a head that lacked them", "[dep]") {
  DepRig rig{{.credit_limit = 1}};
  run_jobs(rig, {1, 1, 1});
  CHECK(rig.runs.size() == 3);
}

TEST_CASE("dep: a job above the credit limit is cut down to it, or refused", "[dep]") {
  DepRig rig{{.credit_limit = 4}};
  run_jobs(rig, {9});
  CHECK(rig.all<trace::drm_sched_job_run>().at(0).in_flight == 4);

  DepRig strict{{.policy = {.oversize_rejected = true}, .credit_limit = 4}};
  strict.thread("client", us(1), [&](Context& ctx) -> Task<> {
    CHECK(strict.queue->prepare(ctx, {JobId{1}, 5, 0}).error() == Errno::inval);
    co_await strict.queue->close(ctx);
  });
  strict.run();
}

TEST_CASE("dep: where done runs and where the put runs are two choices", "[dep]") {
  for (const Where done : {Where::irq, Where::worker}) {
    for (const Where put : {Where::irq, Where::worker}) {
      test::DepSetup setup{.policy = {.done = done, .put = put}};
      setup.costs.put = test::cost(us(1));
      DepRig rig{setup};
      run_jobs(rig, {1, 1});
      const trace::Event completed = rig.events(EventKind::drm_sched_job_done).at(0);
      CHECK((completed.thread == 0) == (done == Where::irq));
      REQUIRE(rig.releases.size() == 2);
      const bool release_in_irq = done == Where::irq && put == Where::irq;
      CHECK((rig.releases[0].context == ContextKind::hard_irq) == release_in_irq);
      // Put where it was completed, or after another hop.
      CHECK((rig.releases[0].time == completed.time) == (put == Where::irq));
      CHECK(rig.finis.at(0).context == ContextKind::worker);
    }
  }
}

TEST_CASE("dep: the last reference on a queue, dropped in a hard interrupt, is bounced to process context", "[dep]") {
  DepRig rig{{.policy = {.put = Where::irq}}};
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    (void)co_await rig.submit(ctx, 1);
    co_await rig.queue->close(ctx);  // the job's reference is the last one
  });
  rig.run();
  CHECK(rig.events(EventKind::queue_fini).at(0).thread == 0);  // a hard interrupt
  REQUIRE(rig.finis.size() == 1);
  CHECK(rig.finis[0].context == ContextKind::worker);
}

TEST_CASE("dep: a finished fence signals once", "[dep]") {
  DepRig rig;
  run_jobs(rig, {1, 1});
  std::vector<std::uint64_t> finished;
  for (const trace::Event& event : rig.events(EventKind::dma_fence_signaled)) {
    if (event.job != 0) finished.push_back(event.job);
  }
  CHECK(finished == std::vector<std::uint64_t>{1, 2});
}

TEST_CASE("dep: hardware that is faster than run_job's return loses nothing", "[dep]") {
  for (const Where put : {Where::irq, Where::worker}) {
    DepRig rig{{.policy = {.put = put}}};
    rig.plans[1].done_before_return = true;
    run_jobs(rig, {1, 1});
    CHECK(rig.releases.size() == 2);
    CHECK(rig.before(EventKind::drm_sched_job_run, 1, EventKind::job_put, 1));
  }
}

TEST_CASE("dep: nothing of a job is dropped before run_job has returned", "[dep]") {
  DepRig rig{{.policy = {.put = Where::irq}}};
  rig.plans[1].run_takes = us(5);
  run_jobs(rig, {1});
  CHECK(rig.releases.at(0).time >= rig.runs.at(0).time + us(5));
}

// --- errors ----------------------------------------------------------------------------------------------------------

TEST_CASE("dep: the error of the hardware fence is that of the finished fence", "[dep]") {
  DepRig rig;
  rig.plans[1].hardware_error = Errno::io;
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    {
      const Errno error = co_await sched::wait(ctx, co_await rig.submit(ctx, 1));
      CHECK(error == Errno::io);
    }
    {
      const Errno error = co_await sched::wait(ctx, co_await rig.submit(ctx, 2));
      CHECK(error == Errno::ok);
    }
    co_await rig.queue->close(ctx);
  });
  rig.run();
}

TEST_CASE("dep: a run_job that fails ends its job with the error, one without a fence ends it well", "[dep]") {
  DepRig rig;
  rig.plans[1].without_fence = true;
  rig.plans[1].run_error = Errno::nomem;
  rig.plans[2].without_fence = true;
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    {
      const Errno error = co_await sched::wait(ctx, co_await rig.submit(ctx, 1));
      CHECK(error == Errno::nomem);
    }
    {
      const Errno error = co_await sched::wait(ctx, co_await rig.submit(ctx, 2));
      CHECK(error == Errno::ok);
    }
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.releases.size() == 2);
}

TEST_CASE("dep: finished fences signal in order, also when run_job fails behind a running job", "[dep]") {
  DepRig rig;
  rig.plans[2].without_fence = true;
  rig.plans[2].run_error = Errno::nomem;
  run_jobs(rig, {1, 1, 1});
  CHECK(rig.before(EventKind::drm_sched_job_run, 2, EventKind::drm_sched_job_done, 1));
  CHECK(rig.before(EventKind::drm_sched_job_done, 1, EventKind::drm_sched_job_done, 2));
  CHECK(rig.before(EventKind::drm_sched_job_done, 2, EventKind::drm_sched_job_done, 3));
}
