// SPDX-License-Identifier: MIT
// JobQueue A: what its source leaves open or gets wrong, as it is here (docs/jobqueue.md, "Rules of the counter").
#include "tests/support/catch.h"
#include "tests/support/choosing_host.h"
#include "tests/support/jobqueue_rig.h"

using namespace gpusim;
using os::Context;
using os::Task;
using sched::FenceRef;
using test::after;
using test::counter;
using test::JobQueueRig;
using trace::EventKind;

namespace {

using Jobs = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("counter: kill: un-run jobs end with the error, in order, after those on the hardware", "[jobqueue]") {
  JobQueueRig rig{counter(1)};
  rig.plans[1].works = us(30);
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    std::vector<FenceRef> finished;
    for (std::uint64_t job = 1; job <= 3; ++job) finished.push_back(co_await rig.submit(ctx, job));
    co_await os::sleep_until(ctx, SimTime{us(10)});
    rig.queue->kill(ctx, Errno::canceled);
    rig.queue->kill(ctx, Errno::io);  // has no effect
    co_await os::sleep_until(ctx, SimTime{us(20)});
    CHECK_FALSE(finished[1]->is_signaled());
    const Errno error = co_await sched::wait(ctx, finished[2]);
    CHECK(error == Errno::canceled);
    CHECK(finished[1]->error() == Errno::canceled);
    CHECK(finished[0]->error() == Errno::ok);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.jobs_of(rig.runs) == Jobs{1});
  CHECK(rig.before(EventKind::drm_sched_job_done, 2, EventKind::drm_sched_job_done, 3));
}

TEST_CASE("counter: kill: an un-run job ends after what it depends on", "[jobqueue]") {
  JobQueueRig rig{counter()};
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    const FenceRef gate = rig.fence(ctx);
    const FenceRef finished = co_await rig.submit(ctx, 1, after(gate));
    rig.queue->kill(ctx, Errno::canceled);
    co_await os::sleep_until(ctx, SimTime{us(20)});
    CHECK_FALSE(finished->is_signaled());
    gate->signal(ctx, Errno::ok);
    const Errno error = co_await sched::wait(ctx, finished);
    CHECK(error == Errno::canceled);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.runs.empty());
}

TEST_CASE("counter: no job runs between stop and start", "[jobqueue]") {
  JobQueueRig rig{counter()};
  rig.plans[1].run_takes = us(5);
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    (void)co_await rig.submit(ctx, 1);
    co_await os::sleep_until(ctx, SimTime{us(3)});
    CHECK(rig.running_now == 1);
    co_await rig.queue->stop(ctx);
    CHECK(rig.running_now == 0);
    const FenceRef second = co_await rig.submit(ctx, 2);
    co_await os::sleep_until(ctx, SimTime{us(40)});
    CHECK(rig.runs.size() == 1);
    co_await rig.queue->start(ctx, Errno::ok);
    (void)co_await sched::wait(ctx, second);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.jobs_of(rig.runs) == Jobs{1, 2});
}

TEST_CASE("counter: a queue that is dropped with jobs in it ends when these have", "[jobqueue]") {
  JobQueueRig rig{counter(1)};
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    const FenceRef gate = rig.fence(ctx);
    (void)co_await rig.submit(ctx, 1);
    const FenceRef second = co_await rig.submit(ctx, 2, after(gate));
    co_await rig.queue->close(ctx);
    gate->signal(ctx, Errno::ok);
    co_await os::sleep_until(ctx, SimTime{us(100)});
    CHECK(second->is_signaled());
  });
  rig.run(false);
  CHECK(rig.jobs_of(rig.releases) == Jobs{1, 2});
  CHECK(rig.finis.size() == 1);
}

TEST_CASE("counter: it has no timeout: nobody asks about a job that hangs", "[jobqueue]") {
  JobQueueRig rig{{.options = {.shape = sched::jq::Shape::counter}, .timeout = us(10)}};
  rig.plans[1].works.reset();
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    (void)co_await rig.submit(ctx, 1);
    rig.queue->trigger_timeout(ctx);
    co_await os::sleep_until(ctx, SimTime{ms(1)});
    rig.complete(1);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.timeouts.empty());
}

namespace {

class CountingBackend final : public sched::SubmissionBackend {
 public:
  Task<sched::RunResult> run_job(Context&, sched::Job&) override {
    ++ran;
    co_return sched::RunResult{};
  }
  Task<sched::TimeoutVerdict> timedout_job(Context&, sched::Job&) override { co_return sched::TimeoutVerdict{}; }
  void release_job(Context&, sched::Job&) override {}
  Task<> queue_fini(Context& ctx) override { co_await ctx.step(); }
  int ran = 0;
};

/// A job on a queue of the counter in an exploration with this fault.
int jobs_run_with(const Schedule& faults) {
  test::ChoosingHost host{test::small_host(2), faults};
  host.names.queues = {{}, {"queue", 0, 1}};
  sched::FenceArena fences;
  sched::jq::Component component{host.host, fences, test::free_component()};
  CountingBackend backend;
  bool waited = false;
  host.host.spawn_client("client", [&](Context& ctx) -> Task<> {
    sched::jq::JobQueue& queue = component.create_queue(
        {QueueId{1}, "queue", 1, Picoseconds{0}, {.shape = sched::jq::Shape::counter}, 0}, backend);
    sched::Job& job = *queue.prepare(ctx, {JobId{1}}).value();
    const FenceRef finished = co_await queue.commit(ctx, job);
    queue.put_job(ctx, job);
    (void)co_await sched::wait(ctx, finished);
    waited = true;
    co_await queue.close(ctx);
  });
  host.run();
  CHECK(waited);
  return backend.ran;
}

}  // namespace

TEST_CASE("counter: a kick for whose work item there is no memory is not lost", "[jobqueue]") {
  CHECK(jobs_run_with({{ChoiceKind::fault, "jobqueue_work_item", 0, 0, 1}}) == 1);
}

TEST_CASE("counter: what can fail has succeeded before the done fence is there", "[jobqueue]") {
  CHECK(jobs_run_with({{ChoiceKind::fault, "jobqueue_push", 0, 0, 1}}) == 1);
}

TEST_CASE("counter: the callback of a dependency and its registration take their locks in one order", "[jobqueue]") {
  JobQueueRig rig{counter()};
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    const FenceRef first = co_await rig.submit(ctx, 1);
    const FenceRef second = co_await rig.submit(ctx, 2, after(first));
    (void)co_await sched::wait(ctx, second);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.jobs_of(rig.runs) == Jobs{1, 2});
}
