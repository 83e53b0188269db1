// SPDX-License-Identifier: MIT
// drm_dep: init, dependencies, arm, push, references (docs/drm_dep.md, "Rules").
#include "tests/support/catch.h"
#include "tests/support/dep_rig.h"
#include "tests/support/violation.h"

using namespace gpusim;
using os::Context;
using os::Task;
using sched::FenceRef;
using test::DepRig;
using trace::EventKind;

namespace {

/// The oracle that speaks when `body` runs in a client thread; empty: none does.
template <class Body>
std::string complaint(DepRig& rig, Body body) {
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> { co_await body(ctx); });
  return test::oracle_of([&] { rig.run(false); });
}

}  // namespace

TEST_CASE("dep: a job holds a reference on its queue from init until its last put", "[dep]") {
  DepRig rig;
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    CHECK(rig.queue->queue_references() == 1);
    sched::Job* job = rig.prepare(ctx, 1);
    CHECK(rig.queue->queue_references() == 2);
    rig.queue->put_job(ctx, *job);
    CHECK(rig.queue->queue_references() == 1);
    const FenceRef finished = co_await rig.submit(ctx, 2);
    CHECK(rig.queue->queue_references() >= 2);
    co_await rig.queue->close(ctx);
    CHECK(rig.finis.empty());  // the job keeps the queue
    co_await sched::wait(ctx, finished);
  });
  rig.run();
  CHECK(rig.finis.size() == 1);
}

TEST_CASE("dep: push takes a reference on the job, held until the put", "[dep]") {
  DepRig rig;
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    const FenceRef finished = co_await rig.submit(ctx, 1);  // drops the caller's reference
    CHECK(rig.releases.empty());
    co_await sched::wait(ctx, finished);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  REQUIRE(rig.releases.size() == 1);
  CHECK(rig.releases[0].time >= *rig.time_of(EventKind::job_put, 1));
}

TEST_CASE("dep: arm consumes a sequence number, and the finished fence is valid from there", "[dep]") {
  DepRig rig;
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    const FenceRef first = co_await rig.submit(ctx, 1);
    sched::Job* given_up = rig.prepare(ctx, 2);
    rig.queue->put_job(ctx, *given_up);  // before arm: no hole
    const FenceRef second = co_await rig.submit(ctx, 3);
    CHECK(first->context() == rig.queue->fence_context());
    CHECK(second->context() == first->context());
    CHECK(second->seqno() == first->seqno() + 1);
    CHECK_FALSE(second->is_signaled());
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.jobs_of(rig.runs) == std::vector<std::uint64_t>{1, 3});
}

TEST_CASE("dep: the finished fence before arm is reported", "[dep]") {
  DepRig rig;
  CHECK(complaint(rig, [&](Context& ctx) -> Task<> {
          sched::Job* job = rig.prepare(ctx, 1);
          (void)rig.queue->finished_fence(*job);
          co_return;
        }) == "dep_job_state");
}

TEST_CASE("dep: push before arm is reported", "[dep]") {
  DepRig rig;
  CHECK(complaint(rig, [&](Context& ctx) -> Task<> {
          sched::Job* job = rig.prepare(ctx, 1);
          co_await rig.queue->push(ctx, *job);
        }) == "dep_job_state");
}

TEST_CASE("dep: a second push is reported", "[dep]") {
  DepRig rig;
  CHECK(complaint(rig, [&](Context& ctx) -> Task<> {
          sched::Job* job = rig.prepare(ctx, 1);
          (void)co_await rig.queue->commit(ctx, *job);
          co_await rig.queue->push(ctx, *job);
        }) == "dep_job_state");
}

TEST_CASE("dep: a second arm is reported", "[dep]") {
  DepRig rig;
  CHECK(complaint(rig, [&](Context& ctx) -> Task<> {
          sched::Job* job = rig.prepare(ctx, 1);
          rig.queue->arm(ctx, *job);
          rig.queue->arm(ctx, *job);
          co_return;
        }) == "dep_job_state");
}

TEST_CASE("dep: a dependency added after arm is reported", "[dep]") {
  DepRig rig;
  CHECK(complaint(rig, [&](Context& ctx) -> Task<> {
          sched::Job* job = rig.prepare(ctx, 1);
          rig.queue->arm(ctx, *job);
          (void)rig.queue->add_dependency(ctx, *job, rig.fence(ctx));
          co_return;
        }) == "dep_job_state");
}

TEST_CASE("dep: a job dropped between arm and push is reported", "[dep]") {
  DepRig rig;
  CHECK(complaint(rig, [&](Context& ctx) -> Task<> {
          sched::Job* job = rig.prepare(ctx, 1);
          rig.queue->arm(ctx, *job);
          rig.queue->put_job(ctx, *job);
          co_return;
        }) == "dep_job_state");
}

TEST_CASE("dep: zero credits are refused", "[dep]") {
  DepRig rig;
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    CHECK(rig.queue->prepare(ctx, {JobId{1}, 0, 0}).error() == Errno::inval);
    CHECK(rig.queue->queue_references() == 1);
    co_await rig.queue->close(ctx);
  });
  rig.run();
}

TEST_CASE("dep: waiting for a fence between arm and push is reported", "[dep]") {
  DepRig rig;
  CHECK(complaint(rig, [&](Context& ctx) -> Task<> {
          const FenceRef other = rig.fence(ctx);
          ctx.begin_signalling();
          co_await sched::wait(ctx, other);
        }) == "fence_wait_in_signalling");
}

// --- dependencies ----------------------------------------------------------------------------------------------------

TEST_CASE("dep: a job runs only after its dependencies have signalled", "[dep]") {
  DepRig rig;
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    const FenceRef first = rig.fence(ctx);
    const FenceRef second = rig.fence(ctx);
    (void)co_await rig.submit(ctx, 1, test::after(first, second));
    co_await os::sleep_until(ctx, SimTime{us(20)});
    CHECK(rig.runs.empty());
    second->signal(ctx, Errno::ok);
    co_await os::sleep_until(ctx, SimTime{us(40)});
    CHECK(rig.runs.empty());
    first->signal(ctx, Errno::ok);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  REQUIRE(rig.runs.size() == 1);
  CHECK(rig.runs[0].time >= SimTime{us(40)});
}

TEST_CASE("dep: dependencies of one fence context are merged, the later one stays", "[dep]") {
  DepRig rig;
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    const std::uint64_t timeline = rig.fences.new_context();
    const FenceRef early = rig.fences.create(ctx, timeline, 1, 0, 0);
    const FenceRef late = rig.fences.create(ctx, timeline, 2, 0, 0);
    (void)co_await rig.submit(ctx, 1, test::after(late, early));
    early->signal(ctx, Errno::ok);
    co_await os::sleep_until(ctx, SimTime{us(20)});
    CHECK(rig.runs.empty());
    late->signal(ctx, Errno::ok);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.events(EventKind::drm_sched_job_add_dep).size() == 1);
  CHECK(rig.events(EventKind::drm_sched_job_unschedulable).size() == 1);
}

TEST_CASE("dep: dependencies on the own queue and signalled ones cost no wait", "[dep]") {
  DepRig rig;
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    const FenceRef done = rig.fence(ctx);
    done->signal(ctx, Errno::ok);
    const FenceRef first = co_await rig.submit(ctx, 1, test::after(done, FenceRef{}));
    (void)co_await rig.submit(ctx, 2, test::after(first));
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.events(EventKind::drm_sched_job_unschedulable).empty());
  CHECK(*rig.time_of(EventKind::drm_sched_job_run, 2) < *rig.time_of(EventKind::drm_sched_job_done, 1));
}

TEST_CASE("dep: a job waits for a point of another queue's timeline", "[dep]") {
  DepRig rig;
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    sched::Syncobj timeline{rig.fences};
    const FenceRef three = rig.fence(ctx);
    const FenceRef seven = rig.fence(ctx);
    timeline.add_point(ctx, 3, three);
    timeline.add_point(ctx, 7, seven);
    sched::Job* job = rig.prepare(ctx, 1);
    CHECK(rig.queue->add_syncobj_dependency(ctx, *job, timeline, 8) == Errno::inval);
    CHECK(rig.queue->add_syncobj_dependency(ctx, *job, timeline, 4) == Errno::ok);  // the first point at or above
    (void)co_await rig.queue->commit(ctx, *job);
    rig.queue->put_job(ctx, *job);
    seven->signal(ctx, Errno::ok);  // not passed while an earlier point is open
    co_await os::sleep_until(ctx, SimTime{us(20)});
    CHECK(rig.runs.empty());
    three->signal(ctx, Errno::ok);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.runs.size() == 1);
}

TEST_CASE("dep: implicit dependencies: a reader waits for writers, a writer for readers too", "[dep]") {
  DepRig rig;
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    sched::Reservation buffer;
    const FenceRef mover = rig.fence(ctx);
    const FenceRef writer = rig.fence(ctx);
    const FenceRef reader = rig.fence(ctx);
    const FenceRef keeper = rig.fence(ctx);
    buffer.add(mover, sched::Usage::kernel);
    buffer.add(writer, sched::Usage::write);
    buffer.add(reader, sched::Usage::read);
    buffer.add(keeper, sched::Usage::bookkeep);
    sched::Job* reads = rig.prepare(ctx, 1);
    CHECK(rig.queue->add_implicit_dependencies(ctx, *reads, buffer, false) == Errno::ok);
    sched::Job* writes = rig.prepare(ctx, 2);
    CHECK(rig.queue->add_implicit_dependencies(ctx, *writes, buffer, true) == Errno::ok);
    (void)co_await rig.queue->commit(ctx, *reads);
    (void)co_await rig.queue->commit(ctx, *writes);
    rig.queue->put_job(ctx, *reads);
    rig.queue->put_job(ctx, *writes);
    mover->signal(ctx, Errno::ok);
    co_await os::sleep_until(ctx, SimTime{us(10)});
    CHECK(rig.runs.empty());
    writer->signal(ctx, Errno::ok);
    co_await os::sleep_until(ctx, SimTime{us(30)});
    CHECK(rig.jobs_of(rig.runs) == std::vector<std::uint64_t>{1});
    reader->signal(ctx, Errno::ok);
    co_await os::sleep_until(ctx, SimTime{us(50)});
    CHECK(rig.jobs_of(rig.runs) == std::vector<std::uint64_t>{1, 2});  // nobody waits for bookkeep
    keeper->signal(ctx, Errno::ok);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.events(EventKind::drm_sched_job_add_dep).size() == 5);
}

TEST_CASE("dep: dependencies are released in process context after run_job", "[dep]") {
  DepRig rig{{.policy = {.put = sched::dep::Where::irq}}};
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    FenceRef dependency = rig.fence(ctx);
    const FenceRef finished = co_await rig.submit(ctx, 1, test::after(dependency));
    dependency->signal(ctx, Errno::ok);
    co_await os::sleep_until(ctx, SimTime{us(8)});
    CHECK(rig.runs.size() == 1);
    CHECK_FALSE(finished->is_signaled());
    CHECK(dependency->references() == 1);  // ours
    co_await rig.queue->close(ctx);
  });
  rig.run();
}

TEST_CASE("dep: the error of a dependency does not stop a job, unless it is to be passed on", "[dep]") {
  for (const bool propagate : {false, true}) {
    DepRig rig{{.policy = {.propagate_dependency_errors = propagate}}};
    rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
      const FenceRef dependency = rig.fence(ctx);
      const FenceRef finished = co_await rig.submit(ctx, 1, test::after(dependency));
      dependency->signal(ctx, Errno::io);
      {
        const Errno error = co_await sched::wait(ctx, finished);
        CHECK(error == (propagate ? Errno::io : Errno::ok));
      }
      co_await rig.queue->close(ctx);
    });
    rig.run();
    CHECK(rig.runs.empty() == propagate);
    CHECK(rig.releases.size() == 1);
  }
}
