// SPDX-License-Identifier: MIT
// What can fail before a job is armed, in every component: memory for the job and for a dependency; and that neither is
// asked for where reclaim could deadlock.
#include <string>

#include "scheduler/dep/component.h"
#include "scheduler/drm_sched/component.h"
#include "scheduler/jobqueue/component.h"
#include "tests/support/catch.h"
#include "tests/support/choosing_host.h"
#include "tests/support/violation.h"

using namespace gpusim;
using os::Context;
using os::Task;
using sched::FenceRef;

namespace {

class IdleBackend final : public sched::SubmissionBackend {
 public:
  Task<sched::RunResult> run_job(Context&, sched::Job&) override { co_return sched::RunResult{}; }
  Task<sched::TimeoutVerdict> timedout_job(Context&, sched::Job&) override { co_return sched::TimeoutVerdict{}; }
  void release_job(Context&, sched::Job&) override { ++released; }
  Task<> queue_fini(Context& ctx) override { co_await ctx.step(); }
  int released = 0;
};

struct Dep {
  static constexpr const char* kJob = "drm_dep_job_init";
  static constexpr const char* kDependency = "drm_dep_job_add_dependency";
  static constexpr bool kMerges = true;
  using Component = sched::dep::Component;
  static sched::SubmissionQueue& queue(Component& component, IdleBackend& backend) {
    return component.create_queue({.id = QueueId{1}, .name = "queue", .policy = {}}, backend);
  }
};

struct Drm {
  static constexpr const char* kJob = "drm_sched_job_init";
  static constexpr const char* kDependency = "drm_sched_job_add_dependency";
  static constexpr bool kMerges = true;
  using Component = sched::drm::Component;
  static sched::SubmissionQueue& queue(Component& component, IdleBackend& backend) {
    sched::drm::SchedulerSpec spec;
    spec.id = QueueId{1};
    spec.name = "queue";
    return component.create_queue(spec, backend);
  }
};

template <sched::jq::Shape Of>
struct JobQueue {
  static constexpr const char* kJob = "jobqueue_job_new";
  static constexpr const char* kDependency = "jobqueue_add_dependency";
  static constexpr bool kMerges = false;
  using Component = sched::jq::Component;
  static sched::SubmissionQueue& queue(Component& component, IdleBackend& backend) {
    return component.create_queue({.id = QueueId{1}, .name = "queue", .options = {.shape = Of}}, backend);
  }
};
using Counter = JobQueue<sched::jq::Shape::counter>;
using Pipeline = JobQueue<sched::jq::Shape::pipeline>;

/// Runs `body` with a queue, in an exploration with these faults.
template <class Which, class Body>
void with_queue(const Schedule& faults, Body body) {
  test::ChoosingHost host{test::small_host(2), faults};
  host.names.queues = {{}, {"queue", 0, 1}};
  sched::FenceArena fences;
  typename Which::Component component{host.host, fences, test::free_component()};
  IdleBackend backend;
  bool ran = false;
  host.host.spawn_client("client", [&](Context& ctx) -> Task<> {
    sched::SubmissionQueue& queue = Which::queue(component, backend);
    co_await body(ctx, queue, fences, backend);
    co_await queue.close(ctx);
    ran = true;
  });
  host.run();
  CHECK(ran);
  component.check_released();
  CHECK(fences.live() == 0);
}

}  // namespace

TEMPLATE_TEST_CASE("a job or a dependency for which there is no memory fails with -ENOMEM before arm", "[allocation]",
                   Dep, Drm, Counter, Pipeline) {
  with_queue<TestType>(
      {{ChoiceKind::fault, TestType::kJob, 0, 1, 1}, {ChoiceKind::fault, TestType::kDependency, 0, 1, 1}},
      [](Context& ctx, sched::SubmissionQueue& queue, sched::FenceArena& fences, IdleBackend& backend) -> Task<> {
        const Result<sched::Job*> first = queue.prepare(ctx, {JobId{1}});
        REQUIRE(first.ok());
        CHECK(queue.prepare(ctx, {JobId{2}}).error() == Errno::nomem);
        const FenceRef one = fences.create(ctx, fences.new_context(), 1, 0, 0);
        const FenceRef two = fences.create(ctx, fences.new_context(), 1, 0, 0);
        CHECK(queue.add_dependency(ctx, *first.value(), one) == Errno::ok);
        if (TestType::kMerges) CHECK(queue.add_dependency(ctx, *first.value(), one) == Errno::ok);  // known: needs none
        CHECK(queue.add_dependency(ctx, *first.value(), two) == Errno::nomem);
        queue.put_job(ctx, *first.value());
        CHECK(backend.released == 1);
        co_return;
      });
}

TEMPLATE_TEST_CASE("neither is asked for in a fence signalling section", "[allocation]", Dep, Drm, Counter, Pipeline) {
  with_queue<TestType>(
      {}, [](Context& ctx, sched::SubmissionQueue& queue, sched::FenceArena& fences, IdleBackend&) -> Task<> {
        sched::Job* const job = queue.prepare(ctx, {JobId{1}}).value();
        const FenceRef fence = fences.create(ctx, fences.new_context(), 1, 0, 0);
        ctx.begin_signalling();
        CHECK(test::oracle_of([&] { (void)queue.prepare(ctx, {JobId{2}}); }) == "reclaim_in_signalling");
        CHECK(test::oracle_of([&] { (void)queue.add_dependency(ctx, *job, fence); }) == "reclaim_in_signalling");
        ctx.end_signalling();
        queue.put_job(ctx, *job);
        co_return;
      });
}

TEST_CASE("gang: dependencies that were reserved need no memory after the arm", "[allocation][drm_sched]") {
  constexpr const char* kSlot = "drm_sched_job_prealloc_dependency_slot";
  with_queue<Drm>(
      {{ChoiceKind::fault, kSlot, 0, 0, 1}},
      [](Context& ctx, sched::SubmissionQueue& queue, sched::FenceArena& fences, IdleBackend&) -> Task<> {
        sched::Job& job = *queue.prepare(ctx, {JobId{1}}).value();
        const FenceRef fence = fences.create(ctx, fences.new_context(), 1, 0, 0);
        CHECK(queue.reserve_dependencies(ctx, job, 1) == Errno::nomem);
        CHECK(queue.reserve_dependencies(ctx, job, 1) == Errno::ok);
        ctx.begin_signalling();
        CHECK(test::oracle_of([&] { (void)queue.reserve_dependencies(ctx, job, 1); }) == "reclaim_in_signalling");
        queue.add_reserved_dependency(ctx, job, fence);
        CHECK(test::oracle_of([&] { queue.add_reserved_dependency(ctx, job, fence); }) == "drm_sched_job");
        queue.arm(ctx, job);
        CHECK(test::oracle_of([&] { (void)queue.reserve_dependencies(ctx, job, 1); }) == "drm_sched_job");
        CHECK(!queue.scheduled_fence(job)->is_signaled());
        co_await queue.push(ctx, job);
        ctx.end_signalling();
        const FenceRef finished = queue.finished_fence(job);
        queue.put_job(ctx, job);
        co_await os::sleep_until(ctx, ctx.now() + us(10));
        CHECK(!finished->is_signaled());
        fence->signal(ctx, Errno::ok);
        (void)co_await sched::wait(ctx, finished);
      });
}
