// SPDX-License-Identifier: MIT
// drm_sched's bypass, as proposed for it in March 2026, and each of its conditions.
#include <functional>
#include <map>
#include <vector>

#include "scheduler/drm_sched/component.h"
#include "tests/support/bare_host.h"
#include "tests/support/catch.h"

using namespace gpusim;
using os::Context;
using os::ContextKind;
using os::Task;
using sched::BypassCondition;
using sched::FenceRef;
using sched::drm::Kernel;

namespace {

/// Hardware whose jobs end when the test says so.
class BypassRig final : public sched::SubmissionBackend, public trace::Listener {
 public:
  explicit BypassRig(bool bypass = true, Kernel kernel = Kernel::v7_3) {
    bare.names.queues = {{}, {"queue", 0, 1}};
    bare.recorder.attach(*this, trace::events({trace::EventKind::job_bypass_refused}));
    sched::drm::SchedulerSpec spec;
    spec.id = QueueId{1};
    spec.name = "queue";
    spec.kernel = kernel;
    spec.credit_limit = 2;
    spec.bypass = bypass;
    scheduler = &component.create_scheduler(spec, *this);
    entity = &component.create_entity(*scheduler, {}, *this);
  }
  void at(Picoseconds when, std::function<Task<>(Context&)> body) {
    bare.client("client", [when, body = std::move(body)](Context& ctx) -> Task<> {
      co_await os::sleep_until(ctx, SimTime{when});
      co_await body(ctx);
    });
  }
  Task<FenceRef> submit(Context& ctx, std::uint64_t id, FenceRef dependency = {}, std::uint32_t credits = 1) {
    sched::Job* const job = entity->prepare(ctx, {JobId{id}, credits, 0}).value();
    const Errno added = entity->add_dependency(ctx, *job, std::move(dependency));
    CHECK(added == Errno::ok);
    FenceRef finished = co_await entity->commit(ctx, *job);
    entity->put_job(ctx, *job);
    co_return finished;
  }
  FenceRef fence(Context& ctx, std::uint64_t seqno) {
    return fences.create(ctx, 1000, seqno, 1, 0, sched::FenceLock::driver);
  }

  Task<sched::RunResult> run_job(Context& ctx, sched::Job& job) override {
    const std::uint64_t id = job.id().value();
    order.push_back(id);
    context[id] = ctx.kind();
    CHECK(++running == 1);
    ctx.charge(run_takes);
    co_await ctx.step();
    --running;
    hardware[id] = fence(ctx, id);
    co_return sched::RunResult{hardware[id], Errno::ok};
  }
  Task<sched::TimeoutVerdict> timedout_job(Context&, sched::Job&) override { co_return sched::TimeoutVerdict{}; }
  void release_job(Context&, sched::Job&) override {}
  Task<> queue_fini(Context& ctx) override { co_await ctx.step(); }
  void on_event(const trace::Event& event) override {
    refusals.push_back(
        static_cast<BypassCondition>(trace::job_bypass_refused::from(event).condition.as<std::uint64_t>()));
  }

  sched::FenceArena fences;
  test::BareHost bare{test::small_host(4)};
  sched::drm::Component component{bare.host, fences, test::free_component()};
  sched::drm::Scheduler* scheduler = nullptr;
  sched::drm::Entity* entity = nullptr;
  std::vector<std::uint64_t> order;
  std::map<std::uint64_t, ContextKind> context;
  std::map<std::uint64_t, FenceRef> hardware;
  std::vector<BypassCondition> refusals;
  Cost run_takes{};
  int running = 0;
};

using Refusals = std::vector<BypassCondition>;
using Order = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("drm_sched: with nothing in its way a job runs in its caller's context, if bypass is asked for",
          "[drm_sched][bypass]") {
  for (const Kernel kernel : {Kernel::v6_18, Kernel::v7_3}) {
    for (const bool bypass : {true, false}) {
      BypassRig rig{bypass, kernel};
      rig.at(us(1), [&](Context& ctx) -> Task<> {
        const FenceRef finished = co_await rig.submit(ctx, 1);
        CHECK(rig.order.size() == (bypass ? 1U : 0U));
        co_await os::sleep_until(ctx, SimTime{us(5)});
        CHECK(rig.scheduler->credit_count() == 1);
        CHECK(rig.scheduler->pending_jobs() == 1);
        CHECK(rig.entity->is_idle());
        rig.hardware[1]->signal(ctx, Errno::io);
        CHECK(finished->error() == Errno::io);
      });
      rig.bare.run();
      CHECK(rig.context.at(1) == (bypass ? ContextKind::task : ContextKind::worker));
      CHECK(rig.scheduler->pending_jobs() == 0);
      CHECK(rig.refusals.empty());
    }
  }
}

TEST_CASE("drm_sched: no bypass with an open dependency, nor past a job that waits", "[drm_sched][bypass]") {
  BypassRig rig;
  rig.at(us(1), [&](Context& ctx) -> Task<> {
    const FenceRef gate = rig.fence(ctx, 77);
    (void)co_await rig.submit(ctx, 1, gate);
    (void)co_await rig.submit(ctx, 2);
    CHECK(rig.order.empty());
    gate->signal(ctx, Errno::ok);
    co_await os::sleep_until(ctx, SimTime{us(5)});
    for (auto& [id, fence] : rig.hardware) fence->signal(ctx, Errno::ok);
    (void)co_await rig.submit(ctx, 3, gate);  // signalled, so no hindrance
  });
  rig.bare.run();
  CHECK(rig.order == Order{1, 2, 3});
  CHECK(rig.context.at(3) == ContextKind::task);
  CHECK(rig.refusals == Refusals{BypassCondition::dependencies, BypassCondition::queue_empty});
}

TEST_CASE("drm_sched: a dependency on the entity's own job does not stand in the way of the bypass",
          "[drm_sched][bypass]") {
  BypassRig rig;
  rig.at(us(1), [&](Context& ctx) -> Task<> {
    const FenceRef first = co_await rig.submit(ctx, 1);
    (void)co_await rig.submit(ctx, 2, first);
    CHECK(rig.order == Order{1, 2});
  });
  rig.bare.run();
  CHECK(rig.refusals.empty());
}

TEST_CASE("drm_sched: no bypass without credits", "[drm_sched][bypass]") {
  BypassRig rig;
  rig.at(us(1), [&](Context& ctx) -> Task<> {
    (void)co_await rig.submit(ctx, 1);
    (void)co_await rig.submit(ctx, 2, {}, 2);
    CHECK(rig.order == Order{1});
    rig.hardware[1]->signal(ctx, Errno::ok);
  });
  rig.bare.run();
  CHECK(rig.order == Order{1, 2});
  CHECK(rig.context.at(2) == ContextKind::worker);
  CHECK(rig.refusals == Refusals{BypassCondition::credits});
}

TEST_CASE("drm_sched: no bypass beside the run worker, which is at an earlier job", "[drm_sched][bypass]") {
  BypassRig rig;
  rig.run_takes = Cost{us(20)};
  rig.at(us(1), [&](Context& ctx) -> Task<> {
    const FenceRef gate = rig.fence(ctx, 77);
    (void)co_await rig.submit(ctx, 1, gate);  // to the worker
    gate->signal(ctx, Errno::ok);
    co_await os::sleep_until(ctx, SimTime{us(5)});
    REQUIRE(rig.running == 1);
    (void)co_await rig.submit(ctx, 2);
  });
  rig.bare.run();
  CHECK(rig.order == Order{1, 2});
  CHECK(rig.refusals == Refusals{BypassCondition::dependencies, BypassCondition::worker_idle});
}

TEST_CASE("drm_sched: a stop waits for the caller that runs a job, and a push meanwhile only queues",
          "[drm_sched][bypass]") {
  BypassRig rig;
  rig.run_takes = Cost{us(20)};
  rig.at(us(1), [&](Context& ctx) -> Task<> { (void)co_await rig.submit(ctx, 1); });
  rig.at(us(5), [&](Context& ctx) -> Task<> {
    CHECK(rig.running == 1);
    co_await rig.scheduler->stop_workers(ctx);
    CHECK(ctx.now() > SimTime{us(20)});
    CHECK(rig.running == 0);
    (void)co_await rig.submit(ctx, 2);
    co_await os::sleep_until(ctx, SimTime{us(100)});
    CHECK(rig.order == Order{1});
    rig.scheduler->start_workers(ctx);
  });
  rig.bare.run();
  CHECK(rig.order == Order{1, 2});
  CHECK(rig.refusals == Refusals{BypassCondition::usable});
}

TEST_CASE("drm_sched: a kill waits for the caller that runs a job", "[drm_sched][bypass]") {
  BypassRig rig;
  rig.run_takes = Cost{us(20)};
  rig.at(us(1), [&](Context& ctx) -> Task<> { (void)co_await rig.submit(ctx, 1); });
  rig.at(us(5), [&](Context& ctx) -> Task<> {
    CHECK(rig.running == 1);
    co_await rig.entity->kill_and_wait(ctx);
    CHECK(rig.running == 0);
    rig.hardware[1]->signal(ctx, Errno::ok);
  });
  rig.bare.run();
  CHECK(rig.order == Order{1});
}
