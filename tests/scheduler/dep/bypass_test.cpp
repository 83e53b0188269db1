// SPDX-License-Identifier: MIT
// drm_dep: the bypass and each of its conditions (docs/drm_dep.md, "Rules").
#include "tests/support/catch.h"
#include "tests/support/dep_rig.h"

using namespace gpusim;
using os::Context;
using os::ContextKind;
using os::Task;
using sched::FenceRef;
using sched::dep::BypassCondition;
using sched::dep::BypassLock;
using test::DepRig;
using trace::EventKind;

namespace {

constexpr std::array kLocks{BypassLock::mutex, BypassLock::trylock, BypassLock::ownership};

test::DepSetup with_bypass(BypassLock lock = BypassLock::mutex, std::uint32_t credit_limit = 4) {
  return {.policy = {.bypass = true, .bypass_lock = lock}, .credit_limit = credit_limit};
}

std::vector<std::uint64_t> refusals(const DepRig& rig) {
  std::vector<std::uint64_t> conditions;
  for (const auto& event : rig.all<trace::job_bypass_refused>()) {
    conditions.push_back(event.condition.as<std::uint64_t>());
  }
  return conditions;
}

std::vector<std::uint64_t> only(BypassCondition condition) { return {static_cast<std::uint64_t>(condition)}; }

}  // namespace

TEST_CASE("dep: with nothing in its way a job runs in its caller's context", "[dep]") {
  for (const BypassLock lock : kLocks) {
    DepRig rig{with_bypass(lock)};
    rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
      const FenceRef finished = co_await rig.submit(ctx, 1);
      CHECK(rig.runs.size() == 1);  // before push returned
      {
        const Errno error = co_await sched::wait(ctx, finished);
        CHECK(error == Errno::ok);
      }
      co_await rig.queue->close(ctx);
    });
    rig.run();
    REQUIRE(rig.runs.size() == 1);
    CHECK(rig.runs[0].context == ContextKind::task);
    CHECK(rig.events(EventKind::drm_sched_job_run)[0].thread == rig.runs[0].thread);
    CHECK(refusals(rig).empty());
  }
}

TEST_CASE("dep: without the flag no job is bypassed", "[dep]") {
  DepRig rig;
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    (void)co_await rig.submit(ctx, 1);
    CHECK(rig.runs.empty());
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.runs.at(0).context == ContextKind::worker);
}

TEST_CASE("dep: no bypass past an earlier job that waits", "[dep]") {
  for (const BypassLock lock : kLocks) {
    DepRig rig{with_bypass(lock)};
    rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
      const FenceRef gate = rig.fence(ctx);
      (void)co_await rig.submit(ctx, 1, test::after(gate));
      (void)co_await rig.submit(ctx, 2);
      gate->signal(ctx, Errno::ok);
      co_await rig.queue->close(ctx);
    });
    rig.run();
    CHECK(rig.jobs_of(rig.runs) == std::vector<std::uint64_t>{1, 2});
    CHECK(refusals(rig) == std::vector<std::uint64_t>{static_cast<std::uint64_t>(BypassCondition::dependencies),
                                                      static_cast<std::uint64_t>(BypassCondition::queue_empty)});
  }
}

TEST_CASE("dep: no bypass while the submit worker runs a job", "[dep]") {
  for (const BypassLock lock : kLocks) {
    DepRig rig{with_bypass(lock)};
    rig.plans[1].run_takes = us(20);
    rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
      const FenceRef gate = rig.fence(ctx);
      (void)co_await rig.submit(ctx, 1, test::after(gate));  // to the worker
      gate->signal(ctx, Errno::ok);
      co_await os::sleep_until(ctx, SimTime{us(5)});
      CHECK(rig.running_now == 1);
      (void)co_await rig.submit(ctx, 2);
      co_await rig.queue->close(ctx);
    });
    rig.run();
    CHECK(rig.most_running == 1);
    CHECK(rig.jobs_of(rig.runs) == std::vector<std::uint64_t>{1, 2});
    // With a mutex the caller waits for the worker and then runs the job itself; the others do not wait.
    CHECK(rig.runs[1].context == (lock == BypassLock::mutex ? ContextKind::task : ContextKind::worker));
  }
}

TEST_CASE("dep: no bypass with an open dependency", "[dep]") {
  for (const BypassLock lock : kLocks) {
    DepRig rig{with_bypass(lock)};
    rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
      const FenceRef gate = rig.fence(ctx);
      (void)co_await rig.submit(ctx, 1, test::after(gate));
      CHECK(rig.runs.empty());
      gate->signal(ctx, Errno::ok);
      (void)co_await rig.submit(ctx, 2, test::after(gate));  // signalled: no hindrance by itself
      co_await rig.queue->close(ctx);
    });
    rig.run();
    CHECK(rig.runs.at(0).context == ContextKind::worker);
    CHECK(refusals(rig).at(0) == static_cast<std::uint64_t>(BypassCondition::dependencies));
  }
}

TEST_CASE("dep: no bypass without credits", "[dep]") {
  for (const BypassLock lock : kLocks) {
    DepRig rig{with_bypass(lock, 1)};
    rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
      (void)co_await rig.submit(ctx, 1);
      (void)co_await rig.submit(ctx, 2);
      CHECK(rig.queue->credits_in_flight() == 1);
      co_await rig.queue->close(ctx);
    });
    rig.run();
    CHECK(refusals(rig) == only(BypassCondition::credits));
    CHECK(rig.runs.at(1).time >= *rig.time_of(EventKind::drm_sched_job_done, 1));
  }
}

TEST_CASE("dep: no bypass on a stopped queue, the push only queues", "[dep]") {
  DepRig rig{with_bypass()};
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    co_await rig.queue->stop(ctx);
    (void)co_await rig.submit(ctx, 1);
    co_await os::sleep_until(ctx, SimTime{us(20)});
    CHECK(rig.runs.empty());
    co_await rig.queue->start(ctx, Errno::ok);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.runs.at(0).context == ContextKind::worker);
  CHECK(refusals(rig) == only(BypassCondition::usable));
}

TEST_CASE("dep: no bypass on a killed queue", "[dep]") {
  DepRig rig{with_bypass()};
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    rig.queue->kill(ctx, Errno::canceled);
    {
      const Errno error = co_await sched::wait(ctx, co_await rig.submit(ctx, 1));
      CHECK(error == Errno::canceled);
    }
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(rig.runs.empty());
  CHECK(refusals(rig) == only(BypassCondition::usable));
}

TEST_CASE("dep: no bypass outside of the section between arm and push", "[dep]") {
  DepRig rig{with_bypass()};
  rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
    sched::Job* job = rig.prepare(ctx, 1);
    rig.queue->arm(ctx, *job);
    co_await rig.queue->push(ctx, *job);  // nobody has begun the section
    rig.queue->put_job(ctx, *job);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  CHECK(refusals(rig) == only(BypassCondition::signalling_section));
}

TEST_CASE("dep: each condition of the bypass can be switched off by itself", "[dep]") {
  const auto runs_at_once = [](BypassCondition condition, auto prepare) {
    test::DepSetup setup = with_bypass(BypassLock::ownership, 1);
    setup.policy.bypass_requires[static_cast<std::size_t>(condition)] = false;
    DepRig rig{setup};
    bool at_once = false;
    rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
      const FenceRef gate = rig.fence(ctx);
      co_await prepare(ctx, rig, gate);
      const std::size_t before = rig.runs.size();
      std::vector<FenceRef> dependencies;
      if (condition == BypassCondition::dependencies) dependencies.push_back(gate);
      (void)co_await rig.submit(ctx, 9, std::move(dependencies));
      at_once = rig.runs.size() == before + 1;
      gate->signal(ctx, Errno::ok);
      co_await rig.queue->close(ctx);
    });
    rig.run(false);
    return at_once;
  };
  CHECK(runs_at_once(BypassCondition::dependencies, [](Context&, DepRig&, const FenceRef&) -> Task<> { co_return; }));
  CHECK(runs_at_once(BypassCondition::queue_empty, [](Context& ctx, DepRig& rig, const FenceRef& gate) -> Task<> {
    (void)co_await rig.submit(ctx, 1, test::after(gate));
  }));
  CHECK(runs_at_once(BypassCondition::credits,
                     [](Context& ctx, DepRig& rig, const FenceRef&) -> Task<> { (void)co_await rig.submit(ctx, 1); }));
}

TEST_CASE("dep: a job that the driver refuses for now runs later, in order", "[dep]") {
  for (const bool bypass : {false, true}) {
    DepRig rig{{.policy = {.bypass = bypass}}};
    rig.plans[2].refused_once = true;
    rig.thread("client", us(1), [&](Context& ctx) -> Task<> {
      (void)co_await rig.submit(ctx, 1);
      (void)co_await rig.submit(ctx, 2);
      (void)co_await rig.submit(ctx, 3);
      co_await rig.queue->close(ctx);
    });
    rig.run();
    CHECK(rig.jobs_of(rig.runs) == std::vector<std::uint64_t>{1, 2, 3});
  }
}
