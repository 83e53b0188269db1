// SPDX-License-Identifier: MIT
// JobQueue A: a job's way (docs/jobqueue.md, "Rules of the counter").
#include <algorithm>
#include <string>

#include "tests/support/catch.h"
#include "tests/support/choosing_host.h"
#include "tests/support/jobqueue_rig.h"
#include "tests/support/violation.h"

using namespace gpusim;
using os::Context;
using os::ContextKind;
using os::Task;
using sched::FenceRef;
using test::after;
using test::counter;
using test::JobQueueRig;
using trace::EventKind;

namespace {

using Jobs = std::vector<std::uint64_t>;

/// Work items of that kind that a worker has begun.
std::size_t begun(const JobQueueRig& rig, sched::jq::WorkKind kind) {
  const auto works = rig.all<trace::workqueue_execute_start>();
  return static_cast<std::size_t>(
      std::count_if(works.begin(), works.end(), [&](const trace::workqueue_execute_start& work) {
        return work.work == trace::Code{static_cast<std::uint64_t>(kind)};
      }));
}

}  // namespace

TEST_CASE("counter: a job runs when each of its dependencies has signalled, in whatever order", "[jobqueue]") {
  JobQueueRig rig{counter()};
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    const FenceRef one = rig.fence(ctx);
    const FenceRef two = rig.fence(ctx);
    const FenceRef finished = co_await rig.submit(ctx, 1, after(one, two));
    two->signal(ctx, Errno::ok);
    co_await os::sleep_until(ctx, SimTime{us(20)});
    CHECK(rig.runs.empty());
    one->signal(ctx, Errno::io);  // an error is no reason to wait, or to fail
    {
      const Errno error = co_await sched::wait(ctx, finished);
      CHECK(error == Errno::ok);
    }
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.jobs_of(rig.runs) == Jobs{1});
}

TEST_CASE("counter: dependencies that have signalled are counted down at once", "[jobqueue]") {
  JobQueueRig rig{counter()};
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    const FenceRef one = rig.fence(ctx);
    one->signal(ctx, Errno::ok);
    (void)co_await rig.submit(ctx, 1, after(one, one));
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.jobs_of(rig.runs) == Jobs{1});
  CHECK(rig.events(EventKind::drm_sched_job_unschedulable).empty());
}

TEST_CASE("counter: one kick when the last dependency has signalled, none for those before it", "[jobqueue]") {
  JobQueueRig rig{counter()};
  rig.plans[1].works.reset();
  std::size_t before_last = 0;
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    std::vector<FenceRef> fences;
    for (int i = 0; i < 4; ++i) fences.push_back(rig.fence(ctx));
    (void)co_await rig.submit(ctx, 1, fences);
    for (std::size_t i = 0; i < 4; ++i) {
      co_await os::sleep_until(ctx, SimTime{us(10) * static_cast<int>(i + 1)});
      before_last = begun(rig, sched::jq::WorkKind::submit);
      fences[i]->signal(ctx, Errno::ok);
    }
    co_await os::sleep_until(ctx, SimTime{us(60)});
    rig.complete(1);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(before_last == 1);  // by the push, as it is the first
  CHECK(rig.time_of(EventKind::drm_sched_job_run, 1).has_value());
  CHECK(begun(rig, sched::jq::WorkKind::submit) == 3);  // and one that frees it
}

TEST_CASE("counter: a job whose dependencies are open holds back those behind it", "[jobqueue]") {
  JobQueueRig rig{counter()};
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

TEST_CASE("counter: there is one worker at a time", "[jobqueue]") {
  JobQueueRig rig{counter()};
  rig.plans[1].run_takes = us(20);
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    for (std::uint64_t job = 1; job <= 3; ++job) {
      (void)co_await rig.submit(ctx, job);
      co_await os::sleep_until(ctx, SimTime{us(3) * static_cast<int>(job)});
    }
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.most_running == 1);
  CHECK(rig.jobs_of(rig.runs) == Jobs{1, 2, 3});
}

TEST_CASE("counter: jobs on the hardware hold at most the capacity, what comes back in the callback wakes the next",
          "[jobqueue]") {
  JobQueueRig rig{counter(3)};
  rig.plans[1].works = us(50);
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    (void)co_await rig.submit(ctx, 1, {}, 2);
    (void)co_await rig.submit(ctx, 2, {}, 2);
    (void)co_await rig.submit(ctx, 3, {}, 1);  // would fit, and is behind one that does not
    co_await os::sleep_until(ctx, SimTime{us(20)});
    CHECK(rig.runs.size() == 1);
    CHECK(rig.queue->credits_in_flight() == 2);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.jobs_of(rig.runs) == Jobs{1, 2, 3});
  const auto returned = rig.all<trace::credit_returned>();
  REQUIRE(returned.size() == 3);
  CHECK(returned[0].head_free);
  CHECK(returned[0].time == rig.time_of(EventKind::drm_sched_job_done, 1));
  CHECK(returned[0].thread == 0);  // a hard interrupt
}

TEST_CASE("counter: a cost of 0 always fits, one above the capacity never and is refused", "[jobqueue]") {
  JobQueueRig rig{counter(1)};
  rig.plans[1].works = us(50);
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    (void)co_await rig.submit(ctx, 1, {}, 1);
    (void)co_await rig.submit(ctx, 2, {}, 0);
    CHECK(rig.queue->prepare(ctx, {JobId{3}, 2, 0}).error() == Errno::inval);
    co_await os::sleep_until(ctx, SimTime{us(20)});
    CHECK(rig.runs.size() == 2);
    co_await rig.queue->close(ctx);
  });
  rig.run();
}

TEST_CASE("counter: the done fence signals in the hardware fence's callback, with its error", "[jobqueue]") {
  JobQueueRig rig{counter()};
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
  CHECK(done[0].thread == 0);
}

TEST_CASE("counter: done fences signal in the order of submission, numbered from 1", "[jobqueue]") {
  JobQueueRig rig{counter()};
  rig.plans[1].works = us(30);
  rig.plans[2].without_fence = true;
  rig.plans[2].run_error = Errno::io;
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    const FenceRef first = co_await rig.submit(ctx, 1);
    const FenceRef second = co_await rig.submit(ctx, 2);
    CHECK(first->seqno() == 1);
    CHECK(second->seqno() == 2);
    CHECK(first->context() == rig.queue->fence_context());
    co_await os::sleep_until(ctx, SimTime{us(20)});
    CHECK(rig.runs.size() == 2);
    CHECK_FALSE(second->is_signaled());
    const Errno error = co_await sched::wait(ctx, second);
    CHECK(error == Errno::io);
    CHECK(first->is_signaled());
    co_await rig.queue->close(ctx);
  });
  rig.run();
}

TEST_CASE("counter: a hardware fence that has signalled when run_job returns ends its job", "[jobqueue]") {
  JobQueueRig rig{counter()};
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

TEST_CASE("counter: a job is freed in the worker, not in its fence's callback", "[jobqueue]") {
  JobQueueRig rig{counter()};
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    (void)co_await rig.submit(ctx, 1);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  REQUIRE(rig.releases.size() == 1);
  CHECK(rig.releases[0].context == ContextKind::worker);
}

TEST_CASE("counter: a job that the driver refuses for now is tried again when one before it has completed",
          "[jobqueue]") {
  JobQueueRig rig{counter()};
  rig.plans[1].works = us(30);
  rig.plans[2].refused_once = true;
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    (void)co_await rig.submit(ctx, 1);
    (void)co_await rig.submit(ctx, 2);
    co_await os::sleep_until(ctx, SimTime{us(20)});
    CHECK(rig.runs.size() == 1);
    CHECK(rig.queue->credits_in_flight() == 1);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.jobs_of(rig.runs) == Jobs{1, 2});
}

TEST_CASE("counter: misuse is reported", "[jobqueue]") {
  JobQueueRig rig{counter()};
  std::string oracles;
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    sched::Job& job = *rig.prepare(ctx, 1);
    oracles += test::oracle_of([&] { (void)rig.queue->finished_fence(job); }) + " ";
    rig.queue->arm(ctx, job);
    oracles += test::oracle_of([&] { rig.queue->arm(ctx, job); }) + " ";
    oracles += test::oracle_of([&] { (void)rig.queue->add_dependency(ctx, job, rig.fence(ctx)); }) + " ";
    oracles += test::oracle_of([&] { rig.queue->put_job(ctx, job); });
    co_await rig.queue->push(ctx, job);
    rig.queue->put_job(ctx, job);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(oracles == "jobqueue_job jobqueue_job jobqueue_job jobqueue_job");
}
