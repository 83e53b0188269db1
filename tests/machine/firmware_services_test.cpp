// SPDX-License-Identifier: MIT
// What the firmware's processor spends its time on: as many services as there is something to do.
#include <algorithm>
#include <map>
#include <string>

#include "sim/hw/firmware_processor.h"
#include "sim/scenario/loader.h"
#include "tests/support/catch.h"
#include "tests/support/machine/scenarios.h"

using namespace gpusim;
using fw::Step;

namespace {

/// Short-lived queues and one that stays, all of one class, so that every kind of message is sent on every preset.
test::Recording run_with(const std::string& device, const std::string& component, const std::string& notify) {
  scenario::LoadOptions options;
  options.sets = {"use.device=\"" + device + "\"", "scheduler.component=\"" + component + "\""};
  if (!notify.empty()) options.sets.push_back("device.notify=\"" + notify + "\"");
  const auto loaded = scenario::load_scenario_text(R"(
[[client]]
name = "short"
workload = "churn"
engine = "rcs"
work_us = 20
jobs_per_cycle = 2
cycles = 30

[[client]]
name = "long"
workload = "loop"
engine = "rcs"
work_us = [10, 100]
cycles = 100
wait_us = 20
)",
                                                   "services.toml", options);
  for (const auto& problem : loaded.problems) UNSCOPED_INFO(problem.to_string());
  REQUIRE(loaded.ok());
  return test::run(*loaded.spec);
}

/// How often each event was served, and that each service was as long as its parameter says.
std::map<Step, std::size_t> services(const test::Recording& recording, Picoseconds look) {
  std::map<Step, std::size_t> count;
  const auto begins = recording.all<trace::firmware_begin>();
  const auto ends = recording.all<trace::firmware_end>();
  REQUIRE(begins.size() - ends.size() <= 1);  // the last look may be under way when the last queue is gone
  for (std::size_t i = 0; i < begins.size(); ++i) {
    const auto event = begins[i].event.as<Step>();
    ++count[event];
    if (event == Step::empty_look && i < ends.size()) REQUIRE(ends[i].time - begins[i].time == look);
  }
  return count;
}

}  // namespace

TEST_CASE("the firmware serves each message once, with every preset, an empty look costs one read of the descriptor",
          "[firmware]") {
  for (const char* device : {"default", "xe_guc", "mali_csf", "nv_host", "amd_mes", "amd_hws", "nv_tegra", "pvr"}) {
    for (const char* component : {"drm_dep", "drm_sched", "jobqueue"}) {
      for (const char* notify : {"", "message", "doorbell"}) {
        CAPTURE(device, component, notify);
        const test::Recording recording = run_with(device, component, notify);
        const std::size_t sent = recording.all<trace::message_send>().size();
        REQUIRE(sent > 31 * 2);  // each queue is registered and deregistered
        auto served = services(recording, ns(700));
        CHECK(served[Step::message] == sent);
        // At most one look for each message, and one for each notification that came too late to matter.
        CHECK(served[Step::empty_look] > 0);
        CHECK(served[Step::empty_look] <= 2 * sent);
      }
    }
  }
}

TEST_CASE("a service of the firmware is longer than an empty look, and a client of xe waits for one of the two",
          "[firmware]") {
  // One client, one job at a time. The message of job n arrives when the firmware is idle: wake 0.5 us, message 17.5
  // us, pick 1 us; the look that follows the message comes after the pick, and the engine's report finds the firmware
  // free.
  scenario::LoadOptions options;
  options.sets = {"use.device=\"xe_guc\""};
  const auto loaded = scenario::load_scenario_text(
      "[[client]]\nname = \"a\"\nworkload = \"loop\"\nengine = \"rcs\"\nwork_us = 100\ncycles = 3\n", "one.toml",
      options);
  REQUIRE(loaded.ok());
  const test::Recording recording = test::run(*loaded.spec);
  std::vector<std::pair<Step, Picoseconds>> last;
  const auto begins = recording.all<trace::firmware_begin>();
  const auto ends = recording.all<trace::firmware_end>();
  const SimTime from = recording.jobs().back().submitted;
  const SimTime to = *recording.jobs().back().end;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    if (begins[i].time < from || begins[i].time > to) continue;
    last.emplace_back(begins[i].event.as<Step>(), ends[i].time - begins[i].time);
  }
  using Served = std::pair<Step, Picoseconds>;
  REQUIRE(last.size() == 3);
  CHECK(last[0] == Served{Step::message, ns(17'500)});
  CHECK(last[1] == Served{Step::pick, us(1)});
  CHECK(last[2] == Served{Step::empty_look, ns(700)});
}

TEST_CASE("with GuC at its measured cost a job begins 30 us after the message to an idle firmware", "[firmware]") {
  scenario::LoadOptions options;
  options.sets = {"use.device=\"xe_guc\""};
  // Far apart, and each job meets the other's context on the engine.
  const auto loaded = scenario::load_scenario_text(R"(
[[client]]
name = "app"
workload = "loop"
engine = "rcs"
clones = 2
work_us = 10
cycles = 5
wait_us = [1_000, 2_000]
)",
                                                   "guc.toml", options);
  REQUIRE(loaded.ok());
  const test::Recording recording = test::run(*loaded.spec);
  const auto started = recording.all<trace::job_start>();
  std::size_t seen = 0;
  for (const auto& job : started) {
    const auto sent = recording.all<trace::message_send>();
    const auto last = std::find_if(sent.rbegin(), sent.rend(), [&](const auto& one) { return one.time < job.time; });
    REQUIRE(last != sent.rend());
    const auto restores = recording.all<trace::context_restore_end>();
    const bool switched = std::any_of(restores.begin(), restores.end(),
                                      [&](const auto& end) { return end.time > last->time && end.time < job.time; });
    if (job.job.value() <= 2 || !switched) continue;  // the first ones are behind their queues' registration
    CHECK(job.time - last->time == us(30));
    ++seen;
  }
  CHECK(seen >= 3);
}
