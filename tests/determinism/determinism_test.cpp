// SPDX-License-Identifier: MIT
// Same scenario and seed, same trace bytes: whatever is attached, in whatever order the machine is built, with a module
// more, with or without look-ahead and checkers between the sockets, and - because every preset compares with the one
// stored set - under every compiler and optimisation level.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "base/hash.h"
#include "sim/scenario/loader.h"
#include "sim/system/simulation.h"
#include "tests/support/catch.h"
#include "traces/sinks/perfetto/sink.h"
#include "traces/sinks/text_sink.h"

using namespace gpusim;

namespace {

const std::filesystem::path kRoot{GPUSIM_SOURCE_DIR};
const std::filesystem::path kHashes = kRoot / "tests/golden/hashes.txt";

const std::vector<std::string> kScenarios{
    "compositor",    "copy_engine",  "credits_short",     "direct",           "fan_graph",   "gang",
    "heavy_jobs",    "host_tick",    "jobqueue",          "jobqueue_counter", "loaded_host", "message_notify",
    "orchestrator",  "pipeline",     "poisson_open_loop", "priorities",       "quantum",     "quickstart",
    "ring_entities", "shared_rings", "shared_timeline",   "single_entity",    "slots",       "threaded_irq",
    "wsim_clones"};

/// "name hash events" a line.
std::map<std::string, std::string> stored() {
  std::map<std::string, std::string> result;
  std::ifstream file{kHashes};
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    const auto space = line.find(' ');
    result[line.substr(0, space)] = line.substr(space + 1);
  }
  return result;
}

scenario::ScenarioSpec load(const std::string& name) {
  const auto loaded = scenario::load_scenario(kRoot / "configs/scenarios" / (name + ".toml"));
  for (const auto& problem : loaded.problems) UNSCOPED_INFO(problem.to_string());
  REQUIRE(loaded.ok());
  return *loaded.spec;
}

std::string hash_of_run(const scenario::ScenarioSpec& spec, const system::MachineOptions& options, bool with_sinks) {
  system::Simulation simulation{spec, options};
  std::ostringstream text;
  std::ostringstream perfetto;
  trace::TextSink text_sink{text, simulation.machine().names()};
  trace::PerfettoSink perfetto_sink{perfetto, simulation.machine().names()};
  if (with_sinks) {
    simulation.recorder().attach_to_all(text_sink);
    simulation.recorder().attach_to_all(perfetto_sink);
  }
  const system::RunResult result = simulation.run();
  CHECK(result.outcome == system::Outcome::finished);
  return hash_text(simulation.recorder().hash()) + ' ' + std::to_string(simulation.recorder().count());
}

}  // namespace

TEST_CASE("the trace of every scenario has the hash that is stored for it", "[determinism]") {
  if (std::getenv("GPUSIM_UPDATE_GOLDEN") != nullptr) {
    std::ofstream file{kHashes};
    file << "# Trace hash and number of events of configs/scenarios/*.toml; docs/testing.md says when they may "
            "change.\n";
    for (const std::string& name : kScenarios) file << name << ' ' << hash_of_run(load(name), {}, false) << '\n';
    WARN("golden hashes rewritten");
    return;
  }
  const auto golden = stored();
  for (const std::string& name : kScenarios) {
    CAPTURE(name);
    REQUIRE(golden.count(name) == 1);
    CHECK(hash_of_run(load(name), {}, false) == golden.at(name));
  }
}

TEST_CASE("every scenario that comes with the program is in the golden set", "[determinism]") {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator{kRoot / "configs/scenarios"}) {
    if (entry.path().extension() != ".toml") continue;
    ++files;
    CAPTURE(entry.path().string());
    CHECK(stored().count(entry.path().stem().string()) == 1);
    CHECK(std::find(kScenarios.begin(), kScenarios.end(), entry.path().stem().string()) != kScenarios.end());
  }
  CHECK(files >= 6);
}

TEST_CASE("sinks, construction order, an idle module, look-ahead and checks leave the trace as it is",
          "[determinism]") {
  const auto golden = stored();
  for (const std::string& name : kScenarios) {
    CAPTURE(name);
    const scenario::ScenarioSpec spec = load(name);
    for (const bool sinks : {false, true}) {
      for (const std::uint64_t order : {0, 1, 2, 3, 4}) {
        for (const bool idle_module : {false, true}) {
          CAPTURE(sinks, order, idle_module);
          system::MachineOptions options;
          options.construction_order = order;
          options.idle_module = idle_module;
          CHECK(hash_of_run(spec, options, sinks) == golden.at(name));
        }
      }
    }
    system::MachineOptions strict;
    strict.look_ahead = false;
    CHECK(hash_of_run(spec, strict, false) == golden.at(name));
    system::MachineOptions checked;
    checked.check_transactions = true;
    CHECK(hash_of_run(spec, checked, false) == golden.at(name));
  }
}

TEST_CASE("a run that is left to its background load ends at the same event without look-ahead", "[determinism]") {
  // The steps that a thread makes without an entry count among those after which somebody looks whether anything is
  // left.
  const scenario::LoadResult loaded = scenario::load_scenario_text(R"(
seed = 704
share.buffers = "b0 b1"
share.timelines = "t0 t1 t2"
share.fences = "f"
use.device = "xe_guc"
scheduler.put_ps = 3400
device.firmware.message_long_ms = 3600000
host.background = { threads = 12, busy_us = 300, period_us = 1942 }
scheduler.job_init_ps = 963725
host.syscall_entry_ps = 639814
host.memory_barrier_ps = 1
host.work_dispatch = "pipelined"
fault.unplug_us = 3613
[[client]]
name = "c0"
workload = "fan"
source_us = [33, 33]
branch_us = [267, 267]
sink_us = [459, 701]
clones = 4
start_us = 1882
width = 1
rounds = 8
[[client]]
name = "s0"
workload = "steps"
program = """
period 980
period 1366
submit vcs0 32-162 move b0
sleep 99
submit rcs 45-289 read b0 write b1 after t1:i-2 signal t0:i
"""
repeats = 3
[[client]]
name = "s1"
workload = "steps"
program = """
submit vecs 23-325 read b0 after t0:i
submit rcs 42-92 signal t1:i
"""
repeats = 3
)",
                                                                   "left.toml");
  REQUIRE(loaded.ok());
  std::vector<std::uint64_t> hashes;
  for (const bool look_ahead : {true, false}) {
    system::MachineOptions options;
    options.look_ahead = look_ahead;
    system::Simulation simulation{*loaded.spec, options};
    CHECK(simulation.run().outcome == system::Outcome::stalled);
    hashes.push_back(simulation.recorder().hash());
  }
  CHECK(hashes[0] == hashes[1]);
}

TEST_CASE("another seed gives another trace, where anything is drawn", "[determinism]") {
  scenario::ScenarioSpec spec = load("poisson_open_loop");
  const std::string first = hash_of_run(spec, {}, false);
  spec.seed += 1;
  CHECK(hash_of_run(spec, {}, false) != first);
}

TEST_CASE("the text and Perfetto traces are the same bytes in two runs", "[determinism]") {
  const scenario::ScenarioSpec spec = load("quickstart");
  std::vector<std::string> texts;
  std::vector<std::string> perfettos;
  for (int run = 0; run < 2; ++run) {
    system::Simulation simulation{spec};
    std::ostringstream text;
    std::ostringstream perfetto;
    trace::TextSink text_sink{text, simulation.machine().names()};
    trace::PerfettoSink perfetto_sink{perfetto, simulation.machine().names()};
    simulation.recorder().attach_to_all(text_sink);
    simulation.recorder().attach_to_all(perfetto_sink);
    const system::RunResult result = simulation.run();
    text_sink.finish();
    perfetto_sink.finish(result.end);
    texts.push_back(text.str());
    perfettos.push_back(perfetto.str());
  }
  CHECK(texts[0].size() > 1'000);
  CHECK(texts[0] == texts[1]);
  CHECK(perfettos[0].size() > 1'000);
  CHECK(perfettos[0] == perfettos[1]);
}
