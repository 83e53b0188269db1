// SPDX-License-Identifier: MIT
// Queues in user mode that are evicted: who waits for what, what becomes of entries and doorbells meanwhile, and what
// close, kill, hang, reset and unplugging mean then.
#include <algorithm>
#include <string>
#include <vector>

#include "sim/scenario/loader.h"
#include "sim/system/simulation.h"
#include "tests/support/catch.h"
#include "tests/support/cause_check.h"
#include "tests/support/machine/outcome.h"
#include "tests/support/machine/scenarios.h"
#include "traces/folds/job_life.h"

using namespace gpusim;
using namespace gpusim::test;
using Errors = std::vector<Errno>;

namespace {

/// Memory runs short at 1 ms; the queues come back 1 ms after the last of them is off the hardware.
std::vector<std::string> evicted(const char* wait, std::vector<std::string> more = {}) {
  more.push_back(std::string{"scheduler.direct.wait="} + wait);
  more.emplace_back("fault.evict_us=1000");
  return more;
}

const char* any_way_to_wait() { return GENERATE("poll", "interrupt"); }

std::string steps(const std::string& name, const std::string& program) {
  return client_text(name, "steps", "program = \"\"\"\n" + program + "\"\"\"\n");
}

/// Jobs of 100 us, one after the other.
std::string jobs(const std::string& name, int cycles) {
  return loop_text(name, "work_us = 100\ncycles = " + std::to_string(cycles) + "\n");
}

template <class Event>
SimTime first(const Outcome& outcome) {
  const auto all = outcome.recording.all<Event>();
  REQUIRE_FALSE(all.empty());
  return all.front().time;
}

}  // namespace

TEST_CASE("eviction: what is written meanwhile runs when the queue is mapped again", "[direct]") {
  const Outcome outcome = run_to_end(jobs("app", 30), "direct", evicted(any_way_to_wait()));
  CHECK(outcome.failed() == 0);
  CHECK(outcome.jobs() == 30);
  const SimTime gone = first<trace::queue_evicted>(outcome);
  const SimTime back = first<trace::queue_restored>(outcome);
  CHECK(back - gone >= ms(1));
  CHECK(back - gone < ms(1) + us(50));
  // One entry is written, and its doorbell rung, while the firmware does not know the queue; nothing runs of it.
  const auto written = outcome.recording.all<trace::ring_write>();
  CHECK(std::count_if(written.begin(), written.end(),
                      [&](const auto& event) { return event.time > gone && event.time < back; }) <= 1);
  const auto rung = outcome.recording.all<trace::doorbell_write>();
  CHECK(rung.size() == 30);
  for (const auto& event : outcome.recording.all<trace::fetch_begin>()) CHECK((event.time < gone || event.time > back));
}

TEST_CASE("eviction: a job that nobody has a fence for is saved, and goes on", "[direct]") {
  // Polled: the kernel knows nothing of the job that runs.
  const Outcome outcome = run_to_end(loop_text("app", "work_us = 3000\ncycles = 1\n"), "direct", evicted("poll"));
  CHECK(outcome.failed() == 0);
  REQUIRE(outcome.count<trace::job_resumed>() == 1);
  CHECK(outcome.recording.all<trace::job_resumed>()[0].done > us(900));
  CHECK(first<trace::job_preempted>(outcome) < first<trace::queue_evicted>(outcome));
  CHECK(first<trace::job_resumed>(outcome) > first<trace::queue_restored>(outcome));
  CHECK(outcome.recording.result.end < SimTime{ms(5)});
}

TEST_CASE("eviction: it waits for the last fence of each queue before it unmaps the first", "[direct]") {
  // Two queues of one process: the one with a fence for 3 ms of work holds up the other, which has none.
  const std::string text = "share.timelines = \"t\"\n" +
                           steps("app", "submit bcs 10\nsubmit rcs 3000 signal t:1\nsleep 2000\nsubmit bcs 10\n");
  const Outcome outcome = run_to_end(text, "direct", evicted(any_way_to_wait()));
  CHECK(outcome.failed() == 0);
  CHECK(outcome.count<trace::queue_evicted>() == 2);
  CHECK(first<trace::queue_evicted>(outcome) > SimTime{ms(3)});
  CHECK(outcome.count<trace::job_preempted>() == 0);
}

TEST_CASE("eviction: who needs a fence of the kernel waits until the queue is back", "[direct]") {
  // The exec after the sleep is written at once; its point comes with the restore.
  const std::string text =
      "share.timelines = \"t\"\n" + steps("app", "submit rcs 10\nsleep 1500\nsubmit rcs 10 signal t:1\n");
  const Outcome outcome = run_to_end(text, "direct", evicted(any_way_to_wait()));
  CHECK(outcome.failed() == 0);
  const SimTime back = first<trace::queue_restored>(outcome);
  const auto points = outcome.recording.all<trace::syncobj_point>();
  REQUIRE(points.size() == 1);
  CHECK(points[0].time >= back);
  CHECK(outcome.recording.all<trace::ring_write>()[1].time < back);
}

TEST_CASE("eviction: a queue that is made meanwhile is mapped with the others", "[direct]") {
  const std::string text = steps("app", "submit rcs 10\nsleep 1500\nsubmit bcs 10\n") + jobs("other", 5);
  const Outcome outcome = run_to_end(text, "direct", evicted(any_way_to_wait()));
  CHECK(outcome.failed() == 0);
}

TEST_CASE("eviction: hits all processes that have queues, again and again", "[direct]") {
  const std::string text = jobs("one", 40) + jobs("two", 40);
  const Outcome outcome = run_to_end(text, "direct", evicted(any_way_to_wait(), {"fault.evictions=3"}));
  CHECK(outcome.failed() == 0);
  CHECK(outcome.count<trace::queue_evicted>() >= 4);
  CHECK(outcome.count<trace::queue_evicted>() == outcome.count<trace::queue_restored>());
}

TEST_CASE("eviction: what a job waits for meanwhile is recovery, by a second reading, too", "[direct]") {
  const scenario::LoadResult loaded = scenario::load_scenario_text(
      jobs("app", 30) + steps("two", "submit bcs 900\nsubmit rcs 500\nsubmit bcs 400\n"), "x.toml",
      {.sets = evicted(any_way_to_wait(), {"scheduler.component=direct"}), .seed = {}});
  REQUIRE(loaded.ok());
  const std::vector<trace::JobLife> lives = lives_of(*loaded.spec);
  const Recording recording = run(*loaded.spec);
  REQUIRE(lives.size() == recording.jobs().size());
  for (const std::string& sentence : check_causes(recording.events, lives)) FAIL_CHECK(sentence);
  const auto waited = std::count_if(lives.begin(), lives.end(),
                                    [](const trace::JobLife& life) { return life[trace::Cause::recovery] > us(900); });
  CHECK(waited >= 1);
}

TEST_CASE("eviction: one that comes while one is under way is the same", "[direct]") {
  const Outcome outcome = run_to_end(
      jobs("app", 40), "direct",
      {"fault.evict_us=100", "fault.evictions=20", "scheduler.direct.restore_us=10000", "scheduler.direct.wait=poll"});
  CHECK(outcome.failed() == 0);
  CHECK(outcome.count<trace::queue_evicted>() == 1);
}

TEST_CASE("eviction: it finds a hang that nobody else would", "[direct]") {
  // Polled: no fence, no work against hangs. The queue does not leave its engine.
  const Outcome outcome =
      run_to_end(loop_text("app", "work_us = 100\ncycles = 3\n"), "direct",
                 evicted("poll", {"fault.hung_job=1", "device.preempt_timeout_us=500", "scheduler.timeout_ms=1000"}));
  CHECK(outcome.errors.at("app")[0] == Errno::io);
  CHECK(outcome.count<trace::queue_banned>() == 1);
  CHECK(outcome.recording.result.end < SimTime{ms(5)});
}

TEST_CASE("eviction: a fence that does not come is ended by the work against hangs", "[direct]") {
  const Outcome outcome =
      run_to_end(jobs("app", 3) + client_text("other", "loop", "engine = \"bcs\"\nwork_us = 100\ncycles = 60\n"),
                 "direct", evicted("interrupt", {"fault.hung_job=1", "host.timer=\"exact\""}));
  REQUIRE(outcome.count<trace::queue_banned>() == 1);
  CHECK(first<trace::queue_banned>(outcome) > SimTime{ms(2'000)});
}

TEST_CASE("eviction: time off the hardware is not held against a queue", "[direct]") {
  // Jobs of 1.5 ms with 2 ms for a fence; the queue is away for 10 ms, twice.
  const Outcome outcome =
      run_to_end(loop_text("app", "work_us = 1500\ncycles = 24\n"), "direct",
                 {"scheduler.direct.wait=interrupt", "fault.evict_us=15000", "fault.evictions=2",
                  "scheduler.direct.restore_us=10000", "scheduler.direct.hang_timeout_ms=2", "host.timer=\"exact\""});
  CHECK(outcome.failed() == 0);
  CHECK(outcome.count<trace::queue_evicted>() == 2);
}

TEST_CASE("eviction: a close of an evicted queue waits for the works, and its entries are cancelled", "[direct]") {
  const std::string text = steps("app", "submit rcs 10\nsleep 1500\nsubmit rcs 10\nclose\n");
  const Outcome outcome = run_to_end(text, "direct", evicted(any_way_to_wait()));
  CHECK(outcome.count<trace::queue_destroyed>() == 1);
  CHECK(first<trace::queue_destroyed>(outcome) > SimTime{ms(2)});
  REQUIRE(outcome.errors.at("app").size() == 2);
  CHECK(outcome.errors.at("app")[0] == Errno::ok);
}

TEST_CASE("eviction: a reset does not map an evicted queue, and nothing of it runs before it is back", "[direct]") {
  const char* const wait = any_way_to_wait();
  const Outcome outcome = run_to_end(jobs("app", 40), "direct", evicted(wait, {"fault.reset_us=1500"}));
  CHECK(outcome.count<trace::device_reset_end>() == 1);
  CHECK(outcome.jobs() == 40);
  const SimTime back = first<trace::queue_restored>(outcome);
  const SimTime reset = first<trace::device_reset_begin>(outcome);
  for (const auto& event : outcome.recording.all<trace::fetch_begin>())
    CHECK((event.time < reset || event.time > back));
}

TEST_CASE("eviction: a killed process and a device that is gone end in it as out of it", "[direct]") {
  const char* const wait = any_way_to_wait();
  const Outcome killed =
      run_to_end(jobs("app", 1000), "direct", evicted(wait, {"fault.kill_client=app", "fault.kill_us=1500"}));
  CHECK(killed.count<trace::queue_destroyed>() == 1);
  const Outcome gone = run_to_end(jobs("app", 1000), "direct", evicted(wait, {"fault.unplug_us=1500"}));
  CHECK(gone.errors.at("app").back() == Errno::nodev);
}

TEST_CASE("eviction: one that comes when all queues have ended did not happen", "[direct]") {
  const scenario::LoadResult loaded = scenario::load_scenario_text(
      jobs("app", 3), "x.toml", {.sets = {"scheduler.component=direct", "fault.evict_ms=500"}, .seed = {}});
  REQUIRE(loaded.ok());
  system::Simulation simulation{*loaded.spec};
  const system::RunResult result = simulation.run();
  CHECK(result.outcome == system::Outcome::finished);
  CHECK(result.end < SimTime{ms(500)});
}

TEST_CASE("eviction: one before any queue is there did not happen, and the note does not say that they had ended",
          "[direct]") {
  const scenario::LoadResult loaded = scenario::load_scenario_text(
      jobs("app", 3), "x.toml",
      {.sets = {"scheduler.component=direct", "fault.evict_us=200", "client.app.start_us=1000"}, .seed = {}});
  REQUIRE(loaded.ok());
  system::Simulation simulation{*loaded.spec};
  CHECK(simulation.notices(simulation.run()) ==
        std::vector<std::string>{"fault.evict at 200.000 us did not happen: no client had a queue then"});
}
