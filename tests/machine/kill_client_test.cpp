// SPDX-License-Identifier: MIT
// A client that is killed (fault.kill_client): what becomes of its jobs, and of those who wait for them.
#include <string>
#include <vector>

#include "sim/scenario/loader.h"
#include "tests/support/catch.h"
#include "tests/support/machine/finding.h"
#include "tests/support/machine/outcome.h"

using namespace gpusim;
using namespace gpusim::test;

namespace {

std::string any_component_name() { return GENERATE("drm_dep", "drm_sched", "jobqueue"); }

/// Of steps; `text` in one line, steps with ; between them.
std::string steps_text(const std::string& name, std::string text) {
  for (char& c : text) c = c == ';' ? '\n' : c;
  return client_text(name, "steps", "program = \"\"\"\n" + text + "\n\"\"\"\n");
}

const std::string kSharedNames = "[share]\nbuffers = \"b\"\ntimelines = \"t u\"\nfences = \"f\"\n";
const std::string kKillAt5 = "[fault]\nkill_client = \"app\"\nkill_ms = 5\n";

SimTime end_of(const Outcome& outcome, const std::string& client) {
  SimTime end{};
  for (const auto& event : outcome.recording.all<trace::client_finish>()) {
    if (outcome.recording.names.clients.at(event.client.value()) == client) end = event.time;
  }
  return end;
}

}  // namespace

TEST_CASE("the jobs of a killed client end, and with them the wait of others for its buffer", "[kill]") {
  const std::string component = any_component_name();
  const std::string driver = GENERATE("default", "xe_like", "panthor_like");
  CAPTURE(component, driver);
  // The app's jobs would take 4 s; the reader's waits for the first two of them.
  std::vector<std::string> sets{"use.driver=" + driver};
  if (component == "jobqueue") sets.emplace_back("scheduler.cancel_timeout_ms=0");
  const Outcome outcome = run_to_end(
      kSharedNames + kKillAt5 + steps_text("app", "submit rcs 2000000 write b;submit rcs 2000000 write b;wait t:1") +
          steps_text("other", "sleep 1000;submit bcs 100 read b;idle b;submit bcs 10"),
      component, sets);
  CHECK(outcome.count<trace::client_killed>() == 1);
  CHECK(outcome.errors.at("app").size() == 2);
  CHECK(outcome.errors.at("app").at(0) != Errno::ok);
  CHECK(outcome.errors.at("app").at(1) != Errno::ok);
  CHECK(outcome.errors.at("other") == std::vector<Errno>(2, Errno::ok));
  CHECK(end_of(outcome, "other") > SimTime{ms(5)});
  CHECK(end_of(outcome, "other") < SimTime{ms(7)});
  CHECK(outcome.recording.result.end < SimTime{ms(20)});
}

TEST_CASE("amdgpu: what a killed client has on the hardware runs on, and others wait for it", "[kill]") {
  const Outcome outcome = run_to_end(kSharedNames + kKillAt5 + steps_text("app", "submit rcs 20000 write b;wait t:1") +
                                         steps_text("other", "sleep 1000;submit bcs 100 read b"),
                                     "drm_sched", {"use.driver=amdgpu_like"});
  CHECK(outcome.errors.at("app") == std::vector<Errno>{Errno::ok});
  CHECK(end_of(outcome, "other") > SimTime{ms(20)});
}

TEST_CASE("drm_sched: a kill ends a close that waits for its jobs, and those that have not run get -ESRCH", "[kill]") {
  const std::string driver = GENERATE("amdgpu_ring", "v3d");
  const std::string kernel = GENERATE("linux_7_3", "linux_6_18");
  CAPTURE(driver, kernel);
  const Outcome outcome =
      run_to_end(kKillAt5 + steps_text("app", "submit rcs 9000;submit rcs 9000;submit rcs 9000;close;submit bcs 10"),
                 "drm_sched", {"use.driver=" + driver, "scheduler.kernel=" + kernel, "driver.credit_limit=1"});
  CHECK(outcome.errors.at("app") == std::vector<Errno>{Errno::ok, Errno::srch, Errno::srch});
  const auto killed = outcome.recording.all<trace::client_killed>();
  REQUIRE(killed.size() == 1);
  CHECK(killed[0].time < SimTime{ms(5) + us(300)});
}

TEST_CASE("a kill ends every kind of sleep of a client, and nothing of it is left", "[kill]") {
  const std::string component = any_component_name();
  const std::string program =
      GENERATE("sleep 1000000", "wait t:1", "available t:1", "poll t:1 f", "wait f", "period 1000000",
               "submit rcs 900000 write b;idle b", "submit rcs 900000 signal u:1;wait u:1", "submit rcs 10 after t:1");
  CAPTURE(component, program);
  std::vector<std::string> sets;
  if (component == "jobqueue") sets.emplace_back("scheduler.cancel_timeout_ms=0");
  const Outcome outcome = run_to_end(kSharedNames + kKillAt5 + steps_text("app", program), component, sets);
  const auto killed = outcome.recording.all<trace::client_killed>();
  REQUIRE(killed.size() == 1);
  CHECK(killed[0].time >= SimTime{ms(5)});
  CHECK(killed[0].time < SimTime{ms(5) + us(300)});
  CHECK(outcome.count<trace::client_finish>() == 0);
  CHECK(outcome.recording.result.end < SimTime{ms(20)});
}

TEST_CASE("a kill ends clients of every kind, all clones of a name or one", "[kill]") {
  const std::string component = any_component_name();
  const std::string victim = GENERATE("app", "app.1");
  const std::string workload =
      GENERATE(as<std::string>{}, "workload = \"loop\"\nwork_us = 100\ncycles = 100000\nwait_us = 10",
               "workload = \"poisson\"\nwork_us = 10\nmean_interval_us = 100\njobs = 1000000",
               "workload = \"pipeline\"\nupload_us = 10\nkernel_us = 100\nreadback_us = 10\nframes = 1000000",
               "workload = \"fan\"\nsource_us = 10\nbranch_us = 10\nsink_us = 10\nrounds = 1000000",
               "workload = \"wsim\"\nprogram = \"1.RCS.100.0.0,2.BCS.50.-1.1,d.50,p.300\"\nrepeats = 100000",
               "workload = \"wsim\"\nprogram = \"f,1.RCS.100.f-1.0,d.300,a.-3,s.-3\"\nrepeats = 100000",
               "workload = \"churn\"\nwork_us = 10\ncycles = 100000\nhold_us = 20");
  CAPTURE(component, victim, workload);
  const std::string text = "[stop]\nafter_ms = 12\n[fault]\nkill_client = \"" + victim +
                           "\"\nkill_ms = 5\n[[client]]\nname = \"app\"\nclones = 2\n" + workload + "\n";
  const scenario::LoadResult loaded =
      scenario::load_scenario_text(text, "kill.toml", {.sets = {"scheduler.component=" + component}, .seed = {}});
  REQUIRE(loaded.ok());
  const Recording recording = run(*loaded.spec);
  CHECK(recording.all<trace::client_killed>().size() == (victim == "app" ? 2 : 1));
  CHECK(recording.result.outcome == (victim == "app" ? system::Outcome::finished : system::Outcome::stopped));
}

TEST_CASE("who waits for a point that a killed client would have submitted waits on: nobody else signals it",
          "[kill]") {
  const std::string component = any_component_name();
  CAPTURE(component);
  const scenario::LoadResult loaded =
      scenario::load_scenario_text(kSharedNames + kKillAt5 + steps_text("app", "sleep 10000;signal t:1") +
                                       steps_text("other", "submit bcs 10 after t:1"),
                                   "kill.toml", {.sets = {"scheduler.component=" + component}, .seed = {}});
  REQUIRE(loaded.ok());
  const Finding finding = find_in(*loaded.spec);
  CHECK(finding.outcome == system::Outcome::stalled);
  CHECK(finding.text.find("  client other waits for point 1 of t, which nobody has submitted; client app signals it, "
                          "and was killed\n") != std::string::npos);
}

TEST_CASE("a kill that comes too late is noted", "[kill]") {
  const scenario::LoadResult loaded = scenario::load_scenario_text(
      "[fault]\nkill_client = \"app\"\nkill_ms = 5\n" + loop_text("app", "work_us = 100\n"), "kill.toml", {});
  REQUIRE(loaded.ok());
  system::Simulation simulation{*loaded.spec};
  const system::RunResult result = simulation.run();
  CHECK(result.outcome == system::Outcome::finished);
  const std::vector<std::string> notices = simulation.notices(result);
  REQUIRE(notices.size() == 1);
  CHECK(notices[0].starts_with("fault.kill at 5.000 ms did not happen: the run ended at "));
}
