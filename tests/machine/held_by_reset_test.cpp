// SPDX-License-Identifier: MIT
// What begins while the device is in reset: no job is handed over from the first moment to the last, whoever made its
// queue and when; a queue that is made, closed, killed or evicted meanwhile loses nothing that another would keep.
#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/machine/outcome.h"
#include "tests/support/machine/scenarios.h"

using namespace gpusim;
using namespace gpusim::test;
using trace::EventKind;

namespace {

using Values = std::vector<std::string>;

/// A component and what it needs of its driver.
struct Way {
  std::string component;
  Values sets;
};

Way any_way() {
  const Way ways[]{{"drm_dep", {}},
                   {"drm_dep", {"scheduler.bypass=true"}},
                   {"drm_dep", {"use.driver=amdgpu_like"}},
                   {"drm_dep", {"use.driver=panthor_like"}},
                   {"drm_sched", {}},
                   {"drm_sched", {"use.driver=xe_like"}},
                   {"drm_sched", {"use.driver=amdgpu_like"}},
                   {"drm_sched", {"use.driver=panthor_like"}},
                   {"drm_sched", {"use.driver=amdgpu_ring"}},
                   {"drm_sched", {"use.driver=v3d"}},
                   {"jobqueue", {}},
                   {"jobqueue", {"use.driver=amdgpu_like"}}};
  return ways[GENERATE(range(0, 12))];
}

/// The reset takes 5 ms from 1 ms on; "new" comes when `start` says.
std::string newcomer(const std::string& start) {
  return "[fault]\nreset_us = 1000\n" + client_text("keep", "steps", "program = \"submit vcs 10\\nsleep 3000\"\n") +
         client_text("new", "loop", "engine = \"rcs\"\nwork_us = 100\ncycles = 2\nstart_us = " + start + "\n");
}

std::size_t place_of(const Recording& recording, EventKind kind) {
  const auto found = std::find_if(recording.events.begin(), recording.events.end(),
                                  [kind](const trace::Event& event) { return event.kind == kind; });
  REQUIRE(found != recording.events.end());
  return static_cast<std::size_t>(found - recording.events.begin());
}

/// Of these kinds, between the begin of the reset and the first start of a queue behind it.
std::size_t count_while_held(const Recording& recording, std::vector<EventKind> kinds) {
  std::size_t count = 0;
  for (std::size_t i = place_of(recording, EventKind::device_reset_begin); i < recording.events.size(); ++i) {
    const EventKind kind = recording.events[i].kind;
    if (kind == EventKind::queue_start || kind == EventKind::device_reset_end) break;
    if (std::find(kinds.begin(), kinds.end(), kind) != kinds.end()) ++count;
  }
  return count;
}

}  // namespace

TEST_CASE("held: the job of a queue that is made during a device reset waits for its end, and nobody pays", "[reset]") {
  const Way way = any_way();
  const std::string start = GENERATE("1050", "1500", "3000", "5900", "5999");
  CAPTURE(way.component, way.sets, start);
  const Outcome outcome = run_to_end(newcomer(start), way.component, way.sets);
  CHECK(outcome.errors.at("new") == std::vector<Errno>(2, Errno::ok));
  CHECK(outcome.count<trace::queue_banned>() == 0);
  CHECK(outcome.count<trace::device_reset_begin>() == 1);
  CHECK(count_while_held(outcome.recording, {EventKind::drm_sched_job_run, EventKind::doorbell_write}) == 0);
  const SimTime end = outcome.recording.all<trace::device_reset_end>().at(0).time;
  CHECK(outcome.recording.all<trace::job_start>().at(1).time > end);
}

TEST_CASE("held: an exec and the creation before it do not wait for the end of the reset", "[reset]") {
  const Outcome outcome = run_to_end(newcomer("1500"), GENERATE("drm_dep", "drm_sched", "jobqueue"));
  CHECK(outcome.recording.all<trace::exec_end>().at(1).time < SimTime{us(1'600)});
}

TEST_CASE("held: the time of a job that waits for the end of a reset is not counted", "[reset]") {
  const std::string component = GENERATE("drm_dep", "drm_sched", "jobqueue");
  const std::string driver = GENERATE("default", "amdgpu_like", "xe_like");
  CAPTURE(component, driver);
  const Outcome outcome = run_to_end(
      newcomer("1500"), component,
      {"use.driver=" + driver, "device.reset_ms=100", "driver.reset_timeout_ms=0", "scheduler.timeout_ms=20"});
  CHECK(outcome.count<trace::job_timedout>() == 0);
  CHECK(outcome.failed() == 0);
}

TEST_CASE("held: queues are stopped before the reset register is written", "[reset]") {
  const Way way = any_way();
  CAPTURE(way.component, way.sets);
  const std::string busy = "[fault]\nreset_us = 1000\n[stop]\nafter_ms = 3\n" +
                           loop_text("a", "work_us = 5\ncycles = 100000\nsync = false\nmax_in_flight = 8\n");
  Values sets = way.sets;
  sets.push_back("scheduler.component=" + way.component);
  for (const char* at : {"1000", "1003", "1007"}) {
    sets.push_back(std::string{"fault.reset_us="} + at);
    const Recording recording = run(spec_of(busy, sets));
    CHECK(count_while_held(recording, {EventKind::drm_sched_job_run}) == 0);
    // What was being handed over comes to its end before the stop does.
    CHECK(count_while_held(recording, {EventKind::doorbell_write}) <= 1);
    sets.pop_back();
  }
}

namespace {

/// Rings of two entries, for which there are more credits.
Recording run_with_short_rings(const std::string& text, const Values& sets) {
  scenario::ScenarioSpec spec = spec_of(text, sets);
  spec.driver.ring_entries = 2;
  spec.driver.credit_limit = 8;
  const Recording recording = run(spec);
  CHECK(recording.result.outcome == system::Outcome::finished);
  return recording;
}

std::vector<Errno> errors_of(const Recording& recording, QueueId queue) {
  std::vector<Errno> errors;
  for (const auto& event : recording.all<trace::dma_fence_signaled>()) {
    if (event.job != JobId{} && event.queue == queue) errors.push_back(event.error);
  }
  return errors;
}

}  // namespace

TEST_CASE("held: a reset waits for no job that waits for room in its ring, and none is lost", "[reset]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
  const std::string notify = GENERATE("doorbell", "message");
  CAPTURE(component, notify);
  const Values sets{"scheduler.component=" + component, "device.notify=" + notify, "device.quantum_ms=0"};
  const std::string six_jobs = "work_us = 100\njobs_per_cycle = 6\ncycles = 1\n";
  // The job on the engine does not end, so no room comes.
  const Recording lost =
      run_with_short_rings("[fault]\nhung_job = 1\nreset_us = 1000\n" + loop_text("full", six_jobs), sets);
  CHECK(lost.of_kind(EventKind::ring_full).size() == 1);
  CHECK(lost.of_kind(EventKind::device_reset_end).size() == 1);
  const std::vector<Errno> errors = errors_of(lost, QueueId{1});
  REQUIRE_FALSE(errors.empty());
  CHECK(errors.front() == Errno::io);
  // None of the six has begun: all run after the reset.
  const Recording kept = run_with_short_rings("[fault]\nhung_job = 1\nreset_us = 3000\n" +
                                                  loop_text("hung", "work_us = 10\ncycles = 1\n") +
                                                  loop_text("full", "start_us = 1000\n" + six_jobs),
                                              sets);
  CHECK(kept.of_kind(EventKind::ring_full).size() >= 1);
  CHECK(errors_of(kept, QueueId{2}) == std::vector<Errno>(6, Errno::ok));
}

TEST_CASE("held: a job that was put off is not written for a queue that has been killed meanwhile", "[reset]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
  const std::string driver = GENERATE("xe_like", "panthor_like", "amdgpu_like");
  CAPTURE(component, driver);
  // The reset stops other queues first, so that the kill comes between.
  const std::string text = loop_text("full", "work_us = 5000\njobs_per_cycle = 6\ncycles = 1\n") +
                           loop_text("other", "clones = 20\nwork_us = 5000\ncycles = 1\n");
  std::size_t put_off = 0;
  for (const char* const reset : {"900", "930", "960", "980", "990", "995", "999"}) {
    const Recording recording =
        run_with_short_rings(text, {"scheduler.component=" + component, "use.driver=" + driver, "fault.kill_ms=1",
                                    "fault.kill_client=full", std::string{"fault.reset_us="} + reset});
    put_off += recording.of_kind(EventKind::ring_full).size();
    const auto is_full = [&](QueueId queue) { return recording.names.queues[queue.value()].name == "full.jobs"; };
    SimTime killed = kNever;
    for (const auto& event : recording.all<trace::queue_kill>()) {
      if (is_full(event.queue)) killed = std::min(killed, event.time);
    }
    CHECK(killed < SimTime{us(1500)});
    for (const auto& event : recording.all<trace::ring_write>()) {
      if (is_full(event.queue)) CHECK(event.time < killed);
    }
  }
  CHECK(put_off > 0);
}

TEST_CASE("held: what is made during a reset may be killed and closed in it, and the device may go", "[reset]") {
  const Way way = GENERATE(true, false) ? any_way() : Way{"direct", {}};
  const std::string end = GENERATE("fault.kill_ms=2", "fault.unplug_us=2000");
  CAPTURE(way.component, way.sets, end);
  Values sets = way.sets;
  sets.push_back(end);
  if (end.starts_with("fault.kill")) sets.emplace_back("fault.kill_client=new");
  (void)run_to_end(newcomer("1500"), way.component, sets);
  (void)run_to_end(newcomer("1990"), way.component, sets);
}

TEST_CASE("held: a queue in user mode that is made during a reset is mapped when that is over", "[reset][direct]") {
  const std::string wait = GENERATE("poll", "interrupt");
  const std::string start = GENERATE("1050", "1500", "3000", "5900", "5999");
  CAPTURE(wait, start);
  const Values sets{"scheduler.direct.wait=" + wait};
  const Outcome outcome = run_to_end(newcomer(start), "direct", sets);
  CHECK(outcome.failed() == 0);
  const SimTime end = outcome.recording.all<trace::device_reset_end>().at(0).time;
  CHECK(outcome.recording.all<trace::exec_begin>().at(1).time > end);
  // Nor while its process is evicted, whichever ends first.
  const std::string evict = GENERATE("1200", "1700", "5500");
  CAPTURE(evict);
  const Outcome evicted = run_to_end(newcomer(start), "direct", {sets.front(), "fault.evict_us=" + evict});
  CHECK(evicted.failed() == 0);
}
