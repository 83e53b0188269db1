// SPDX-License-Identifier: MIT
// Native waits on a whole machine (driver.native_waits): a job waits in its ring for another queue's fence value.
#include <cstdint>
#include <string>
#include <vector>

#include "sim/scenario/loader.h"
#include "sim/system/simulation.h"
#include "tests/support/catch.h"
#include "tests/support/machine/outcome.h"
#include "tests/support/machine/random_scenario.h"
#include "tests/support/machine/random_trial.h"

using namespace gpusim;
using test::Outcome;
using test::run_to_end;
using Sets = std::vector<std::string>;

namespace {

/// One client that submits a job for each line, and waits for nothing.
std::string native_program(const std::string& lines, const std::string& more = {}) {
  return "[share]\nfences = \"a b c d\"\n" +
         test::client_text("app", "steps", "program = \"\"\"\n" + lines + "\"\"\"\n" + more);
}

Sets with_native_waits(Sets more = {}) {
  more.emplace_back("driver.native_waits=true");
  return more;
}

/// From the end of the one job's work to the begin of the other's.
Picoseconds native_gap(const Outcome& outcome, std::size_t producer, std::size_t consumer) {
  const std::vector<test::Job> jobs = outcome.recording.jobs();
  return *jobs.at(consumer).start - *jobs.at(producer).end;
}

const std::string kNativePair = native_program("submit rcs 100 signal a\nsubmit bcs 50 after a\n");

}  // namespace

TEST_CASE("native waits: between two queues lies the firmware, and not the host", "[native_waits]") {
  // The engine's report wakes the firmware (500 ns) and is served in 3 us. Meanwhile the value is in memory (400 ns
  // after the end) and seen (700 ns). Then 3 us for the wait, 1 us for the pick, 10 us to restore, 700 ns to fetch.
  for (const char* component : {"drm_sched", "drm_dep", "jobqueue"}) {
    for (const char* wake : {"1", "400"}) {
      INFO(component << " " << wake);
      const Sets host{std::string{"host.worker_wake_us="} + wake, std::string{"host.irq_delivery_us="} + wake};
      CHECK(native_gap(run_to_end(kNativePair, component, with_native_waits(host)), 0, 1) == ns(18'200));
      CHECK(native_gap(run_to_end(kNativePair, component, host), 0, 1) > (wake[0] == '1' ? us(20) : us(800)));
    }
  }
}

TEST_CASE("native waits: the time that a job waits in its ring has a name", "[native_waits]") {
  const Outcome outcome = run_to_end(kNativePair, "drm_dep", with_native_waits());
  const auto begin = outcome.recording.all<trace::ring_wait_begin>();
  const auto end = outcome.recording.all<trace::ring_wait_end>();
  REQUIRE(begin.size() == 1);
  REQUIRE(end.size() == 1);
  CHECK(outcome.recording.names.queues.at(begin.front().queue.value()).name == "app.bcs");
  // Of the 18.2 us all but pick, restore and fetch.
  const test::Job producer = outcome.recording.jobs().front();
  CHECK(end.front().time - *producer.end == ns(6'500));
  CHECK(outcome.count<trace::native_dependency>() == 1);
  CHECK(outcome.count<trace::ring_wait_write>() == 1);
}

TEST_CASE("native waits: a wait for a queue that is banned ends, because the host writes its value", "[native_waits]") {
  // The producer hangs. Its timeout comes before that of the job which waits for it.
  const std::string text = native_program("submit rcs 100 signal a\nsleep 5000\nsubmit bcs 50 after a\n");
  for (const char* component : {"drm_sched", "drm_dep", "jobqueue"}) {
    for (const char* driver : {"xe_like", "panthor_like", "amdgpu_like", "default"}) {
      INFO(component << " " << driver);
      const Outcome outcome =
          run_to_end(std::string{"use = { driver = \""} + driver + "\" }\n" + text, component,
                     with_native_waits({"fault.hung_job=1", "scheduler.timeout_ms=10", "device.preempt_timeout_ms=2"}));
      const auto forced = outcome.recording.all<trace::fence_forced>();
      REQUIRE(forced.size() == 1);
      CHECK(forced.front().value == 1);
      CHECK(outcome.errors.at("app").size() == 2);
      CHECK(outcome.failed() == 1);
      CHECK(*outcome.recording.jobs().at(1).start > forced.front().time);
    }
  }
}

TEST_CASE("native waits: who waits in its ring for longer than its timeout is not to blame", "[native_waits]") {
  const std::string text =
      native_program("submit rcs 8000\nsubmit rcs 8000\nsubmit rcs 8000 signal a\nsubmit bcs 50 after a\n");
  for (const char* component : {"drm_sched", "drm_dep", "jobqueue"}) {
    for (const char* driver : {"xe_like", "panthor_like", "amdgpu_like", "default"}) {
      INFO(component << " " << driver);
      const Outcome outcome = run_to_end(std::string{"use = { driver = \""} + driver + "\" }\n" + text, component,
                                         with_native_waits({"scheduler.timeout_ms=10"}));
      CHECK(outcome.failed() == 0);
      CHECK(outcome.count<trace::device_reset_begin>() == 0);
    }
  }
}

TEST_CASE("native waits: after a reset of the device everybody waits again for what is not done", "[native_waits]") {
  const std::string chain = native_program(
      "submit rcs 300 signal a\nsubmit bcs 50 after a signal b\nsubmit vcs0 50 after b signal c\nsubmit vecs 50 after "
      "c\n");
  for (const char* component : {"drm_sched", "drm_dep", "jobqueue"}) {
    INFO(component);
    for (const char* when : {"100", "420"}) {  // in the first job; in the second or third
      const Outcome outcome =
          run_to_end(chain, component,
                     with_native_waits({std::string{"fault.reset_us="} + when, "driver.reset_victims=on_engine"}));
      CHECK(outcome.count<trace::device_reset_begin>() == 1);
      CHECK(outcome.errors.at("app").size() == 4);
    }
  }
}

TEST_CASE("native waits: queues that wait for each other come to an end with one slot and rings of two entries",
          "[native_waits]") {
  std::string lines;
  for (int round = 0; round < 6; ++round) {
    lines += "submit rcs 20 write x\nsubmit bcs 20 write x\nsubmit vcs0 20 write x\nsubmit vcs1 20 write x\n";
  }
  const std::string text = "[share]\nbuffers = \"x\"\n" +
                           test::client_text("app", "steps", "program = \"\"\"\n" + lines + "\"\"\"\nclones = 3\n");
  for (const char* component : {"drm_sched", "drm_dep", "jobqueue"}) {
    INFO(component);
    const Outcome outcome = run_to_end(text, component, with_native_waits({"device.slots=1", "driver.ring_entries=2"}));
    CHECK(outcome.jobs() == 72);
    CHECK(outcome.failed() == 0);
    CHECK(outcome.count<trace::ring_wait_write>() > 40);
  }
}

TEST_CASE("native waits: a kill, of who waits or of whom it waits for, leaves nobody waiting", "[native_waits]") {
  const std::string two =
      "[share]\nfences = \"a\"\n" +
      test::client_text("first", "steps", "program = \"\"\"\nsubmit rcs 5000 signal a\nsleep 9000\n\"\"\"\n") +
      test::client_text("second", "steps", "program = \"\"\"\nsubmit bcs 50 after a\nsleep 9000\n\"\"\"\n");
  for (const char* component : {"drm_sched", "drm_dep", "jobqueue"}) {
    for (const char* victim : {"first", "second"}) {
      for (const char* driver : {"xe_like", "panthor_like", "amdgpu_like"}) {
        INFO(component << " " << victim << " " << driver);
        const Outcome outcome =
            run_to_end(std::string{"use = { driver = \""} + driver + "\" }\n" + two, component,
                       with_native_waits({std::string{"fault.kill_client=\""} + victim + "\"", "fault.kill_ms=1"}));
        CHECK(outcome.jobs() == 2);
      }
    }
  }
}

TEST_CASE("native waits: a stall says for which job's place in a ring another one waits", "[native_waits]") {
  const std::string text =
      native_program("submit rcs 10\nsubmit rcs 10 signal a\nsubmit vcs 10 after a signal b\nwait b\n");
  scenario::LoadOptions options;
  options.sets = with_native_waits({"fault.hung_job=1", "scheduler.timeout_ms=0", "driver.credit_limit=1"});
  const scenario::LoadResult loaded = scenario::load_scenario_text(text, "stall", options);
  REQUIRE(loaded.ok());
  system::Simulation simulation{*loaded.spec};
  const system::RunResult result = simulation.run();
  CHECK(result.outcome == system::Outcome::stalled);
  CHECK(result.stall_report.find("job 3 waits for a dependency: fence 5:1, until a job is in its ring: fence 2:2 of "
                                 "queue app.rcs: job 1 was handed to the device") != std::string::npos);
}

TEST_CASE("native waits: both cores of the firmware give the same trace", "[native_waits][rv32]") {
  const std::string text = native_program(
      "submit rcs 30 signal a\nsubmit bcs 20 after a signal b\nsubmit rcs 10 after b signal c\nsubmit vcs 20 after c "
      "after a\n",
      "repeats = 5\n");
  const Outcome natively = run_to_end(text, "drm_dep", with_native_waits({"device.slots=2"}));
  const Outcome on_core =
      run_to_end(text, "drm_dep", with_native_waits({"device.slots=2", "device.firmware.core=rv32"}));
  CHECK(natively.count<trace::ring_wait_begin>() > 5);
  CHECK(natively.recording.hash == on_core.recording.hash);
  for (const char* timing : {"cycles", "live"}) {
    const Outcome timed =
        run_to_end(text, "drm_dep",
                   with_native_waits({"device.firmware.core=rv32", std::string{"device.firmware.timing="} + timing}));
    CHECK(timed.failed() == 0);
  }
}

TEST_CASE("native waits: random scenarios with them break no rule, and causes tile each life", "[native_waits]") {
  std::size_t good = 0;
  for (std::uint64_t seed = 1001; seed <= 1120; ++seed) {
    std::vector<std::string> lines = test::random_scenario(seed);
    std::erase_if(lines, [](const std::string& line) { return line.starts_with("driver.native_waits"); });
    lines.insert(lines.begin() + 1, "driver.native_waits = true");
    const test::Trial trial = test::try_scenario(lines);
    CAPTURE(seed);
    if (trial.result == test::Trial::Result::good) ++good;
    if (trial.result != test::Trial::Result::finding) continue;
    FAIL_CHECK(trial.kind << ": " << trial.what << '\n' << test::text_of(lines));
  }
  CHECK(good > 40);
}
