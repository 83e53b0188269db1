// SPDX-License-Identifier: MIT
// docs/calibration.md: published figures that went into presets, and what rests on estimates.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "tests/docs/calibration.h"
#include "tests/docs/marked_block.h"
#include "tests/support/catch.h"
#include "tests/support/machine/outcome.h"
#include "tests/support/machine/scenarios.h"
#include "tests/support/program.h"

using namespace gpusim;
using namespace gpusim::test;
using namespace gpusim::test::calibration;

namespace {

/// From the message or doorbell of each job to its start, where a context was switched for it; without the first ones.
[[nodiscard]] Times ways_of(const Recording& recording) {
  Times ways;
  SimTime sent{};
  bool has_switched = false;
  for (const trace::Event& event : recording.events) {
    if (event.kind == trace::doorbell_write::kKind || event.kind == trace::message_send::kKind) {
      sent = event.time;
      has_switched = false;
    }
    has_switched = has_switched || event.kind == trace::context_restore_end::kKind;
    if (event.kind == trace::job_start::kKind && has_switched && event.job > 4) ways.push_back(event.time - sent);
  }
  return ways;
}

[[nodiscard]] const std::string& apart() {
  static const std::string text =
      client_text("app", "loop", "clones = 2\nwork_us = 10\ncycles = 20\nwait_us = [1_000, 2_000]\n");
  return text;
}

void add_guc(std::vector<Row>& rows) {
  const Picoseconds way = median(ways_of(simulate("xe_guc", apart())));
  rows.push_back({"from the message to the batch's start, with a switch", "xe_guc", "about 30 us", "`xe-ulls`: M",
                  fmt::format("{:.1f} us", in_us(way)), std::abs(in_us(way) - 30) < 1});
}

/// An empty kernel from the call to what the caller sees of its end: a queue in user mode that is alone.
void add_launches(std::vector<Row>& rows) {
  for (const std::string device : {"default", "nv_host"}) {
    const Recording recording = simulate(device, client_text("app", "loop", "work_ps = 1\ncycles = 50\nwait_us = 20\n"),
                                         {"scheduler.component=direct"});
    Times launches;
    for (const Job& job : recording.jobs()) {
      if (job.id > 1 && job.end) launches.push_back(*job.end - job.submitted);
    }
    const Picoseconds launch = median(launches);
    rows.push_back({"an empty kernel from its launch to its end, of a queue in user mode", device, "2 to 8 us",
                    "`cuda-handbook`: W", fmt::format("{:.1f} us", in_us(launch)), launch >= us(2) && launch <= us(8)});
  }
}

/// From the urgent job's doorbell to its start, while a queue of another process has the engine. Its first job is
/// behind the new run-list that it takes.
void add_preemption(std::vector<Row>& rows) {
  const Recording recording =
      simulate("nv_host",
               client_text("endless", "loop", "work_us = 100_000\n") +
                   client_text("urgent", "loop", "start_us = 500\nwork_us = 50\ncycles = 20\nwait_us = 900\n"),
               {"device.quantum_us=1"});
  const auto urgent = queues_of(recording, "urgent");
  Times ways;
  SimTime rung{};
  for (const trace::Event& event : recording.events) {
    if (urgent.count(event.queue) == 0) continue;
    if (event.kind == trace::doorbell_write::kKind) rung = event.time;
    if (event.kind == trace::job_start::kKind) ways.push_back(event.time - rung);
  }
  REQUIRE(ways.size() == 20);
  ways.erase(ways.begin());
  rows.push_back({"preemption, time slices of 1 us: from the urgent doorbell to the start", "nv_host", "< 40 us",
                  "`gpreempt`: M", fmt::format("{:.1f} us", in_us(quantile(ways, 1))), quantile(ways, 1) < us(40)});
}

void add_tegra(std::vector<Row>& rows) {
  const Recording recording = simulate("nv_tegra", busy("app", 2, 1), {"stop.after_ms=200"});
  Times switches;
  SimTime saving{};
  for (const trace::Event& event : recording.events) {
    if (event.kind == trace::context_save_begin::kKind) saving = event.time;
    if (event.kind == trace::context_restore_end::kKind && saving != SimTime{}) switches.push_back(event.time - saving);
  }
  const Picoseconds mean = median(switches);
  rows.push_back({"a switch of groups", "nv_tegra", "> 200 us on average", "`gcaps`: M",
                  fmt::format("{:.1f} us", in_us(mean)), mean > us(200) && mean < us(220)});
}

[[nodiscard]] std::string percent(double part) { return fmt::format("{:.1f} %", 100 * part); }

}  // namespace

TEST_CASE("docs/calibration.md has what went into presets", "[docs]") {
  std::vector<Row> rows;
  add_launches(rows);
  add_guc(rows);
  add_preemption(rows);
  add_tegra(rows);
  check_marked_block("docs/calibration.md", "inputs", table_of(rows));
}

TEST_CASE("docs/calibration.md has what rests on estimates, on xe_guc less than 30 % of the time in the firmware",
          "[docs]") {
  std::string text =
      "| scenario | jobs | estimates, in lives of jobs | estimates, in all of the firmware's time "
      "|\n|---|---|---|---|\n";
  for (const std::string scenario : {"message_notify", "pipeline", "quickstart"}) {
    CAPTURE(scenario);
    const Folder folder;
    const std::string out = folder.text() + "/out";
    REQUIRE(run_program("run " + scenario + " --set use.device=xe_guc -q --out " + out).code == 0);
    const nlohmann::json summary = nlohmann::json::parse(slurp(out + "/summary.json"));
    double charged = 0;
    double estimated = 0;
    for (const nlohmann::json& cause : summary["causes"]) {
      if (cause["name"] != "firmware") continue;
      charged = std::min(cause["charged_ps"].get<double>(), cause["total_ps"].get<double>());
      estimated = cause["estimated_ps"].get<double>();
    }
    double all = 0;
    double all_estimated = 0;
    for (const nlohmann::json& parameter : summary["parameters"]) {
      if (!parameter["name"].get<std::string>().starts_with("device.firmware.")) continue;
      all += parameter["charged_ps"].get<double>();
      if (parameter["tag"] == "E" || parameter["tag"] == "O") all_estimated += parameter["charged_ps"].get<double>();
    }
    REQUIRE(charged > 0);
    CHECK(estimated / charged < 0.3);
    CHECK(estimated / charged > 0.05);
    text += fmt::format("| `{}` | {} | {} | {} |\n", scenario, summary["jobs"]["done"].get<int>(),
                        percent(estimated / charged), percent(all_estimated / all));
  }
  check_marked_block("docs/calibration.md", "estimates", text);
}
