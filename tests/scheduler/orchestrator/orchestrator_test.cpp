// SPDX-License-Identifier: MIT
// Queues of drm_dep with an orchestrator before devices that do what a test says; times worked out by hand. A worker
// needs 20 ns to wake and 5 ns to be switched to, if something else has run on its CPU before; a worker that has ended
// an item takes the next without either. Nothing else costs time, unless a test says so.
#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "scheduler/dep/component.h"
#include "scheduler/orchestrator/orchestrator.h"
#include "tests/support/bare_host.h"
#include "tests/support/catch.h"
#include "tests/support/free.h"

namespace orch = gpusim::sched::orch;
using namespace gpusim;
using sched::orch::GrantIn;
using sched::orch::Spec;

namespace {

constexpr Picoseconds kWorkerWakes = ns(25);
constexpr Picoseconds kWorkerWakesWhereItWas = ns(20);

Spec tokens(std::uint32_t slots, orch::Policy policy = orch::Policy::rr) {
  Spec spec;
  spec.slots = slots;
  spec.policy = policy;
  spec.ask = spec.grant = spec.give_back = Cost{};
  return spec;
}

/// The hardware behind one queue: jobs one after the other, ns(1'000) each unless `works` says otherwise.
class Device final : public sched::SubmissionBackend {
 public:
  Device(test::BareHost& bare, sched::FenceArena& fences, std::uint32_t queue)
      : bare_{bare}, fences_{fences}, queue_{queue}, context_{fences.new_context()} {
    bare.host.request_irq(queue, "device", 0, [this](os::Context& ctx) -> os::Task<> {
      const sched::FenceRef fence = std::move(pending_.front());
      pending_.pop_front();
      fence->signal(ctx, Errno::ok);
      co_await ctx.step();
    });
  }
  [[nodiscard]] os::Task<sched::RunResult> run_job(os::Context& ctx, sched::Job& /*job*/) override {
    co_await ctx.step();
    free_at_ = std::max(free_at_, ctx.now()) + works;
    pending_.push_back(fences_.create(ctx, context_, ++seqno_, queue_, 0, sched::FenceLock::driver));
    bare_.timeline.schedule<&Device::on_done>(free_at_, Phase::engine, bare_.host.component(), this);
    co_return sched::RunResult{pending_.back(), Errno::ok};
  }
  [[nodiscard]] os::Task<sched::TimeoutVerdict> timedout_job(os::Context& ctx, sched::Job& /*job*/) override {
    co_await ctx.step();
    co_return sched::TimeoutVerdict::no_hang;
  }
  void release_job(os::Context& /*ctx*/, sched::Job& /*job*/) override {}
  [[nodiscard]] os::Task<> queue_fini(os::Context& ctx) override { co_await ctx.step(); }

  Picoseconds works = ns(1'000);

 private:
  void on_done() { bare_.host.deliver_interrupt(queue_); }

  test::BareHost& bare_;
  sched::FenceArena& fences_;
  std::uint32_t queue_;
  std::uint64_t context_;
  std::uint64_t seqno_ = 0;
  SimTime free_at_{};
  std::deque<sched::FenceRef> pending_;
};

/// Queues 1, 2, ... Jobs are numbered as the test says.
class Stage final : public trace::Listener {
 public:
  Stage(const Spec& spec, std::uint32_t queues, std::uint32_t credits = 8)
      : bare{host()}, component{bare.host, fences, test::free_component()}, orchestrator{bare.host, spec} {
    bare.recorder.attach_to_all(*this);
    bare.names.queues.resize(1);
    for (std::uint32_t queue = 1; queue <= queues; ++queue) {
      const std::string name = "q" + std::to_string(queue);
      bare.names.queues.push_back({name, 0, 1});
      Device& device = devices.emplace_back(bare, fences, queue);
      sched::orch::TokenGate& gate = orchestrator.add(QueueId{queue}, name, device);
      queue_of.push_back(&component.create_queue({QueueId{queue}, name, 0, credits, Picoseconds{0}, {}}, gate));
      gate.serve(*queue_of.back());
    }
  }

  /// Pushes jobs on a queue at about `start`.
  void push(std::uint32_t queue, Picoseconds start, std::vector<std::uint64_t> jobs) {
    at(start, [this, queue, jobs = std::move(jobs)](os::Context& ctx) -> os::Task<> {
      sched::dep::Queue& to = *queue_of.at(queue - 1);
      for (const std::uint64_t job : jobs) {
        const Result<sched::Job*> prepared = to.prepare(ctx, {JobId{job}, 1, 0});
        (void)co_await to.commit(ctx, *prepared.value());
        to.put_job(ctx, *prepared.value());
      }
      co_await ctx.step();
    });
  }
  void at(Picoseconds start, os::Thread::Body body) {
    bare.client("client", [start, body = std::move(body)](os::Context& ctx) -> os::Task<> {
      co_await os::sleep_until(ctx, SimTime{start});
      co_await body(ctx);
    });
  }
  void run() {
    at(us(100), [this](os::Context& ctx) -> os::Task<> {
      for (sched::dep::Queue* queue : queue_of) co_await queue->close(ctx);
    });
    bare.run();
    component.check_released();
    fences.check_empty();
  }

  template <class Kind>
  [[nodiscard]] std::vector<Kind> all() const {
    std::vector<Kind> found;
    for (const trace::Event& event : trace) {
      if (const auto as = trace::as<Kind>(event)) found.push_back(*as);
    }
    return found;
  }
  [[nodiscard]] std::vector<std::uint64_t> order() const {
    std::vector<std::uint64_t> jobs;
    for (const auto& event : all<trace::drm_sched_job_run>()) jobs.push_back(event.job.value());
    return jobs;
  }
  [[nodiscard]] SimTime ran(std::uint64_t job) const { return time_of<trace::drm_sched_job_run>(job); }
  [[nodiscard]] SimTime pushed(std::uint64_t job) const { return time_of<trace::drm_sched_job_queue>(job); }
  template <class Kind>
  [[nodiscard]] SimTime time_of(std::uint64_t job) const {
    for (const auto& event : all<Kind>()) {
      if (event.job.value() == job) return event.time;
    }
    return kNever;
  }

  sched::FenceArena fences;
  test::BareHost bare;
  sched::dep::Component component;
  sched::orch::Orchestrator orchestrator;
  std::deque<Device> devices;
  std::vector<sched::dep::Queue*> queue_of;
  std::vector<trace::Event> trace;

 private:
  static os::HostSpec host() { return test::small_host(8); }
  void on_event(const trace::Event& event) override { trace.push_back(event); }
};

using Jobs = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("orchestrator: a token that comes back is granted by a worker, and the queue's worker runs the job") {
  Stage stage{tokens(1), 2};
  stage.push(1, us(1), {1});
  stage.push(2, us(1) + ns(100), {2});
  stage.run();
  const SimTime begin = stage.ran(1);
  REQUIRE(stage.all<trace::token_wait>().size() == 1);
  CHECK(stage.all<trace::token_wait>()[0].time == stage.pushed(2) + kWorkerWakes);
  REQUIRE(stage.all<trace::token_returned>().size() == 1);
  CHECK(stage.all<trace::token_returned>()[0].time == begin + ns(1'000));
  CHECK(stage.all<trace::token_returned>()[0].vruntime == ns(1'000));
  REQUIRE(stage.all<trace::token_granted>().size() == 1);
  CHECK(stage.all<trace::token_granted>()[0].time == begin + ns(1'000) + kWorkerWakesWhereItWas);
  CHECK(stage.ran(2) == begin + ns(1'000) + kWorkerWakesWhereItWas);  // by the same worker
}

TEST_CASE("orchestrator: a token granted where it came back needs no worker but the queue's") {
  Spec spec = tokens(1);
  spec.grant_in = GrantIn::completion;
  Stage stage{spec, 2};
  stage.push(1, us(1), {1});
  stage.push(2, us(1) + ns(100), {2});
  stage.run();
  REQUIRE(stage.all<trace::token_granted>().size() == 1);
  CHECK(stage.all<trace::token_granted>()[0].time == stage.ran(1) + ns(1'000));
  CHECK(stage.ran(2) == stage.ran(1) + ns(1'000) + kWorkerWakesWhereItWas);
}

TEST_CASE("orchestrator: the token of a queue without jobs on the hardware is taken at once, by the one who asks") {
  Spec spec = tokens(1);
  spec.ask = Cost{ns(1)};
  spec.give_back = Cost{ns(2)};
  spec.grant = Cost{ns(4)};
  Stage stage{spec, 2};
  stage.push(1, us(1), {1});
  stage.push(2, us(3), {2});
  stage.run();
  CHECK(stage.ran(1) == stage.pushed(1) + kWorkerWakes);
  CHECK(stage.ran(2) == stage.pushed(2) + kWorkerWakes + ns(7));  // paid before the job is run
  CHECK(stage.all<trace::token_granted>().size() == 1);
}

TEST_CASE("orchestrator: as many tokens as queues: no event, no worker, no lock") {
  const auto locks_of = [](std::uint32_t slots) {
    Stage stage{tokens(slots), 3};
    for (std::uint32_t queue = 1; queue <= 3; ++queue) stage.push(queue, us(queue), {queue, queue + 3});
    stage.run();
    CHECK(stage.all<trace::token_wait>().empty());
    CHECK(stage.all<trace::token_granted>().empty());
    return std::pair{stage.bare.host.counters().spin_locks, stage.bare.recorder.hash()};
  };
  CHECK(locks_of(3) == locks_of(1'000));
}

TEST_CASE("orchestrator: rr goes round by the order of creation, fifo by that of asking") {
  const auto order = [](orch::Policy policy) {
    Stage stage{tokens(1, policy), 4};
    stage.push(1, us(1), {1});
    stage.push(3, us(1) + ns(100), {3});
    stage.push(2, us(1) + ns(200), {2});
    stage.push(4, us(1) + ns(300), {4});
    stage.run();
    return stage.order();
  };
  CHECK(order(orch::Policy::rr) == Jobs{1, 2, 3, 4});
  CHECK(order(orch::Policy::fifo) == Jobs{1, 3, 2, 4});
}

TEST_CASE("orchestrator: fair gives the token to who has had the hardware for the shortest time") {
  Stage stage{tokens(1, orch::Policy::fair), 4};
  stage.devices[1].works = ns(300);
  stage.devices[2].works = ns(100);
  stage.devices[3].works = ns(200);
  stage.push(2, us(1), {2});
  stage.push(3, us(3), {3});
  stage.push(4, us(5), {4});
  stage.push(1, us(7), {1});
  for (std::uint32_t queue = 2; queue <= 4; ++queue) stage.push(queue, us(7) + ns(100 * queue), {10 + queue});
  stage.run();
  CHECK(stage.order() == Jobs{2, 3, 4, 1, 13, 14, 12});
  std::vector<Picoseconds> waited;
  for (const auto& event : stage.all<trace::token_wait>()) waited.push_back(event.vruntime);
  // Queues 3, 4 and 1 took idle tokens; then 2, 3, 4 wait with what they have had.
  CHECK(waited == std::vector{ns(0), ns(0), ns(0), ns(300), ns(100), ns(200)});
}

TEST_CASE("orchestrator: who comes after a time without jobs has not saved it up") {
  Stage stage{tokens(1, orch::Policy::fair), 3};
  stage.push(1, us(1), {1, 2, 3});
  stage.push(2, us(2), {4});
  stage.push(1, us(4) + ns(500), {5});  // with 3 us, while queue 2 runs
  stage.push(3, us(10), {6});
  stage.run();
  const auto waits = stage.all<trace::token_wait>();
  REQUIRE(waits.size() == 3);
  CHECK(waits[1].queue == QueueId{1});
  CHECK(waits[1].vruntime == ns(3'000));
  CHECK(waits[2].queue == QueueId{3});
  CHECK(waits[2].vruntime == ns(3'000));  // not 0: the last one that got a token had that
}

TEST_CASE("orchestrator: nor who comes while others have gone on without ever being chosen") {
  // Queue 1 has kept its token for three jobs and begins the fourth; with two tokens queue 2 takes the free one.
  const std::uint32_t slots = GENERATE(1U, 2U);
  CAPTURE(slots);
  Stage stage{tokens(slots, orch::Policy::fair), 3, 1};
  stage.push(1, us(1), {1, 2, 3, 4, 5, 6});
  stage.push(2, us(4) + ns(500), {7, 8});
  stage.push(3, us(4) + ns(600), {9, 10});
  stage.run();
  const auto waits = stage.all<trace::token_wait>();
  REQUIRE(waits.size() > 1);
  CHECK(waits[0].queue == QueueId{slots == 1 ? 2U : 3U});
  CHECK(waits[0].vruntime == ns(3'000));
}

TEST_CASE("orchestrator: a turn is over after `batch` jobs, if others wait") {
  const auto order = [](std::uint32_t batch) {
    Spec spec = tokens(1);
    spec.batch = batch;
    Stage stage{spec, 2, 2};
    stage.push(1, us(1), {1, 2, 3, 4, 5});
    stage.push(2, us(1) + ns(100), {9});
    stage.run();
    return stage.order();
  };
  CHECK(order(2) == Jobs{1, 2, 9, 3, 4, 5});
  CHECK(order(3) == Jobs{1, 2, 3, 9, 4, 5});
  CHECK(order(4) == Jobs{1, 2, 3, 4, 9, 5});
}

TEST_CASE("orchestrator: a turn is over after `quantum`, if others wait") {
  Spec spec = tokens(1);
  spec.batch = 0;
  spec.quantum = ns(1'500);
  Stage stage{spec, 2, 2};
  stage.push(1, us(1), {1, 2, 3, 4, 5});
  stage.push(2, us(1) + ns(100), {9});
  stage.run();
  // Job 3 is asked about 1,020 ns after the turn began, job 4 after 2,020.
  CHECK(stage.order() == Jobs{1, 2, 3, 9, 4, 5});
}

TEST_CASE("orchestrator: a queue that has used up its turn goes on with its token when nobody waits any more") {
  Spec spec = tokens(1);
  spec.batch = 2;
  Stage stage{spec, 2, 2};
  stage.push(1, us(1), {1, 2, 3});
  stage.push(2, us(1) + ns(100), {9});
  stage.at(us(1) + ns(1'500), [&](os::Context& ctx) -> os::Task<> {  // job 3 waits since 1,065
    stage.queue_of[1]->kill(ctx, Errno::canceled);
    co_await ctx.step();
  });
  stage.run();
  CHECK(stage.order() == Jobs{1, 2, 3});
  CHECK(stage.all<trace::token_withdrawn>().size() == 1);
  CHECK(stage.all<trace::token_returned>().empty());
  CHECK(stage.all<trace::token_granted>().size() == 1);
  CHECK(stage.ran(3) < stage.ran(1) + ns(2'000));  // job 2 was still on the hardware
}

TEST_CASE("orchestrator: the token of a queue that is killed before it runs a job goes to the next") {
  Spec spec = tokens(1);
  spec.grant_in = GrantIn::completion;
  Stage stage{spec, 3};
  stage.push(1, us(1), {1});
  stage.push(2, us(1) + ns(100), {2});
  stage.push(3, us(1) + ns(200), {3});
  // Queue 2 gets the token 1,000 ns after job 1 ran, at 2,040; its worker comes at 2,065.
  stage.at(us(2) + ns(30), [&](os::Context& ctx) -> os::Task<> {
    stage.queue_of[1]->kill(ctx, Errno::canceled);
    co_await ctx.step();
  });
  stage.run();
  CHECK(stage.order() == Jobs{1, 3});
  REQUIRE(stage.all<trace::token_granted>().size() == 2);
  CHECK(stage.all<trace::token_granted>()[0].queue == QueueId{2});
  CHECK(stage.all<trace::token_granted>()[1].queue == QueueId{3});
  const auto returned = stage.all<trace::token_returned>();
  REQUIRE(returned.size() == 2);
  CHECK(returned[1].queue == QueueId{2});
  CHECK(returned[1].jobs == 0);
}

TEST_CASE("orchestrator: two tokens serve two queues at a time") {
  Stage stage{tokens(2), 4};
  for (std::uint32_t queue = 1; queue <= 4; ++queue) stage.push(queue, us(1) + ns(100 * queue), {queue});
  stage.run();
  CHECK(stage.order() == Jobs{1, 2, 3, 4});
  CHECK(stage.ran(2) == stage.pushed(2) + kWorkerWakes);
  const auto returned = stage.all<trace::token_returned>();
  REQUIRE(returned.size() == 2);
  CHECK(returned[0].time == stage.ran(1) + ns(1'000));
  CHECK(returned[1].time == stage.ran(2) + ns(1'000));
  CHECK(stage.ran(3) < returned[1].time);
  CHECK(stage.ran(4) > returned[1].time);
}
