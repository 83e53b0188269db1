// SPDX-License-Identifier: MIT
// JobQueue B: slots, stages, ticks (docs/jobqueue.md, "Rules of the pipeline").
#include <string>

#include "tests/support/catch.h"
#include "tests/support/jobqueue_rig.h"
#include "tests/support/violation.h"

using namespace gpusim;
using os::Context;
using os::ContextKind;
using os::Task;
using sched::FenceRef;
using test::after;
using test::JobQueueRig;
using trace::EventKind;

namespace {

using Jobs = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("pipeline: a slot that is prepared and not pushed holds up those behind it", "[jobqueue]") {
  JobQueueRig rig;
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    sched::Job& first = *rig.prepare(ctx, 1);
    sched::Job& second = *rig.prepare(ctx, 2);
    rig.queue->arm(ctx, first);
    rig.queue->arm(ctx, second);
    co_await rig.queue->push(ctx, second);
    co_await os::sleep_until(ctx, SimTime{us(20)});
    CHECK(rig.runs.empty());
    co_await rig.queue->push(ctx, first);
    rig.queue->put_job(ctx, first);
    rig.queue->put_job(ctx, second);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.jobs_of(rig.runs) == Jobs{1, 2});
}

TEST_CASE("pipeline: a job that is given up leaves no number out, and those behind it go on", "[jobqueue]") {
  JobQueueRig rig;
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    sched::Job& first = *rig.prepare(ctx, 1);
    const FenceRef second = co_await rig.submit(ctx, 2);
    CHECK(second->seqno() == 1);
    co_await os::sleep_until(ctx, SimTime{us(20)});
    CHECK(rig.runs.empty());
    rig.queue->put_job(ctx, first);
    co_await os::sleep_until(ctx, SimTime{us(40)});
    CHECK(second->is_signaled());
    const FenceRef third = co_await rig.submit(ctx, 3);
    CHECK(third->seqno() == 2);
    co_await rig.queue->close(ctx);
  });
  rig.run(false);
  CHECK(rig.jobs_of(rig.runs) == Jobs{2, 3});
  CHECK(rig.jobs_of(rig.releases) == Jobs{1, 2, 3});
}

TEST_CASE("pipeline: a job waits for one dependency at a time, and not for those that have signalled", "[jobqueue]") {
  JobQueueRig rig;
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    const FenceRef one = rig.fence(ctx);
    const FenceRef two = rig.fence(ctx);
    const FenceRef three = rig.fence(ctx);
    const FenceRef finished = co_await rig.submit(ctx, 1, after(one, two, three));
    co_await os::sleep_until(ctx, SimTime{us(10)});
    CHECK(rig.queue->head_dependency() == one.get());
    two->signal(ctx, Errno::ok);  // nobody is called
    co_await os::sleep_until(ctx, SimTime{us(20)});
    one->signal(ctx, Errno::ok);
    co_await os::sleep_until(ctx, SimTime{us(30)});
    CHECK(rig.queue->head_dependency() == three.get());
    CHECK(rig.runs.empty());
    three->signal(ctx, Errno::ok);
    (void)co_await sched::wait(ctx, finished);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.events(EventKind::drm_sched_job_unschedulable).size() == 2);
  CHECK(rig.events(EventKind::dependency_ready).size() == 2);
}

TEST_CASE("pipeline: only the front of a stage is looked at", "[jobqueue]") {
  JobQueueRig rig;
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    const FenceRef gate = rig.fence(ctx);
    (void)co_await rig.submit(ctx, 1, after(gate));
    const FenceRef second = co_await rig.submit(ctx, 2);
    co_await os::sleep_until(ctx, SimTime{us(20)});
    CHECK(rig.runs.empty());
    gate->signal(ctx, Errno::ok);
    (void)co_await sched::wait(ctx, second);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.jobs_of(rig.runs) == Jobs{1, 2});
}

TEST_CASE("pipeline: what a tick makes eligible goes on in the same tick", "[jobqueue]") {
  JobQueueRig rig;
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    (void)co_await rig.submit(ctx, 1);
    co_await os::sleep_until(ctx, SimTime{us(5)});
    CHECK(rig.runs.size() == 1);
    CHECK(rig.events(EventKind::workqueue_execute_start).size() == 1);
    co_await rig.queue->close(ctx);
  });
  rig.run(false);
}

TEST_CASE("pipeline: a push does not wait for a tick that is at work", "[jobqueue]") {
  JobQueueRig rig;
  rig.plans[1].run_takes = us(50);
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    (void)co_await rig.submit(ctx, 1);
    co_await os::sleep_until(ctx, SimTime{us(10)});
    CHECK(rig.running_now == 1);
    const FenceRef second = co_await rig.submit(ctx, 2);
    CHECK(ctx.now() < SimTime{us(12)});
    (void)co_await sched::wait(ctx, second);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.most_running == 1);
}

TEST_CASE("pipeline: a job for which the driver has no room stays, and is tried again when there is some",
          "[jobqueue]") {
  JobQueueRig rig{{.capacity = 1}};
  rig.plans[1].works = us(10);
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    (void)co_await rig.submit(ctx, 1);
    co_await os::sleep_until(ctx, SimTime{us(5)});
    rig.room = false;
    (void)co_await rig.submit(ctx, 2);
    co_await os::sleep_until(ctx, SimTime{us(40)});  // the first has ended, and its room is not free yet
    CHECK(rig.runs.size() == 1);
    const std::uint32_t asked = rig.asked_for_room;
    rig.room = true;
    rig.queue->room_again(ctx);
    co_await os::sleep_until(ctx, SimTime{us(45)});
    CHECK(rig.runs.size() == 2);
    CHECK(rig.asked_for_room == asked + 1);
    co_await rig.queue->close(ctx);
  });
  rig.run(false);
  CHECK(rig.events(EventKind::credit_blocked).size() == 1);
}

TEST_CASE("pipeline: what has ended makes room before the next job takes some", "[jobqueue]") {
  test::JobQueueSetup setup{.capacity = 1};
  setup.costs.dispatch = test::cost(us(5));
  JobQueueRig rig{setup};
  rig.plans[1].works = us(20);
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    const FenceRef first = co_await rig.submit(ctx, 1);
    co_await os::sleep_until(ctx, SimTime{us(10)});
    rig.room = false;
    co_await os::sleep_until(ctx, SimTime{us(24)});
    (void)co_await rig.submit(ctx, 2);  // a tick is at its dispatch when the first ends
    (void)co_await sched::wait(ctx, first);
    CHECK(ctx.now() < SimTime{us(28)});
    rig.room = true;
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.jobs_of(rig.runs) == Jobs{1, 2});
  for (const auto& run : rig.all<trace::drm_sched_job_run>()) CHECK(run.in_flight == 1);
}

TEST_CASE("pipeline: a job that the driver refuses for now is tried again when one before it has completed",
          "[jobqueue]") {
  JobQueueRig rig;
  rig.plans[1].works = us(30);
  rig.plans[2].refused_once = true;
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    (void)co_await rig.submit(ctx, 1);
    (void)co_await rig.submit(ctx, 2);
    co_await os::sleep_until(ctx, SimTime{us(10)});
    (void)co_await rig.submit(ctx, 3);  // a tick
    co_await os::sleep_until(ctx, SimTime{us(20)});
    CHECK(rig.runs.size() == 1);
    CHECK(rig.queue->credits_in_flight() == 1);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.jobs_of(rig.runs) == Jobs{1, 2, 3});
}

TEST_CASE("pipeline: a submission that fails ends its job with the error, in order", "[jobqueue]") {
  JobQueueRig rig;
  rig.plans[1].works = us(30);
  rig.plans[2].without_fence = true;
  rig.plans[2].run_error = Errno::io;
  rig.plans[3].done_before_return = true;
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    std::vector<FenceRef> finished;
    for (std::uint64_t job = 1; job <= 3; ++job) finished.push_back(co_await rig.submit(ctx, job));
    co_await os::sleep_until(ctx, SimTime{us(20)});
    CHECK(rig.runs.size() == 3);
    CHECK_FALSE(finished[1]->is_signaled());
    CHECK_FALSE(finished[2]->is_signaled());
    co_await os::sleep_until(ctx, SimTime{us(60)});
    CHECK(finished[1]->error() == Errno::io);
    CHECK(finished[2]->is_signaled());
    co_await rig.queue->close(ctx);
  });
  rig.run(false);
  CHECK(rig.before(EventKind::drm_sched_job_done, 1, EventKind::drm_sched_job_done, 2));
  CHECK(rig.before(EventKind::drm_sched_job_done, 2, EventKind::drm_sched_job_done, 3));
}

TEST_CASE("pipeline: the done fence signals with the hardware fence, with its error, freeing is for a worker",
          "[jobqueue]") {
  JobQueueRig rig;
  rig.plans[1].hardware_error = Errno::io;
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    const FenceRef finished = co_await rig.submit(ctx, 1);
    const Errno error = co_await sched::wait(ctx, finished);
    CHECK(error == Errno::io);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  const auto done = rig.all<trace::drm_sched_job_done>();
  REQUIRE(done.size() == 1);
  CHECK(done[0].thread == 0);  // a hard interrupt
  REQUIRE(rig.releases.size() == 1);
  CHECK(rig.releases[0].context == ContextKind::worker);
}

TEST_CASE("pipeline: a hardware fence that has signalled when run_job returns ends its job", "[jobqueue]") {
  JobQueueRig rig;
  rig.plans[1].done_before_return = true;
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    const FenceRef finished = co_await rig.submit(ctx, 1);
    co_await os::sleep_until(ctx, SimTime{us(20)});
    CHECK(finished->is_signaled());
    co_await rig.queue->close(ctx);
  });
  rig.run(false);
  CHECK(rig.jobs_of(rig.releases) == Jobs{1});
}

TEST_CASE("pipeline: many slots, taken in order", "[jobqueue]") {
  JobQueueRig rig{{.capacity = 100}};
  Jobs expected;
  for (std::uint64_t job = 1; job <= 100; ++job) expected.push_back(job);
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    const FenceRef gate = rig.fence(ctx);
    (void)co_await rig.submit(ctx, 1, after(gate));
    for (std::uint64_t job = 2; job <= 100; ++job) (void)co_await rig.submit(ctx, job);
    gate->signal(ctx, Errno::ok);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.jobs_of(rig.runs) == expected);
  CHECK(rig.jobs_of(rig.releases) == expected);
}

TEST_CASE("pipeline: misuse is reported", "[jobqueue]") {
  JobQueueRig rig;
  std::string oracles;
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    sched::Job& job = *rig.prepare(ctx, 1);
    oracles += test::oracle_of([&] { (void)rig.queue->finished_fence(job); }) + " ";
    rig.queue->arm(ctx, job);
    oracles += test::oracle_of([&] { rig.queue->arm(ctx, job); });
    co_await rig.queue->push(ctx, job);
    rig.queue->put_job(ctx, job);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(oracles == "jobqueue_job jobqueue_job");
}
