// SPDX-License-Identifier: MIT
// Windows of the real drm_sched that an exploration gets into, each entered on purpose.
#include <string>
#include <vector>

#include "scheduler/drm_sched/component.h"
#include "tests/support/catch.h"
#include "tests/support/choosing_host.h"

using namespace gpusim;
using os::Context;
using os::Task;
using sched::drm::Kernel;

namespace {

constexpr std::uint32_t kFiveMicroseconds = 4;  // in the table of race delays

/// Hardware that is done with a job at once, and says what happened.
class RaceRig final : public sched::SubmissionBackend {
 public:
  RaceRig(Kernel kernel, const char* place, std::uint32_t count, bool bypass = false)
      : host{test::small_host(4), {{ChoiceKind::race, place, 0, count, kFiveMicroseconds}}},
        component{host.host, fences, test::free_component()} {
    host.names.queues = {{}, {"queue", 0, 1}};
    host.names.works.assign(sched::drm::kWorkNames.begin(), sched::drm::kWorkNames.end());
    sched::drm::SchedulerSpec spec;
    spec.id = QueueId{1};
    spec.name = "queue";
    spec.kernel = kernel;
    spec.credit_limit = 4;
    spec.pause_submit_race = true;
    spec.bypass = bypass;
    scheduler = &component.create_scheduler(spec, *this);
    entity = &component.create_entity(*scheduler, {}, *this);
  }
  void at(Picoseconds when, os::Thread::Body body) {
    host.host.spawn_client("client", [when, body = std::move(body)](Context& ctx) -> Task<> {
      co_await os::sleep_until(ctx, SimTime{when});
      co_await body(ctx);
    });
  }
  Task<> submit(Context& ctx, std::uint64_t id, sched::FenceRef dependency = {}) {
    sched::Job* const job = entity->prepare(ctx, {JobId{id}, 1, 0}).value();
    const Errno added = entity->add_dependency(ctx, *job, std::move(dependency));
    CHECK(added == Errno::ok);
    finished.push_back(co_await entity->commit(ctx, *job));
    entity->put_job(ctx, *job);
  }
  Task<sched::RunResult> run_job(Context& ctx, sched::Job&) override {
    runs.push_back(ctx.now().time_since_epoch());
    co_return sched::RunResult{};
  }
  Task<sched::TimeoutVerdict> timedout_job(Context&, sched::Job&) override { co_return sched::TimeoutVerdict{}; }
  void release_job(Context&, sched::Job&) override {}
  Task<> queue_fini(Context& ctx) override { co_await ctx.step(); }
  [[nodiscard]] bool was_entered() const { return host.choices.made().size() == 1; }

  sched::FenceArena fences;
  test::ChoosingHost host;
  sched::drm::Component component;
  sched::drm::Scheduler* scheduler = nullptr;
  sched::drm::Entity* entity = nullptr;
  std::vector<Picoseconds> runs;
  std::vector<sched::FenceRef> finished;
};

}  // namespace

TEST_CASE(
    "drm_sched.pause_submit: a push that has looked queues the run work of a scheduler that was stopped meanwhile",
    "[drm_sched][race]") {
  for (const bool entered : {true, false}) {
    RaceRig rig{Kernel::v7_3, "drm_sched.pause_submit", entered ? 0U : 1000U};
    rig.at(us(1), [&](Context& ctx) -> Task<> { co_await rig.submit(ctx, 1); });
    rig.at(us(1) + ns(20), [&](Context& ctx) -> Task<> { co_await rig.scheduler->stop_workers(ctx); });
    rig.host.run();
    CHECK(rig.was_entered() == entered);
    // cancel_work_sync() found nothing to cancel, and neither worker of 7.3 asks whether it is paused.
    CHECK(rig.runs.size() == (entered ? 1 : 0));
  }
}

TEST_CASE("drm_sched.kill_idle: a worker gets in between the end of the run queue's entry and the wait for it",
          "[drm_sched][race]") {
  RaceRig rig{Kernel::v7_3, "drm_sched.kill_idle", 0};
  bool ended = false;
  rig.at(us(1), [&](Context& ctx) -> Task<> {
    co_await rig.submit(ctx, 1);
    co_await rig.submit(ctx, 2);
    co_await rig.entity->kill_and_wait(ctx);
    ended = true;
  });
  rig.host.run();
  CHECK(rig.was_entered());
  CHECK(ended);
  CHECK(rig.runs.empty());
  for (const sched::FenceRef& fence : rig.finished) CHECK(fence->error() == Errno::srch);
}

TEST_CASE(
    "drm_sched.fini_stopped: 6.18 marks the entity without its lock, a push that has looked goes on and waits for ever",
    "[drm_sched][race]") {
  RaceRig rig{Kernel::v6_18, "drm_sched.fini_stopped", 0};
  rig.at(us(1), [&](Context& ctx) -> Task<> { co_await rig.submit(ctx, 1); });
  rig.at(us(50), [&](Context& ctx) -> Task<> { co_await rig.scheduler->fini(ctx); });
  rig.at(us(52), [&](Context& ctx) -> Task<> {
    CHECK_FALSE(rig.entity->is_stopped());
    co_await rig.submit(ctx, 2);
  });
  rig.host.run();
  CHECK(rig.was_entered());
  CHECK(rig.entity->is_stopped());
  CHECK(rig.runs.size() == 1);
  CHECK(rig.entity->queued_jobs() == 1);
  CHECK_FALSE(rig.finished.back()->is_signaled());
}

TEST_CASE(
    "drm_sched.run_done: no bypass past a job whose completion the worker cannot see yet, though entity_idle is done",
    "[drm_sched][race][bypass]") {
  RaceRig rig{Kernel::v7_3, "drm_sched.run_done", 0, true};
  rig.at(us(1), [&](Context& ctx) -> Task<> {
    const sched::FenceRef gate = rig.fences.create(ctx, 1000, 1, 1, 0, sched::FenceLock::driver);
    co_await rig.submit(ctx, 1, gate);  // to the worker
    gate->signal(ctx, Errno::ok);
    co_await os::sleep_until(ctx, SimTime{us(3)});
    REQUIRE(rig.runs.size() == 1);
    REQUIRE(rig.entity->is_idle());
    co_await rig.submit(ctx, 2);
    CHECK(rig.runs.size() == 1);
    CHECK_FALSE(rig.finished[0]->is_signaled());
  });
  rig.host.run();
  CHECK(rig.was_entered());
  CHECK(rig.runs.size() == 2);
  CHECK(rig.finished[0]->is_signaled());
  CHECK(rig.finished[1]->is_signaled());
}

TEST_CASE("dma_fence.signaled_bit: the free worker frees a job whose finished fence still has callbacks to run",
          "[drm_sched][race]") {
  // Asked for the scheduled fence of job 1 and for its finished one, then for those of job 2. The free worker of job
  // 1's end is at work while job 2's waits in its window: nothing of job 2 is touched after it.
  RaceRig rig{Kernel::v7_3, "dma_fence.signaled_bit", 3};
  rig.at(us(1), [&](Context& ctx) -> Task<> {
    co_await rig.submit(ctx, 1);
    co_await rig.submit(ctx, 2);
  });
  rig.host.run();
  CHECK(rig.was_entered());
  CHECK(rig.runs.size() == 2);
  CHECK(rig.scheduler->pending_jobs() == 0);
  CHECK(rig.finished.back()->is_signaled());
}
