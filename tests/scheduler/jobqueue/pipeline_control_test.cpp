// SPDX-License-Identifier: MIT
// JobQueue B: timeouts, park, cancel, the end (docs/jobqueue.md, "Rules of the pipeline").
#include "tests/support/catch.h"
#include "tests/support/jobqueue_rig.h"

using namespace gpusim;
using os::Context;
using os::Task;
using sched::FenceRef;
using sched::TimeoutVerdict;
using test::after;
using test::JobQueueRig;
using trace::EventKind;

// --- timeouts --------------------------------------------------------------------------------------------------------

namespace {

using Jobs = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("pipeline: a job times out while it waits for dependencies, and drains in its turn", "[jobqueue]") {
  JobQueueRig rig{{.options = {.pipeline_timeout = us(100)}}};
  rig.plans[1].works = us(300);
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    const FenceRef gate = rig.fence(ctx);
    const FenceRef first = co_await rig.submit(ctx, 1);
    const FenceRef second = co_await rig.submit(ctx, 2, after(gate));
    const FenceRef third = co_await rig.submit(ctx, 3);
    co_await os::sleep_until(ctx, SimTime{us(200)});
    CHECK(rig.queue->head_dependency() == nullptr);
    CHECK_FALSE(second->is_signaled());  // the first is on the hardware
    const Errno error = co_await sched::wait(ctx, second);
    CHECK(error == Errno::timedout);
    CHECK(first->is_signaled());
    CHECK(third->error() == Errno::timedout);  // it was no front before its time was over, too
    gate->signal(ctx, Errno::ok);          // nobody is called
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.jobs_of(rig.runs) == Jobs{1});
  CHECK(rig.before(EventKind::drm_sched_job_done, 1, EventKind::drm_sched_job_done, 2));
}

TEST_CASE("pipeline: a job times out for want of room, one that was handed over in time does not", "[jobqueue]") {
  JobQueueRig rig{{.options = {.pipeline_timeout = us(100)}, .capacity = 1}};
  rig.plans[1].works = us(300);
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    const FenceRef first = co_await rig.submit(ctx, 1);
    co_await os::sleep_until(ctx, SimTime{us(5)});
    rig.room = false;
    const FenceRef second = co_await rig.submit(ctx, 2);
    const Errno error = co_await sched::wait(ctx, second);
    CHECK(error == Errno::timedout);
    CHECK(first->error() == Errno::ok);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.jobs_of(rig.runs) == Jobs{1});
}

TEST_CASE("pipeline: the driver is asked about the head when its time on the hardware is over", "[jobqueue]") {
  JobQueueRig rig{{.timeout = us(100)}};
  rig.plans[1].works = us(60);
  rig.plans[2].works.reset();
  rig.verdicts = {TimeoutVerdict::no_hang};
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    (void)co_await rig.submit(ctx, 1);
    const FenceRef second = co_await rig.submit(ctx, 2);
    const Errno error = co_await sched::wait(ctx, second);
    CHECK(error == Errno::time);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.jobs_of(rig.timeouts) == Jobs{2, 2});
  const SimTime head_since = *rig.time_of(EventKind::drm_sched_job_done, 1);
  CHECK(rig.timeouts[0].time >= head_since + us(100));
  CHECK(rig.timeouts[0].time < head_since + us(101));
  CHECK(rig.timeouts[1].time >= rig.timeouts[0].time + us(100));
}

TEST_CASE("pipeline: a deadline that comes before the one the timer is armed for is not missed", "[jobqueue]") {
  JobQueueRig rig{{.options = {.cancel_timeout = us(50)}, .timeout = ms(1)}};
  rig.plans[1].works.reset();
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    const FenceRef finished = co_await rig.submit(ctx, 1);
    co_await os::sleep_until(ctx, SimTime{us(10)});
    rig.queue->kill(ctx, Errno::canceled);
    (void)co_await sched::wait(ctx, finished);
    CHECK(ctx.now() < SimTime{us(65)});
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.timeouts.size() == 1);
}

TEST_CASE("pipeline: trigger_timeout asks about the head at once, after a stop at the start", "[jobqueue]") {
  JobQueueRig rig;
  rig.plans[1].works.reset();
  rig.verdicts = {TimeoutVerdict::no_hang};
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    const FenceRef finished = co_await rig.submit(ctx, 1);
    co_await os::sleep_until(ctx, SimTime{us(10)});
    rig.queue->trigger_timeout(ctx);
    co_await os::sleep_until(ctx, SimTime{us(20)});
    CHECK(rig.timeouts.size() == 1);
    co_await rig.queue->stop(ctx);
    rig.queue->trigger_timeout(ctx);
    co_await os::sleep_until(ctx, SimTime{us(30)});
    CHECK(rig.timeouts.size() == 1);
    co_await rig.queue->start(ctx, Errno::ok);
    (void)co_await sched::wait(ctx, finished);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.timeouts.size() == 2);
}

TEST_CASE("pipeline: gone: nothing is asked any more, and un-run jobs end with -ENODEV", "[jobqueue]") {
  JobQueueRig rig{{.capacity = 1, .timeout = us(50)}};
  rig.plans[1].works.reset();
  rig.verdicts = {TimeoutVerdict::enodev};
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    (void)co_await rig.submit(ctx, 1);
    co_await os::sleep_until(ctx, SimTime{us(5)});
    rig.room = false;
    const FenceRef second = co_await rig.submit(ctx, 2);
    co_await os::sleep_until(ctx, SimTime{us(500)});
    rig.complete(1, Errno::nodev);
    const Errno error = co_await sched::wait(ctx, second);
    CHECK(error == Errno::nodev);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.timeouts.size() == 1);
}

// --- park, unpark ----------------------------------------------------------------------------------------------------

TEST_CASE("pipeline: parked, no job runs and none is freed, those on the hardware signal", "[jobqueue]") {
  JobQueueRig rig;
  rig.plans[1].run_takes = us(5);
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    const FenceRef first = co_await rig.submit(ctx, 1);
    co_await os::sleep_until(ctx, SimTime{us(3)});
    CHECK(rig.running_now == 1);
    co_await rig.queue->stop(ctx);
    CHECK(rig.running_now == 0);
    const FenceRef second = co_await rig.submit(ctx, 2);
    (void)co_await sched::wait(ctx, first);
    co_await os::sleep_until(ctx, SimTime{us(40)});
    CHECK(rig.runs.size() == 1);
    CHECK(rig.releases.empty());
    co_await rig.queue->start(ctx, Errno::ok);
    co_await os::sleep_until(ctx, SimTime{us(80)});
    CHECK(second->is_signaled());
    co_await rig.queue->close(ctx);
  });
  rig.run(false);
}

TEST_CASE("pipeline: parked, dependencies are looked at", "[jobqueue]") {
  JobQueueRig rig;
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    const FenceRef one = rig.fence(ctx);
    const FenceRef two = rig.fence(ctx);
    (void)co_await rig.submit(ctx, 1, after(one, two));
    co_await rig.queue->stop(ctx);
    co_await os::sleep_until(ctx, SimTime{us(10)});
    one->signal(ctx, Errno::ok);
    co_await os::sleep_until(ctx, SimTime{us(20)});
    CHECK(rig.queue->head_dependency() == two.get());
    two->signal(ctx, Errno::ok);
    co_await os::sleep_until(ctx, SimTime{us(30)});
    CHECK(rig.runs.empty());
    co_await rig.queue->start(ctx, Errno::ok);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.runs.size() == 1);
}

// --- cancel ----------------------------------------------------------------------------------------------------------

TEST_CASE("pipeline: kill: un-run jobs end in order, after those on the hardware, without their dependencies",
          "[jobqueue]") {
  JobQueueRig rig{{.options = {.cancel_timeout = us(100)}}};
  rig.plans[1].works = us(30);
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    const FenceRef gate = rig.fence(ctx);
    const FenceRef first = co_await rig.submit(ctx, 1);
    const FenceRef second = co_await rig.submit(ctx, 2, after(gate));
    const FenceRef third = co_await rig.submit(ctx, 3);
    co_await os::sleep_until(ctx, SimTime{us(10)});
    rig.queue->kill(ctx, Errno::canceled);
    rig.queue->kill(ctx, Errno::io);  // has no effect
    co_await os::sleep_until(ctx, SimTime{us(20)});
    CHECK_FALSE(second->is_signaled());
    const Errno error = co_await sched::wait(ctx, third);
    CHECK(error == Errno::canceled);
    CHECK(second->error() == Errno::canceled);
    CHECK(first->error() == Errno::ok);
    gate->signal(ctx, Errno::ok);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.jobs_of(rig.runs) == Jobs{1});
  CHECK(rig.timeouts.empty());
  CHECK(rig.before(EventKind::drm_sched_job_done, 1, EventKind::drm_sched_job_done, 2));
  CHECK(rig.before(EventKind::drm_sched_job_done, 2, EventKind::drm_sched_job_done, 3));
}

TEST_CASE("pipeline: kill: a job that waits for room ends, too", "[jobqueue]") {
  JobQueueRig rig{{.capacity = 1}};
  rig.plans[1].works = us(30);
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    (void)co_await rig.submit(ctx, 1);
    co_await os::sleep_until(ctx, SimTime{us(5)});
    rig.room = false;
    const FenceRef second = co_await rig.submit(ctx, 2);
    co_await os::sleep_until(ctx, SimTime{us(10)});
    rig.queue->kill(ctx, Errno::canceled);
    co_await os::sleep_until(ctx, SimTime{us(50)});
    CHECK(second->error() == Errno::canceled);
    rig.room = true;
    rig.queue->room_again(ctx);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.jobs_of(rig.runs) == Jobs{1});
}

TEST_CASE("pipeline: kill: jobs on the hardware have the cancel timeout, then each is asked about, once",
          "[jobqueue]") {
  JobQueueRig rig{{.options = {.cancel_timeout = us(50)}}};
  rig.plans[1].works.reset();
  rig.plans[2].works.reset();
  rig.verdicts = {TimeoutVerdict::no_hang, TimeoutVerdict::no_hang};
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    (void)co_await rig.submit(ctx, 1);
    (void)co_await rig.submit(ctx, 2);
    co_await os::sleep_until(ctx, SimTime{us(10)});
    rig.queue->kill(ctx, Errno::canceled);
    co_await os::sleep_until(ctx, SimTime{us(55)});
    CHECK(rig.timeouts.empty());
    co_await os::sleep_until(ctx, SimTime{us(500)});
    CHECK(rig.jobs_of(rig.timeouts) == Jobs{1});
    rig.complete(1);
    co_await os::sleep_until(ctx, SimTime{us(600)});
    CHECK(rig.jobs_of(rig.timeouts) == Jobs{1, 2});
    rig.complete(2);
    co_await rig.queue->close(ctx);
  });
  rig.run();
}

TEST_CASE("pipeline: a push after a kill: its fence signals at once", "[jobqueue]") {
  JobQueueRig rig;
  rig.plans[1].works = us(50);
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    const FenceRef first = co_await rig.submit(ctx, 1);
    co_await os::sleep_until(ctx, SimTime{us(10)});
    rig.queue->kill(ctx, Errno::canceled);
    const FenceRef second = co_await rig.submit(ctx, 2);
    CHECK(second->is_signaled());
    CHECK(second->error() == Errno::canceled);
    CHECK_FALSE(first->is_signaled());
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.jobs_of(rig.runs) == Jobs{1});
  CHECK(rig.releases.size() == 2);
}

TEST_CASE("pipeline: the queue is torn down after its last job, in a worker of its own", "[jobqueue]") {
  JobQueueRig rig;
  rig.plans[1].works = us(50);
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    (void)co_await rig.submit(ctx, 1);
    co_await rig.queue->close(ctx);
    CHECK(ctx.now() < SimTime{us(3)});
    CHECK(rig.finis.empty());
  });
  rig.run();
  REQUIRE(rig.finis.size() == 1);
  CHECK(rig.finis[0].time >= SimTime{us(50)});
}
