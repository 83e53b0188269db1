// SPDX-License-Identifier: MIT
// drm_sched of Linux 6.18 and of 7.3: locks of a job counted by hand, what one free pass frees, karma, fini.
#include <memory>
#include <vector>

#include "scheduler/drm_sched/component.h"
#include "tests/support/bare_host.h"
#include "tests/support/catch.h"

using namespace gpusim;
using os::Context;
using os::Task;
using sched::FenceRef;
using sched::drm::Kernel;
using sched::drm::Minimum;
using sched::drm::Policy;
using test::BareHost;

namespace {

constexpr std::uint32_t kVector = 1;

/// One entity; hardware whose fences signal in a hard interrupt, all that are there at once.
class KernelRig final : public sched::SubmissionBackend, public trace::Listener {
 public:
  KernelRig(Kernel kernel, std::uint32_t num_rqs, std::uint32_t credits, sched::drm::EntitySpec entity_spec = {},
            Policy policy = Policy::fifo, Minimum minimum = Minimum::leftmost)
      : bare{host()}, component{bare.host, fences, {}} {
    bare.names.queues = {{}, {"queue", 0, 1}};
    bare.recorder.attach_to_all(*this);
    sched::drm::SchedulerSpec spec;
    spec.id = QueueId{1};
    spec.name = "queue";
    spec.credit_limit = credits;
    spec.timeout = ms(5000);
    spec.kernel = kernel;
    spec.policy = policy;
    spec.minimum = minimum;
    spec.num_rqs = num_rqs;
    scheduler = &component.create_scheduler(spec, *this);
    entity = &component.create_entity(*scheduler, entity_spec, *this);
    bare.host.request_irq(kVector, "completion", 3, [this](Context& ctx) -> Task<> {
      for (const FenceRef& fence : std::exchange(hardware, {})) fence->signal(ctx, Errno::ok);
      co_await ctx.step();
    });
  }

  static os::HostSpec host() {
    os::HostSpec spec = test::small_host(4);
    spec.worker_wake = Cost{us(10), 3};
    return spec;
  }

  Task<> submit(Context& ctx) {
    sched::Job* const job = entity->prepare(ctx, {JobId{++jobs}, 1, 0}).value();
    (void)co_await entity->commit(ctx, *job);
    entity->put_job(ctx, *job);
  }
  void complete_at(Picoseconds when) {
    bare.timeline.schedule<&KernelRig::on_complete>(SimTime{when}, Phase::interrupt, bare.host.component(), this);
  }
  void on_complete() { bare.host.deliver_interrupt(kVector); }

  Task<sched::RunResult> run_job(Context& ctx, sched::Job& job) override {
    hardware.push_back(fences.create(ctx, 1000, job.id().value(), 1, 0, sched::FenceLock::driver));
    last = &static_cast<sched::drm::SchedJob&>(job);
    co_return sched::RunResult{hardware.back(), Errno::ok};
  }
  Task<sched::TimeoutVerdict> timedout_job(Context&, sched::Job&) override { co_return sched::TimeoutVerdict{}; }
  void release_job(Context&, sched::Job&) override { ++released; }
  Task<> queue_fini(Context& ctx) override { co_await ctx.step(); }
  void on_event(const trace::Event& event) override {
    if (event.kind != trace::EventKind::workqueue_execute_start) return;
    const auto kind = trace::workqueue_execute_start::from(event).work;
    if (kind == static_cast<std::uint64_t>(sched::drm::WorkKind::free_job)) ++free_passes;
    if (kind == static_cast<std::uint64_t>(sched::drm::WorkKind::run_job)) ++run_passes;
  }

  [[nodiscard]] const os::HostCounters& counters() { return bare.host.counters(); }

  sched::FenceArena fences;
  BareHost bare;
  sched::drm::Component component;
  sched::drm::Scheduler* scheduler = nullptr;
  sched::drm::Entity* entity = nullptr;
  sched::drm::SchedJob* last = nullptr;
  std::vector<FenceRef> hardware;
  std::uint64_t free_passes = 0;
  std::uint64_t run_passes = 0;
  std::uint64_t jobs = 0;
  int released = 0;
};

constexpr std::uint64_t kDeep = 40;

/// All pushed before the worker wakes, all on the hardware at a time, all completed by one interrupt.
std::unique_ptr<KernelRig> run_deep(Kernel kernel, Policy policy = Policy::fifo, Minimum minimum = Minimum::leftmost) {
  auto rig = std::make_unique<KernelRig>(kernel, 1, kDeep, sched::drm::EntitySpec{}, policy, minimum);
  rig->bare.client("client", [&rig = *rig](Context& ctx) -> Task<> {
    for (std::uint64_t i = 0; i < kDeep; ++i) co_await rig.submit(ctx);
  });
  rig->complete_at(ms(1));
  rig->bare.run_until(ms(2));
  CHECK(rig->released == static_cast<int>(kDeep));
  return rig;
}

/// One job after another.
std::unique_ptr<KernelRig> run_single(Kernel kernel, std::uint32_t num_rqs, std::uint64_t jobs,
                                      Policy policy = Policy::fifo, Minimum minimum = Minimum::leftmost) {
  auto rig = std::make_unique<KernelRig>(kernel, num_rqs, 4, sched::drm::EntitySpec{}, policy, minimum);
  rig->bare.client("client", [&rig = *rig, jobs](Context& ctx) -> Task<> {
    for (std::uint64_t i = 0; i < jobs; ++i) {
      co_await os::sleep_until(ctx, SimTime{us(100) * static_cast<std::int64_t>(i)});
      co_await rig.submit(ctx);
    }
  });
  for (std::uint64_t i = 0; i < jobs; ++i) rig->complete_at(us(100) * static_cast<std::int64_t>(i) + us(50));
  rig->bare.run_until(ms(100));
  CHECK(rig->released == static_cast<int>(jobs));
  return rig;
}

}  // namespace

TEST_CASE("7.3: a job of a deep queue takes 7 spinlocks, 4 locks of fences and 2 of wait queues",
          "[drm_sched][locks]") {
  const auto rig = run_deep(Kernel::v7_3);
  // push 1 (entity), select 1 (rq), pop 2, begin 1 (list), free 1 (list) and 1 (stats); and once: rq at the first push,
  // the select that ends the run passes, the look that ends the free pass, the select after it.
  CHECK(rig->counters().spin_locks == 7 * kDeep + 4);
  // scheduled, callback on the hardware fence, its signal, finished
  CHECK(rig->counters().fence_locks == 4 * kDeep);
  CHECK(rig->counters().wait_locks == 2 * kDeep);  // entity_idle, job_scheduled
  // The select that ends the run passes, and the one after the free pass.
  CHECK(rig->counters().passes == rig->run_passes);
  CHECK(rig->counters().passes == kDeep + 2);
  CHECK(rig->counters().idle_passes == 2);
  CHECK(rig->counters().fence_callbacks == kDeep);
}

TEST_CASE("7.3: a job that is alone takes 11 spinlocks, 19 as NORMAL of four run queues", "[drm_sched][locks]") {
  // push 2, select 1, pop 2, begin 1, select after it 1, free 1 and 1 (stats), its last look 1, select after it 1
  const auto one = run_single(Kernel::v7_3, 1, 7);
  CHECK(one->counters().spin_locks == 11 * 7U);
  CHECK(one->counters().fence_locks == 4 * 7U);
  CHECK(one->counters().wait_locks == 2 * 7U);
  // A select that finds the entity looks at 3 run queues, one that finds nothing at 4: 11 + 2 + 3 + 3
  CHECK(run_single(Kernel::v7_3, 4, 7)->counters().spin_locks == 19 * 7U);
}

TEST_CASE("7.3: RR takes FIFO's locks, FAIR one more of the stats in a deep queue, two more for a job that is alone",
          "[drm_sched][locks]") {
  CHECK(run_deep(Kernel::v7_3, Policy::rr)->counters().spin_locks == 7 * kDeep + 4);
  CHECK(run_single(Kernel::v7_3, 1, 7, Policy::rr)->counters().spin_locks == 11 * 7U);
  // And restore at the first push; charge (or, of the last job, save) at each pop.
  CHECK(run_deep(Kernel::v7_3, Policy::fair)->counters().spin_locks == 8 * kDeep + 4 + 1);
  CHECK(run_single(Kernel::v7_3, 1, 7, Policy::fair)->counters().spin_locks == 13 * 7U);
  // One run queue, however many there are priorities.
  CHECK(run_single(Kernel::v7_3, 4, 7, Policy::fair)->counters().spin_locks == 13 * 7U);
}

TEST_CASE("single entity: 5 spinlocks for a job of a deep queue of 7.3, 6 for one that is alone, without those of 6.18",
          "[drm_sched][locks]") {
  // push 1 and pop 1 (entity), begin 1, free 1 and 1 (stats); and once: the look that ends the free pass.
  CHECK(run_deep(Kernel::v7_3, Policy::single_entity)->counters().spin_locks == 5 * kDeep + 1);
  CHECK(run_single(Kernel::v7_3, 4, 7, Policy::single_entity)->counters().spin_locks == 6 * 7U);
  // A first push 1, begin 1, free 1.
  CHECK(run_deep(Kernel::v6_18, Policy::single_entity)->counters().spin_locks == 2 * kDeep + 1);
  CHECK(run_single(Kernel::v6_18, 4, 7, Policy::single_entity)->counters().spin_locks == 3 * 7U);
}

TEST_CASE("fair, running minimum: the locks of fair, and one more of the stats at a last pop", "[drm_sched][locks]") {
  const auto locks = [](const auto& rig) { return rig->counters().spin_locks; };
  CHECK(locks(run_deep(Kernel::v7_3, Policy::fair, Minimum::running)) ==
        locks(run_deep(Kernel::v7_3, Policy::fair)) + 1);
  CHECK(run_single(Kernel::v7_3, 4, 7, Policy::fair, Minimum::running)->counters().spin_locks == 14 * 7U);
}

TEST_CASE("6.18: only a first push and a pop that leaves more take the entity's lock", "[drm_sched][locks]") {
  // push 2, select 1, begin 1, select after it 1, free 1, select after it 1
  CHECK(run_single(Kernel::v6_18, 1, 7)->counters().spin_locks == 7 * 7U);
  // select 1, pop 2, begin 1, free 1; less the last one's pop; and once: first push 2, the select that ends the run
  // passes. Free work comes before the run work that it queued, and again after it: one run pass for two free passes.
  const auto deep = run_deep(Kernel::v6_18);
  CHECK(deep->counters().spin_locks == 5 * kDeep - 2 + 2 + 1 + kDeep / 2);
  CHECK(deep->counters().fence_locks == 4 * kDeep);
}

TEST_CASE("7.3 frees all finished jobs in one pass, 6.18 one in each, with a run pass for every two", "[drm_sched]") {
  const auto all = run_deep(Kernel::v7_3);
  CHECK(all->free_passes == 1);
  CHECK(all->run_passes == kDeep + 1 + 1);  // one that finds no more, one after the free pass
  const auto one = run_deep(Kernel::v6_18);
  CHECK(one->free_passes == kDeep);
  CHECK(one->run_passes == kDeep + 1 + kDeep / 2);
}

TEST_CASE("karma marks an entity of four run queues, and never one of a driver with a single one",
          "[drm_sched][recovery]") {
  const auto after_karma = [](Kernel kernel, std::uint32_t num_rqs, sched::drm::Priority priority) {
    KernelRig rig{kernel, num_rqs, 4, {.priority = priority, .has_guilty = true}};
    std::pair<std::uint32_t, bool> result;
    rig.bare.client("client", [&](Context& ctx) -> Task<> {
      co_await rig.submit(ctx);
      co_await os::sleep_until(ctx, SimTime{us(50)});
      rig.scheduler->increase_karma(ctx, *rig.last);
      result = {rig.last->karma(), rig.entity->is_guilty()};
    });
    rig.complete_at(us(100));
    rig.bare.run_until(ms(1));
    return result;
  };
  using enum sched::drm::Priority;
  for (const Kernel kernel : {Kernel::v6_18, Kernel::v7_3}) {
    CHECK(after_karma(kernel, 4, normal) == std::pair{1U, true});
    CHECK(after_karma(kernel, 4, high) == std::pair{1U, true});
    // Jobs of priority KERNEL gain none, and with one run queue all entities are cut down to it.
    CHECK(after_karma(kernel, 4, sched::drm::Priority::kernel) == std::pair{0U, false});
    CHECK(after_karma(kernel, 1, normal) == std::pair{0U, false});
  }
}

TEST_CASE("the end of a scheduler stops its entity in 6.18, and no more in 7.3", "[drm_sched]") {
  for (const Kernel kernel : {Kernel::v6_18, Kernel::v7_3}) {
    KernelRig rig{kernel, 1, 4};
    bool stopped = false;
    rig.bare.client("client", [&](Context& ctx) -> Task<> {
      co_await rig.submit(ctx);
      co_await os::sleep_until(ctx, SimTime{us(200)});
      co_await rig.scheduler->fini(ctx);
      stopped = rig.entity->is_stopped();
    });
    rig.complete_at(us(100));
    rig.bare.run_until(ms(1));
    CHECK(stopped == (kernel == Kernel::v6_18));
  }
}

TEST_CASE("the end of a scheduler stops its single entity in 6.18, and no more in 7.3", "[drm_sched]") {
  for (const Kernel kernel : {Kernel::v6_18, Kernel::v7_3}) {
    KernelRig rig{kernel, 1, 4, {}, Policy::single_entity};
    bool stopped = false;
    rig.bare.client("client", [&](Context& ctx) -> Task<> {
      co_await rig.scheduler->fini(ctx);
      stopped = rig.entity->is_stopped();
    });
    rig.bare.run_until(ms(1));
    CHECK(stopped == (kernel == Kernel::v6_18));
  }
}
