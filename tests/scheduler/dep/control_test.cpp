// SPDX-License-Identifier: MIT
// drm_dep: stop, start, kill, teardown (docs/drm_dep.md, "Rules").
#include "tests/support/catch.h"
#include "tests/support/dep_rig.h"

using namespace gpusim;
using os::Context;
using os::ContextKind;
using os::Task;
using sched::FenceRef;
using sched::dep::Teardown;
using sched::dep::Where;
using test::DepRig;
using trace::EventKind;

// --- stop, start -----------------------------------------------------------------------------------------------------

TEST_CASE("dep: no job runs between stop and start, those on the hardware complete", "[dep]") {
  DepRig rig;
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    const FenceRef first = co_await rig.submit(ctx, 1);
    co_await os::sleep_until(ctx, SimTime{us(3)});
    co_await rig.queue->stop(ctx);
    const FenceRef second = co_await rig.submit(ctx, 2);
    {
      const Errno error = co_await sched::wait(ctx, first);
      CHECK(error == Errno::ok);
    }
    co_await os::sleep_until(ctx, SimTime{us(60)});
    CHECK(rig.runs.size() == 1);
    CHECK(rig.releases.size() == 1);
    co_await rig.queue->start(ctx, Errno::ok);
    {
      const Errno error = co_await sched::wait(ctx, second);
      CHECK(error == Errno::ok);
    }
    co_await rig.queue->close(ctx);
  });
  rig.run();
}

TEST_CASE("dep: stop returns when the job that is being handed over has been", "[dep]") {
  for (const bool bypass : {false, true}) {
    DepRig rig{{.policy = {.bypass = bypass}}};
    rig.plans[1].run_takes = us(20);
    rig.thread("client", us(1), [&](Context& ctx) -> Task<> { (void)co_await rig.submit(ctx, 1); });
    rig.thread("driver", us(5), [&](Context& ctx) -> Task<> {
      CHECK(rig.running_now == 1);
      co_await rig.queue->stop(ctx);
      CHECK(rig.running_now == 0);
      CHECK(ctx.now() >= SimTime{us(20)});
      co_await rig.queue->start(ctx, Errno::ok);
      co_await rig.queue->close(ctx);
    });
    rig.run();
  }
}

TEST_CASE("dep: stops nest, and the timeout rests meanwhile", "[dep]") {
  DepRig rig{{.timeout = us(100)}};
  rig.plans[1].works = us(400);
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    (void)co_await rig.submit(ctx, 1);
    co_await os::sleep_until(ctx, SimTime{us(10)});
    co_await rig.queue->stop(ctx);
    co_await rig.queue->stop(ctx);
    (void)co_await rig.submit(ctx, 2);
    co_await rig.queue->start(ctx, Errno::ok);
    co_await os::sleep_until(ctx, SimTime{us(350)});
    CHECK(rig.runs.size() == 1);
    co_await rig.queue->start(ctx, Errno::ok);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.timeouts.empty());
  CHECK(rig.runs.size() == 2);
}

// --- kill ------------------------------------------------------------------------------------------------------------

TEST_CASE("dep: kill: un-run jobs end with the error, in order, after those on the hardware", "[dep]") {
  DepRig rig{{.credit_limit = 1}};
  rig.plans[1].works.reset();
  rig.verdicts = {sched::TimeoutVerdict::no_hang};
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    std::vector<FenceRef> finished;
    for (std::uint64_t job = 1; job <= 3; ++job) finished.push_back(co_await rig.submit(ctx, job));
    co_await os::sleep_until(ctx, SimTime{us(10)});
    rig.queue->kill(ctx, Errno::canceled);
    rig.queue->kill(ctx, Errno::io);  // a second kill has no effect
    co_await os::sleep_until(ctx, SimTime{us(20)});
    CHECK_FALSE(finished[1]->is_signaled());
    rig.complete(1);
    {
      const Errno error = co_await sched::wait(ctx, finished[2]);
      CHECK(error == Errno::canceled);
    }
    CHECK(finished[1]->error() == Errno::canceled);
    CHECK(finished[0]->error() == Errno::ok);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.jobs_of(rig.runs) == std::vector<std::uint64_t>{1});
  CHECK(rig.jobs_of(rig.releases) == std::vector<std::uint64_t>{1, 2, 3});
  CHECK(rig.before(EventKind::drm_sched_job_done, 1, EventKind::drm_sched_job_done, 2));
  CHECK(rig.before(EventKind::drm_sched_job_done, 2, EventKind::drm_sched_job_done, 3));
}

TEST_CASE("dep: kill sends jobs on the hardware the way of a timeout", "[dep]") {
  DepRig rig;
  rig.plans[1].works.reset();
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    const FenceRef finished = co_await rig.submit(ctx, 1);
    co_await os::sleep_until(ctx, SimTime{us(10)});
    rig.queue->kill(ctx, Errno::canceled);
    co_await os::sleep_until(ctx, SimTime{us(20)});
    CHECK(finished->is_signaled());
    if (!finished->is_signaled()) rig.complete(1);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.timeouts.size() == 1);
}

TEST_CASE("dep: a killed job's fence waits for the job's dependencies, unless it is told not to", "[dep]") {
  for (const bool waits : {true, false}) {
    DepRig rig{{.policy = {.kill_waits_for_dependencies = waits}}};
    rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
      const FenceRef gate = rig.fence(ctx);
      const FenceRef finished = co_await rig.submit(ctx, 1, test::after(gate));
      co_await os::sleep_until(ctx, SimTime{us(10)});
      rig.queue->kill(ctx, Errno::canceled);
      co_await os::sleep_until(ctx, SimTime{us(20)});
      CHECK(finished->is_signaled() != waits);
      gate->signal(ctx, Errno::ok);
      {
        const Errno error = co_await sched::wait(ctx, finished);
        CHECK(error == Errno::canceled);
      }
      co_await rig.queue->close(ctx);
    });
    rig.run();
    CHECK(rig.runs.empty());
  }
}

// --- teardown --------------------------------------------------------------------------------------------------------

TEST_CASE("dep: teardown follows the last reference, on the module's workqueue, and the device goes last", "[dep]") {
  DepRig rig;
  rig.fini_takes = us(100);
  SimTime closed{};
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    CHECK(rig.component.device_references() == 1);
    const FenceRef finished = co_await rig.submit(ctx, 1);
    co_await rig.queue->close(ctx);
    closed = ctx.now();
    co_await sched::wait(ctx, finished);
    co_await os::sleep_until(ctx, SimTime{us(50)});
    CHECK(rig.component.live_queues() == 1);  // a zombie while the firmware answers
    CHECK(rig.component.device_references() == 1);
  });
  rig.run();
  REQUIRE(rig.finis.size() == 1);
  CHECK(closed < *rig.time_of(EventKind::drm_sched_job_done, 1));  // close does not wait
  CHECK(rig.component.live_queues() == 0);
  CHECK(rig.component.device_references() == 0);
}

TEST_CASE("dep: a synchronous close returns when the queue is gone", "[dep]") {
  DepRig rig{{.policy = {.teardown = Teardown::sync}}};
  rig.fini_takes = us(100);
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    (void)co_await rig.submit(ctx, 1);
    co_await rig.queue->close(ctx);
    CHECK(rig.component.live_queues() == 0);
    CHECK(ctx.now() >= *rig.time_of(EventKind::queue_fini, 0) + us(100));
  });
  rig.run();
}

TEST_CASE("dep: ordered teardown returns at once and takes one queue after the other", "[dep]") {
  const auto finis = [](Teardown teardown) {
    test::DepSetup setup{.policy = {.teardown = teardown}};
    DepRig rig{setup};
    rig.bare.names.queues.push_back({"other", 0, 1});
    sched::dep::Queue& other = rig.component.create_queue({gpusim::QueueId{2}, "other", 0, 4, {}, setup.policy}, rig);
    rig.fini_takes = us(100);
    rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
      co_await rig.queue->close(ctx);
      co_await other.close(ctx);
      CHECK(ctx.now() < SimTime{us(100)});
      CHECK(rig.component.live_queues() == 2);
    });
    rig.run();
    CHECK(rig.component.live_queues() == 0);
    REQUIRE(rig.finis.size() == 2);
    return rig.finis[1].time - rig.finis[0].time;
  };
  CHECK(finis(Teardown::async) < us(100));
  CHECK(finis(Teardown::ordered) >= us(100));
}

TEST_CASE("dep: a worker that begins when the count is zero returns at once", "[dep]") {
  // The last reference falls in the interrupt that also kicks the submit worker: it finds a zombie.
  DepRig rig{{.policy = {.put = Where::irq}, .credit_limit = 1}};
  rig.fini_takes = us(100);
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    (void)co_await rig.submit(ctx, 1);
    co_await os::sleep_until(ctx, SimTime{us(5)});
    rig.queue->trigger_timeout(ctx);  // queued, and its turn comes when the queue is a zombie
    rig.verdicts = {sched::TimeoutVerdict::reset};
    co_await rig.queue->close(ctx);
  });
  rig.complete_at(us(5), 1);
  rig.run();
  CHECK(rig.finis.size() == 1);
}

TEST_CASE("dep: the queue is freed only when its workers are out of it", "[dep]") {
  // The put worker itself drops the last reference, and is still on its way out.
  test::DepSetup setup;
  setup.host.queue_work = test::cost(us(1));  // paid after the worker's function has returned
  DepRig rig{setup};
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    (void)co_await rig.submit(ctx, 1);
    (void)co_await rig.submit(ctx, 2);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.releases.size() == 2);
  CHECK(rig.component.live_queues() == 0);
}
