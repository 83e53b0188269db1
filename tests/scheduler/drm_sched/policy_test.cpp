// SPDX-License-Identifier: MIT
// drm_sched with several entities: who is served, by policy and kernel (scheduler/drm_sched/run_queue.h). 6.18 is held
// to logs besides (truth_test.cpp); of 7.3 there are none, so that these are its rules.
#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "scheduler/drm_sched/component.h"
#include "tests/support/bare_host.h"
#include "tests/support/catch.h"
#include "tests/support/drm_truth/player.h"

using namespace gpusim;
using os::Context;
using os::Task;
using sched::FenceRef;
using sched::drm::AverageTime;
using sched::drm::EntityStats;
using sched::drm::Kernel;
using sched::drm::Minimum;
using sched::drm::Policy;
using sched::drm::Priority;
using test::truth::Line;
using test::truth::Log;
using test::truth::play;

namespace {

const std::string kOneCredit = "model hop=2us wake=1us timer=exact wq=pipelined\nsched s0 timeout_us=max credits=1\n";

/// The jobs in the order in which they ran.
std::string runs(const Log& log) {
  std::string text;
  for (const Line& line : log) {
    if (line.event == "run") text += (text.empty() ? "" : " ") + line.job;
  }
  return text;
}

/// A script without numbers of its own: hardware whose jobs end when the test says so.
class PolicyRig final : public sched::SubmissionBackend {
 public:
  explicit PolicyRig(sched::drm::SchedulerSpec spec) {
    spec.id = QueueId{1};
    spec.name = "ring";
    spec.credit_limit = 8;
    bare.names.queues = {{}, {"ring", 0, 1}};
    scheduler = &component.create_scheduler(spec, *this);
  }
  void run(std::function<Task<>(Context&)> body) {
    bare.client("client", std::move(body));
    bare.run();
  }
  Task<FenceRef> submit(Context& ctx, sched::drm::Entity& entity, std::uint64_t id, FenceRef dependency = {}) {
    sched::Job* const job = entity.prepare(ctx, {JobId{id}, 1, 0}).value();
    const Errno added = entity.add_dependency(ctx, *job, std::move(dependency));
    CHECK(added == Errno::ok);
    FenceRef finished = co_await entity.commit(ctx, *job);
    entity.put_job(ctx, *job);
    co_return finished;
  }
  FenceRef fence(Context& ctx) { return fences.create(ctx, 1000, ++seqno, 1, 0, sched::FenceLock::driver); }

  FenceRef prepare_job(Context&, sched::Job& job) override {
    prepared.push_back(job.id().value());
    if (wanted.empty()) return {};
    FenceRef next = wanted.back();
    wanted.pop_back();
    return next;
  }
  Task<sched::RunResult> run_job(Context& ctx, sched::Job& job) override {
    order.push_back(job.id().value());
    if (run_takes.count() != 0) co_await os::sleep_until(ctx, ctx.now() + run_takes);
    hardware.push_back(fence(ctx));
    co_return sched::RunResult{hardware.back(), Errno::ok};
  }
  Task<sched::TimeoutVerdict> timedout_job(Context&, sched::Job&) override { co_return sched::TimeoutVerdict{}; }
  void release_job(Context&, sched::Job&) override {}
  Task<> queue_fini(Context& ctx) override { co_await ctx.step(); }
  void end_all(Context& ctx) {
    for (const FenceRef& each : std::exchange(hardware, {})) each->signal(ctx, Errno::ok);
  }

  sched::FenceArena fences;
  test::BareHost bare{test::small_host(4)};
  sched::drm::Component component{bare.host, fences, test::free_component()};
  sched::drm::Scheduler* scheduler = nullptr;
  std::vector<FenceRef> wanted;
  std::vector<FenceRef> hardware;
  std::vector<std::uint64_t> prepared;
  std::vector<std::uint64_t> order;
  std::uint64_t seqno = 0;
  Picoseconds run_takes{0};
};

}  // namespace

TEST_CASE("rr: 6.18 goes round a list, in 7.3 clients that never have a second job go before all that have",
          "[drm_sched][policy]") {
  const std::string script = kOneCredit +
                             "entity a s0\nentity b s0\nentity c s0\n"
                             "at 0 burst a n=3 us=100 prefix=a ; burst b n=3 us=100 prefix=b\n"
                             "at 150us submit c c0 us=100\n"
                             "at 400us submit c c1 us=100\n";
  // a0 to 102 us, b0 from 106 to 206, then c, whose key is 0: the others' are 1 and 2. At 314 us a1 begins, at 418 c1.
  CHECK(runs(play(script, Policy::rr, Kernel::v7_3)) == "a0 b0 c0 a1 c1 b1 a2 b2");
  CHECK(runs(play(script, Policy::rr, Kernel::v6_18)) == "a0 b0 c0 a1 b1 c1 a2 b2");
}

TEST_CASE("rr: in 7.3 an entity that comes back has the key that it left with", "[drm_sched][policy]") {
  const std::string script = kOneCredit +
                             "entity a s0\nentity b s0\nentity c s0\n"
                             "at 0 burst a n=2 us=100 prefix=a\n"
                             "at 1ms burst b n=2 us=100 prefix=b\n"
                             "at 1010us submit a a2 us=100\nat 1020us submit c c0 us=100\n";
  // While b0 runs: b has 2, a its 1 of the beginning, c 0.
  CHECK(runs(play(script, Policy::rr, Kernel::v7_3)) == "a0 a1 b0 c0 a2 b1");
}

TEST_CASE("fifo: by the time of submission, over all entities", "[drm_sched][policy]") {
  const std::string script = kOneCredit +
                             "entity a s0\nentity b s0\nentity c s0\n"
                             "at 0 submit a x us=100\n"
                             "at 10us submit b 1 us=10\nat 11us submit c 2 us=10\nat 12us submit b 3 us=10\n"
                             "at 13us submit a 4 us=10\nat 14us submit b 5 us=10\n";
  for (const Kernel kernel : {Kernel::v6_18, Kernel::v7_3}) {
    CHECK(runs(play(script, Policy::fifo, kernel)) == "x 1 2 3 4 5");
  }
}

TEST_CASE("rr and fifo: who has priority is served alone, a change of it does nothing, under FAIR it counts",
          "[drm_sched][policy]") {
  const std::string script = kOneCredit +
                             "entity l s0 prio=LOW\nentity n s0 prio=NORMAL\n"
                             "at 0 burst l n=4 us=1000 prefix=l ; burst n n=4 us=1000 prefix=n ; setprio l KERNEL\n";
  for (const Kernel kernel : {Kernel::v6_18, Kernel::v7_3}) {
    for (const Policy policy : {Policy::rr, Policy::fifo}) {
      CHECK(runs(play(script, policy, kernel)) == "n0 n1 n2 n3 l0 l1 l2 l3");
    }
    // n goes before l at its entry (-1 ns). Each of its jobs adds 16 ms of virtual time, each of l's now 2 ms. What
    // has been freed counts when the next one is taken: n0 by n1.
    CHECK(runs(play(script, Policy::fair, kernel)) == "n0 n1 l0 l1 l2 l3 n2 n3");
  }
}

TEST_CASE("fifo: after its last job an entity leaves the tree in 7.3, and stays with its old key in 6.18",
          "[drm_sched][policy]") {
  for (const Kernel kernel : {Kernel::v6_18, Kernel::v7_3}) {
    PolicyRig rig{{.kernel = kernel}};
    sched::drm::Entity& entity = rig.component.create_entity(*rig.scheduler, {}, rig);
    rig.run([&](Context& ctx) -> Task<> {
      (void)co_await rig.submit(ctx, entity, 1);
      CHECK(entity.is_in_tree());
      co_await os::sleep_until(ctx, SimTime{us(5)});
      CHECK(rig.order.size() == 1);
      CHECK(entity.is_in_tree() == (kernel == Kernel::v6_18));
      CHECK(entity.is_listed());
      rig.end_all(ctx);
    });
  }
}

TEST_CASE("fair: 7.3 is the series that brought it, line by line", "[drm_sched][policy]") {
  const std::string script =
      kOneCredit +
      "entity k s0 prio=KERNEL\nentity h s0 prio=HIGH\nentity n s0\nentity l s0 prio=LOW\n"
      "at 0 burst l n=6 us=700 prefix=l ; burst n n=9 us=300 prefix=n ; burst h n=6 us=500 prefix=h\n"
      "at 3ms burst k n=5 us=200 prefix=k ; setprio n HIGH\n"
      "at 5ms kill h\n"
      "client c l start=8ms jobs=2 us=250 wait_us=400 sync=1 dur_us=9000 subcost=3us\n";
  const Log series = play(script, Policy::fair, Kernel::v6_18);
  const Log mainline = play(script, Policy::fair, Kernel::v7_3);
  REQUIRE(series.size() == mainline.size());
  CHECK(series.size() > 300);
  for (std::size_t i = 0; i < series.size(); ++i) {
    if (series[i].text() != mainline[i].text()) FAIL_CHECK(series[i].text() << " and " << mainline[i].text());
  }
}

TEST_CASE("fair: averages, charge, save and restore, in numbers worked out by hand", "[drm_sched][policy]") {
  AverageTime average;
  average.add(100);
  CHECK(average.us() == 100);
  average.add(200);
  CHECK(average.us() == 125);  // (3 * 100 + 200) / 4
  average.add(0);
  CHECK(average.us() == 93);  // 93.75

  EntityStats stats;
  stats.add_job(1'000'000);
  stats.add_job(500'000);
  CHECK(stats.charge(Priority::normal) == 1'500'000LL * 16);
  CHECK(stats.charge(Priority::normal) == 1'500'000LL * 16);  // nothing new
  stats.add_job(1'000);
  CHECK(stats.charge(Priority::low) == 1'500'000LL * 16 + 1'000 * 128);
  const std::int64_t now = stats.vruntime;
  stats.save(1'000);
  CHECK(stats.vruntime == now - 1'000);
  CHECK(stats.restore(5'000, Priority::normal, 2, {}) == now + 4'000);
  stats.save(0);  // nobody is left in the tree: forgotten
  CHECK(stats.vruntime == 0);
  CHECK(stats.restore(700, Priority::high, 3, {}) == 698);  // two levels above the head
  stats.save(1'000);                                        // not behind the head: forgotten
  CHECK(stats.vruntime == 0);
  AverageTime longer;
  longer.add(10'000);
  CHECK(stats.average.us() == 656);  // 1000, 875, 656.5
  CHECK(stats.restore(0, Priority::normal, 2, longer) == -1);
  stats.save(0);
  CHECK(stats.restore(0, Priority::normal, 2, {}) == 1);
  stats.save(0);
  CHECK(stats.restore(40, Priority::low, 2, longer) == 40 + ((1 + 656 + 10'000) << 7) * 1'000LL);
  stats.save(0);
  CHECK(stats.restore(0, Priority::low, sched::drm::kNoPriority, longer) == 0);
}

TEST_CASE("fair, running minimum: who is new begins behind all that have been charged less, not before the head",
          "[drm_sched][policy]") {
  const auto script = [](const std::string& minimum) {
    return "model hop=2us wake=1us timer=exact wq=pipelined\nsched s0 timeout_us=max credits=1 minimum=" + minimum +
           "\nentity a s0\nentity b s0\nentity c s0\n"
           "at 0 burst a n=4 us=1000 prefix=a ; burst b n=4 us=1000 prefix=b\n"
           "at 4500us submit c c0 us=100\n";
  };
  // b enters 1 ns before a. A job adds 16 ms to its entity at the next pop: b1 and a1 to 16 ms, b2 to 32 ms. When c
  // comes, a is at 16 ms and the furthest at 32 ms less 1 ns; c enters 1 ns before the one or the other.
  for (const Kernel kernel : {Kernel::v6_18, Kernel::v7_3}) {
    CHECK(runs(play(script("leftmost"), Policy::fair, kernel)) == "b0 b1 a0 a1 b2 c0 a2 b3 a3");
    CHECK(runs(play(script("running"), Policy::fair, kernel)) == "b0 b1 a0 a1 b2 a2 c0 b3 a3");
    CHECK(runs(play(script("running"), Policy::fifo, kernel)) == runs(play(script("leftmost"), Policy::fifo, kernel)));
  }
}

TEST_CASE("fair, running minimum: the last job's pop charges, and what leaves the tree keeps no distance",
          "[drm_sched][policy]") {
  for (const Minimum minimum : {Minimum::leftmost, Minimum::running}) {
    PolicyRig rig{{.policy = Policy::fair, .minimum = minimum}};
    sched::drm::Entity& entity = rig.component.create_entity(*rig.scheduler, {}, rig);
    rig.run([&](Context& ctx) -> Task<> {
      (void)co_await rig.submit(ctx, entity, 1);
      co_await os::sleep_until(ctx, SimTime{us(100)});
      rig.end_all(ctx);
      co_await os::sleep_until(ctx, SimTime{us(200)});
      CHECK(entity.stats().runtime > 90'000);
      CHECK(entity.stats().prev_runtime == 0);
      (void)co_await rig.submit(ctx, entity, 2);
      CHECK(entity.key() == 0);  // alone, and nothing has been charged
      co_await os::sleep_until(ctx, SimTime{us(300)});
      const std::int64_t charged = minimum == Minimum::running ? entity.stats().runtime : 0;
      CHECK(entity.stats().prev_runtime == charged);
      CHECK(entity.stats().vruntime == 0);
      rig.end_all(ctx);
      co_await os::sleep_until(ctx, SimTime{us(400)});
      (void)co_await rig.submit(ctx, entity, 3);
      CHECK(entity.key() == charged * 2);  // with one run queue all are of priority KERNEL
      co_await os::sleep_until(ctx, SimTime{us(500)});
      rig.end_all(ctx);
    });
  }
}

TEST_CASE("fair: a job whose end lies before its start makes the average huge", "[drm_sched][policy]") {
  EntityStats stats;
  stats.add_job(-5'000);
  CHECK(stats.runtime == -5'000);
  CHECK(stats.average.us() > 1'000'000'000'000ULL);
}

TEST_CASE("entity: prepare_job is asked after the dependencies, again until it wants nothing, and holds the head up",
          "[drm_sched][entity]") {
  PolicyRig rig{{}};
  sched::drm::Entity& entity = rig.component.create_entity(*rig.scheduler, {}, rig);
  rig.run([&](Context& ctx) -> Task<> {
    const FenceRef gate = rig.fence(ctx);
    const FenceRef first = rig.fence(ctx);
    const FenceRef second = rig.fence(ctx);
    rig.wanted = {second, first};
    (void)co_await rig.submit(ctx, entity, 1, gate);
    co_await os::sleep_until(ctx, SimTime{us(5)});
    CHECK(rig.prepared.empty());
    gate->signal(ctx, Errno::ok);
    co_await os::sleep_until(ctx, SimTime{us(10)});
    CHECK(rig.prepared.size() == 1);
    second->signal(ctx, Errno::ok);  // found signalled when it is asked for
    CHECK(rig.order.empty());
    first->signal(ctx, Errno::ok);
    co_await os::sleep_until(ctx, SimTime{us(15)});
    CHECK(rig.prepared.size() == 3);
    CHECK(rig.order.size() == 1);
    rig.end_all(ctx);
  });
}

TEST_CASE("entity: a job of the same scheduler need only be scheduled, unless its fence has an error or forbids it",
          "[drm_sched][entity]") {
  enum class Way : std::uint8_t { pipelined, error, forbidden, other_scheduler };
  for (const Way way : {Way::pipelined, Way::error, Way::forbidden, Way::other_scheduler}) {
    PolicyRig rig{{}};
    sched::drm::SchedulerSpec spec;
    spec.id = QueueId{1};
    spec.name = "other";
    spec.credit_limit = 8;
    sched::drm::Scheduler& other = rig.component.create_scheduler(spec, rig);
    sched::drm::Entity& a = rig.component.create_entity(*rig.scheduler, {}, rig);
    sched::drm::Entity& b = rig.component.create_entity(way == Way::other_scheduler ? other : *rig.scheduler, {}, rig);
    rig.run([&](Context& ctx) -> Task<> {
      const FenceRef finished = co_await rig.submit(ctx, a, 1);
      if (way == Way::error) finished->set_error(Errno::canceled);
      if (way == Way::forbidden) finished->forbid_pipelining();
      (void)co_await rig.submit(ctx, b, 2, finished);
      co_await os::sleep_until(ctx, SimTime{us(5)});
      CHECK(rig.order.size() == (way == Way::pipelined ? 2U : 1U));
      rig.end_all(ctx);
      co_await os::sleep_until(ctx, SimTime{us(10)});
      CHECK(rig.order.size() == 2);
      rig.end_all(ctx);
    });
  }
}

TEST_CASE("entity: of several schedulers it takes the one with the least to do that is ready, when it has no job left",
          "[drm_sched][entity]") {
  const std::string two =
      "model hop=2us wake=1us timer=exact wq=pipelined\nsched s0 timeout_us=max credits=1\n"
      "sched s1 timeout_us=max credits=1\nentity x s0\nentity e s0,s1\n";
  const auto where = [&](const std::string& script, Kernel kernel) {
    std::string text;
    for (const Line& line : play(two + script, Policy::fifo, kernel)) {
      if (line.event == "queue" && line.entity == "e") text += line.fields.at("s") + " ";
    }
    return text;
  };
  for (const Kernel kernel : {Kernel::v6_18, Kernel::v7_3}) {
    CHECK(where("at 0 submit e a us=10 ; submit e b us=10\n", kernel) == "s0 s0 ");  // the first of equals; b follows a
    CHECK(where("at 0 submit x y us=100 ; submit e a us=10\n", kernel) == "s1 ");
    CHECK(where("at 0 submit x y us=100 ; ready s1 0 ; submit e a us=10\n", kernel) == "s0 ");
    // It stays as long as its last job is on the hardware; an idle entity that is listed counts as one.
    CHECK(where("at 0 submit e a us=100\nat 50us submit e b us=10\nat 1ms submit e c us=10\n", kernel) == "s0 s0 s1 ");
  }
}

TEST_CASE("entity: of schedulers that share a score it takes the first", "[drm_sched][entity]") {
  for (const bool shared : {true, false}) {
    std::int64_t score = 0;
    sched::drm::SchedulerSpec spec;
    spec.score = shared ? &score : nullptr;
    PolicyRig rig{spec};
    spec.id = QueueId{1};
    spec.name = "other";
    sched::drm::Scheduler& other = rig.component.create_scheduler(spec, rig);
    sched::drm::Entity& busy = rig.component.create_entity(*rig.scheduler, {}, rig);
    sched::drm::Entity& entity =
        rig.component.create_entity(std::vector<sched::drm::Scheduler*>{rig.scheduler, &other}, {}, rig);
    rig.run([&](Context& ctx) -> Task<> {
      (void)co_await rig.submit(ctx, busy, 1);
      (void)co_await rig.submit(ctx, entity, 2);
      CHECK(&entity.scheduler() == (shared ? rig.scheduler : &other));
      CHECK(other.score() == (shared ? 4 : 2));  // two jobs and two entities that are listed, or one of each
      co_await os::sleep_until(ctx, SimTime{us(5)});
      rig.end_all(ctx);
    });
  }
}

TEST_CASE("entity: a second entity of a scheduler with a bypass is refused", "[drm_sched][entity][bypass]") {
  PolicyRig rig{{.bypass = true}};
  (void)rig.component.create_entity(*rig.scheduler, {}, rig);
  CHECK_THROWS(rig.component.create_entity(*rig.scheduler, {}, rig));
}

TEST_CASE("single entity: a second entity, a second scheduler and other schedulers are refused",
          "[drm_sched][entity]") {
  PolicyRig rig{{.policy = Policy::single_entity}};
  PolicyRig other{{.policy = Policy::single_entity}};
  CHECK_THROWS(rig.component.create_entity(std::vector{rig.scheduler, other.scheduler}, {}, rig));
  sched::drm::Entity& entity = rig.component.create_entity(*rig.scheduler, {}, rig);
  CHECK_THROWS(rig.component.create_entity(*rig.scheduler, {}, rig));
  rig.run([&](Context& ctx) -> Task<> {
    CHECK_THROWS(entity.modify_schedulers(ctx, {rig.scheduler}));
    co_return;
  });
}

TEST_CASE("single entity: jobs run in order and wait for their dependencies, a kill ends what is queued",
          "[drm_sched][entity]") {
  for (const Kernel kernel : {Kernel::v6_18, Kernel::v7_3}) {
    PolicyRig rig{{.kernel = kernel, .policy = Policy::single_entity}};
    sched::drm::Entity& entity = rig.component.create_entity(*rig.scheduler, {}, rig);
    rig.run([&](Context& ctx) -> Task<> {
      const FenceRef gate = rig.fence(ctx);
      (void)co_await rig.submit(ctx, entity, 1);
      (void)co_await rig.submit(ctx, entity, 2, gate);
      (void)co_await rig.submit(ctx, entity, 3);
      co_await os::sleep_until(ctx, SimTime{us(5)});
      CHECK(rig.order == std::vector<std::uint64_t>{1});
      CHECK_FALSE(entity.is_in_tree());
      gate->signal(ctx, Errno::ok);
      co_await os::sleep_until(ctx, SimTime{us(10)});
      CHECK(rig.order == std::vector<std::uint64_t>{1, 2, 3});
      const FenceRef closed = rig.fence(ctx);
      const FenceRef last = co_await rig.submit(ctx, entity, 4, closed);
      co_await os::sleep_until(ctx, SimTime{us(15)});
      entity.kill(ctx, Errno::canceled);
      rig.end_all(ctx);
      co_await os::sleep_until(ctx, SimTime{ms(1'020)});  // it has a second to be run after all
      closed->signal(ctx, Errno::ok);
      co_await os::sleep_until(ctx, SimTime{ms(1'021)});
      CHECK(last->error() == Errno::srch);
      CHECK(rig.order.size() == 3);
    });
  }
}

TEST_CASE("single entity: a kill waits for the run worker, which is at a job", "[drm_sched][entity]") {
  for (const Policy policy : {Policy::fifo, Policy::single_entity}) {
    PolicyRig rig{{.policy = policy}};
    rig.run_takes = us(100);
    sched::drm::Entity& entity = rig.component.create_entity(*rig.scheduler, {}, rig);
    rig.run([&](Context& ctx) -> Task<> {
      (void)co_await rig.submit(ctx, entity, 1);
      const FenceRef second = co_await rig.submit(ctx, entity, 2);
      co_await os::sleep_until(ctx, SimTime{us(50)});
      CHECK(rig.order.size() == 1);
      CHECK_FALSE(entity.is_idle());
      co_await entity.kill_and_wait(ctx);
      CHECK(ctx.now() >= SimTime{us(100)});
      rig.end_all(ctx);
      co_await os::sleep_until(ctx, SimTime{us(300)});
      CHECK(rig.order.size() == 1);
      CHECK(second->error() == Errno::srch);
    });
  }
}

TEST_CASE("single entity: a flush sleeps until all is on the hardware", "[drm_sched][entity]") {
  const std::string script =
      kOneCredit + "entity e s0\nat 0 submit e a us=100 ; submit e b us=100 ; destroy e ; echeck e\n";
  const auto end = [&](Policy policy) {
    for (const Line& line : play(script, policy, Kernel::v7_3)) {
      if (line.event == "flush_end") return line.time;
    }
    return std::int64_t{-1};
  };
  CHECK(end(Policy::fifo) > 100'000);
  CHECK(end(Policy::single_entity) == end(Policy::fifo));
}
