// SPDX-License-Identifier: MIT
// starvation.
#include <cstdint>
#include <string>

#include "base/choice.h"
#include "base/invariant.h"
#include "tests/support/catch.h"
#include "tests/support/trace_script.h"
#include "traces/event/make.h"
#include "traces/oracles/starvation.h"

using namespace gpusim;
using namespace gpusim::trace;

namespace {

/// The oracle alone. Two slots and a tick of 10 ms: 30 ms until a holder is first. Queues 1 and 2 are of level 1, queue
/// 3 of level 0: with three queues it takes 40 ms to get a slot.
struct RotationRun {
  RotationRun() {
    names.queues = {{}, {.name = "game.0.rcs"}, {.name = "desktop.0.rcs"}, {.name = "urgent.0.rcs"}};
    oracle.on_rotation(ms(10), 2);
    oracle.attach_to(script.recorder);
    for (const std::uint32_t queue : {1U, 2U, 3U}) {
      on(queue).put(queue_create{.engine_mask = 1, .priority = queue == 3 ? 0U : 1U});
      on(queue).put(queue_registered{.id = queue});
    }
  }

  TraceScript& on(std::uint32_t queue) {
    script.on_queue(queue);
    return script;
  }
  TraceScript& at_ms(std::int64_t milliseconds) { return script.at_ns(milliseconds * 1'000'000); }
  void ready(std::uint32_t queue, std::uint64_t write_index = 1) {
    on(queue).put(queue_ready{.write_index = write_index, .resident = true});
  }
  void grant(std::uint32_t queue) { on(queue).put(slot_grant{.slot = queue}); }
  void evict(std::uint32_t queue) { on(queue).put(slot_evict{.slot = queue}); }
  void assign(std::uint32_t queue) { on(queue).put(engine_assign{.engine = 0}); }
  void release(std::uint32_t queue, bool work_left) {
    on(queue).put(engine_release{.engine = 0, .work_left = work_left});
  }

  Names names;
  Starvation oracle{names};
  TraceScript script;
};

template <class Steps>
std::string said_of(Steps steps) {
  RotationRun run;
  try {
    steps(run);
  } catch (const InvariantViolation& violation) {
    return violation.what();
  }
  return {};
}

/// Queue 2 holds a slot and has work from 5 ms on, and gets the engine at that time.
template <class Steps>
std::string said_of_holder(std::int64_t until_ms, Steps between) {
  return said_of([&](RotationRun& run) {
    run.grant(1);
    run.grant(2);
    run.ready(1);
    run.assign(1);
    run.at_ms(5);
    run.ready(2);
    between(run);
    run.at_ms(until_ms);
    run.assign(2);
  });
}

const std::string kPassedOver =
    "starvation: at 36.000 ms: queue 2 (desktop.0.rcs) has had work and a slot for 31 ms, and no engine; on 2 slots "
    "each "
    "is first before so many ticks are over";

}  // namespace

TEST_CASE("starvation: a holder with work gets the engine before as many ticks are over as there are slots") {
  const auto nothing = [](RotationRun&) {};
  CHECK(said_of_holder(35, nothing).empty());
  CHECK(said_of_holder(36, nothing) == kPassedOver);
}

TEST_CASE("starvation: a holder without work waits for nothing, nor does one that has an engine") {
  CHECK(said_of([](RotationRun& run) {
          run.grant(2);
          run.ready(2);
          run.assign(2);
          run.on(2).put(fetch_begin{.engine = 0, .job = JobId{1}, .index = 0});
          run.at_ms(50);
          run.ready(2);  // a late doorbell of what it executes
          run.release(2, false);
          run.ready(2);  // and of what it has executed
          run.at_ms(100);
          run.ready(2, 2);
          run.assign(2);
        }).empty());
}

TEST_CASE("starvation: one that was preempted has work from then on") {
  const auto preempted = [](std::int64_t until_ms) {
    return said_of([&](RotationRun& run) {
      run.grant(2);
      run.ready(2);
      run.assign(2);
      run.at_ms(5);
      run.release(2, true);
      run.at_ms(until_ms);
      run.assign(2);
    });
  };
  CHECK(preempted(35).empty());
  CHECK(preempted(36) == kPassedOver);
}

TEST_CASE("starvation: time in which a higher level has an engine does not count") {
  const auto urgent_until_6_ms = [](RotationRun& run) {
    run.assign(3);
    run.at_ms(6);
    run.release(3, false);
  };
  CHECK(said_of_holder(36, urgent_until_6_ms).empty());
  CHECK(said_of_holder(37, urgent_until_6_ms).find("for 31 ms") != std::string::npos);
  CHECK(said_of_holder(99, [](RotationRun& run) { run.assign(3); }).empty());
  // The lower level does not take it from the higher one.
  CHECK_FALSE(said_of([](RotationRun& run) {
                run.grant(3);
                run.ready(3);
                run.assign(1);
                run.at_ms(31);
                run.assign(3);
              }).empty());
}

TEST_CASE("starvation: the time begins anew with a slot that is granted or lost") {
  CHECK(said_of_holder(36, [](RotationRun& run) {
          run.evict(2);
          run.at_ms(6);
          run.grant(2);
        }).empty());
}

TEST_CASE("starvation: one that waits for a slot gets it before as many ticks are over as there are queues") {
  const auto waits = [](std::int64_t until_ms, auto between) {
    return said_of([&](RotationRun& run) {
      run.on(2).put(queue_ready{.write_index = 1, .resident = false});
      between(run);
      run.at_ms(until_ms);
      run.grant(2);
    });
  };
  CHECK(waits(40, [](RotationRun&) {}).empty());
  CHECK(
      waits(41, [](RotationRun&) {}) ==
      "starvation: at 41.000 ms: queue 2 (desktop.0.rcs) has had work and no slot for 41 ms; of 3 queues each has one "
      "before so many ticks are over");
  // Nobody of a lower level has one while all are a higher one's.
  CHECK(waits(99, [](RotationRun& run) { run.grant(3); }).empty());
  CHECK(waits(45, [](RotationRun& run) {
          run.grant(3);
          run.at_ms(5);
          run.evict(3);
        }).empty());
  CHECK_FALSE(waits(46, [](RotationRun& run) {
                run.grant(3);
                run.at_ms(5);
                run.evict(3);
              }).empty());
  // Only four queues are ever known at a time.
  CHECK(waits(50, [](RotationRun& run) {
          run.on(1).put(queue_deregistered{.id = 1});
          for (const std::uint32_t queue : {4U, 5U}) run.on(queue).put(queue_registered{.id = queue});
        }).empty());
}

TEST_CASE("starvation: after a fault, a reset or a timeout nothing is held, and of a queue that is killed") {
  CHECK_FALSE(
      said_of_holder(99, [](RotationRun& run) { run.script.put(choice_made{.choice = ChoiceKind::delay}); }).empty());
  CHECK(said_of_holder(99, [](RotationRun& run) { run.script.put(choice_made{.choice = ChoiceKind::fault}); }).empty());
  CHECK(said_of_holder(99, [](RotationRun& run) { run.script.put(fault_injected{}); }).empty());
  CHECK(said_of_holder(99, [](RotationRun& run) { run.script.put(device_reset_begin{}); }).empty());
  CHECK(said_of_holder(99, [](RotationRun& run) { run.script.put(device_gone{}); }).empty());
  CHECK(said_of_holder(99, [](RotationRun& run) { run.on(2).put(queue_kill{}); }).empty());
  CHECK_FALSE(said_of_holder(99, [](RotationRun& run) { run.on(1).put(queue_kill{}); }).empty());
  CHECK(said_of_holder(99, [](RotationRun& run) { run.on(1).put(engine_reset{}); }).empty());
  CHECK(said_of_holder(99, [](RotationRun& run) { run.on(1).put(job_timedout{}); }).empty());
}
