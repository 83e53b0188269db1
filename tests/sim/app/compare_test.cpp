// SPDX-License-Identifier: MIT
// Comparing variants: the figures are those of separate runs, whatever the number of processes; and they move as a
// changed parameter says.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/app/exit_code.h"
#include "sim/experiment/comparison.h"
#include "sim/experiment/report.h"
#include "sim/system/simulation.h"
#include "tests/support/catch.h"
#include "tests/support/program.h"

using namespace gpusim;
using namespace gpusim::experiment;
namespace fs = std::filesystem;

namespace {

const fs::path kScenarios = GPUSIM_SOURCE_DIR "/configs/scenarios";

[[nodiscard]] Experiment experiment_of(const std::string& scenario, std::vector<Variant> variants) {
  Experiment result;
  result.name = "test";
  result.scenario = kScenarios / scenario;
  result.variants = std::move(variants);
  return result;
}

[[nodiscard]] Comparison good(const Experiment& experiment, const CompareSettings& settings = {}) {
  std::vector<scenario::Problem> problems;
  std::optional<Comparison> result = compare(experiment, settings, problems);
  for (const scenario::Problem& problem : problems) UNSCOPED_INFO(problem.to_string());
  REQUIRE(result.has_value());
  return *std::move(result);
}

[[nodiscard]] const Cell& cell(const Comparison& comparison, std::size_t variant, std::size_t table = 0,
                               std::size_t condition = 0) {
  return comparison.tables.at(table).conditions.at(condition).cells.at(variant);
}

[[nodiscard]] std::string everything(const Experiment& experiment, const Comparison& comparison) {
  std::ostringstream out;
  write_report(out, trace::PageForm{}, experiment, comparison, "gpusim compare");
  write_report(out, trace::PageForm{.is_markdown = true}, experiment, comparison, "gpusim compare");
  write_json(out, experiment, comparison);
  return out.str();
}

}  // namespace

TEST_CASE("compare gives the figures of separate runs", "[compare]") {
  Experiment experiment =
      experiment_of("quickstart.toml", {{"now", {}, {}}, {"slow", {}, {{"host.worker_wake_us=30", {}}}}});
  experiment.seeds = 3;
  const Comparison comparison = good(experiment);
  for (std::size_t variant = 0; variant < 2; ++variant) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      CAPTURE(variant, seed);
      scenario::LoadOptions options;
      options.seed = seed;
      if (variant == 1) options.sets = {"host.worker_wake_us=30"};
      const auto loaded = scenario::load_scenario(experiment.scenario, options);
      REQUIRE(loaded.ok());
      system::Simulation simulation{*loaded.spec};
      REQUIRE(simulation.run().outcome == system::Outcome::finished);
      const Measurement& run = cell(comparison, variant).runs.at(seed - 1);
      CHECK(run.trace_hash == simulation.recorder().hash());
      CHECK(run.find("jobs") == static_cast<std::int64_t>(simulation.statistics().jobs_done() * 1'000));
      const trace::ClientStatistics& game = simulation.statistics().clients().at(0);
      CHECK(run.find("client.game.latency_p99") == static_cast<std::int64_t>(game.latency.percentile(990)));
      CHECK(run.charges == simulation.machine().ledger().totals());
    }
  }
}

TEST_CASE("a comparison does not depend on how many processes ran it", "[compare]") {
  Experiment experiment =
      experiment_of("poisson_open_loop.toml", {{"now", {}, {}}, {"slow", {}, {{"host.worker_wake_us=30", {}}}}});
  experiment.seeds = 4;
  experiment.sweeps.push_back({"entries", {{"driver.ring_entries", {}}}, {{"8", {}}, {"64", {}}}, {}});
  CompareSettings settings;
  settings.estimates = true;
  const std::string one = everything(experiment, good(experiment, settings));
  settings.parallel = 5;
  CHECK(everything(experiment, good(experiment, settings)) == one);
}

TEST_CASE("on an idle host a worker that wakes 8 us later rings every doorbell 8 us later", "[compare]") {
  Experiment experiment = experiment_of("poisson_open_loop.toml", {{"now", {}, {{"host.worker_wake_us=8", {}}}},
                                                                   {"late", {}, {{"host.worker_wake_us=16", {}}}}});
  // One job at a time, far apart, so that every job finds an idle worker.
  experiment.sets = {{"client.requests.mean_interval_us=100_000", {}}};
  experiment.seeds = 3;
  const Comparison comparison = good(experiment);
  const auto by = difference(cell(comparison, 1), cell(comparison, 0), "ioctl_to_doorbell_mean");
  REQUIRE(by.has_value());
  CHECK(*by == trace::Interval{8'000'000, 0});
  CHECK(*difference(cell(comparison, 1), cell(comparison, 0), "ioctl_time_mean") == trace::Interval{0, 0});
  CHECK(cell(comparison, 0).runs[0].trace_hash != cell(comparison, 0).runs[1].trace_hash);
  const Verdict verdict{{"ioctl_to_doorbell_mean", {}}, true};
  CHECK(judge(verdict, cell(comparison, 1), cell(comparison, 0)) == Judgement::worse);
  CHECK(judge(verdict, cell(comparison, 0), cell(comparison, 1)) == Judgement::better);
  CHECK(judge(verdict, cell(comparison, 0), cell(comparison, 0)) == Judgement::same);
}

TEST_CASE("a sweep gives its value to all variants, under what a variant sets itself", "[compare]") {
  Experiment experiment =
      experiment_of("threaded_irq.toml", {{"swept", {}, {}}, {"own", {}, {{"host.worker_wake_us=4", {}}}}});
  experiment.sweeps.push_back({"wake", {{"host.worker_wake_us", {}}}, {{"4", {}}, {"12", {}}}, {}});
  const Comparison comparison = good(experiment);
  REQUIRE(comparison.tables.size() == 2);
  CHECK(comparison.tables[1].conditions[1].value == "12");
  CHECK(cell(comparison, 0, 1, 0).runs == cell(comparison, 1, 1, 0).runs);
  CHECK(cell(comparison, 1, 1, 1).runs == cell(comparison, 1, 1, 0).runs);
  CHECK_FALSE(cell(comparison, 0, 1, 1).runs == cell(comparison, 0, 1, 0).runs);
}

TEST_CASE("the estimates that a verdict hangs on are named", "[compare][long]") {
  // A threaded handler costs a wake-up of an estimated 5 us; the variant pays 8 us elsewhere instead, which is no
  // estimate. Which is better hangs on the estimate alone.
  const fs::path preset = std::filesystem::temp_directory_path() / "gpusim_compare_test_host.toml";
  std::ofstream{preset} << "[host]\n"
                           "irq_thread_wake_us = { v = 5, tag = \"E\" }\n"
                           "task_wake_us = { v = { p0 = 4, p50 = 5, p100 = 6 }, tag = \"E\" }\n"
                           "worker_wake_us = 8\n"
                           "irq_delivery_ns = 1200\n";
  Experiment experiment =
      experiment_of("threaded_irq.toml",
                    {{"threaded", {}, {}},
                     {"hard", {}, {{"driver.irq_path=hard", {}}, {"device.link.mmio_write_latency_ns=9_000", {}}}}});
  experiment.sets = {{"use.host=\"" + preset.generic_string() + "\"", {}}};
  experiment.verdict = {{"latency_mean", {}}, true};
  CompareSettings settings;
  settings.estimates = true;
  const Comparison comparison = good(experiment, settings);
  fs::remove(preset);
  REQUIRE_FALSE(comparison.variations.empty());
  CHECK(comparison.variations.back().parameter == "all");
  CHECK(judge(experiment.verdict, cell(comparison, 1), cell(comparison, 0)) == Judgement::worse);
  bool seen = false;
  bool has_distribution = false;
  for (const Variation& variation : comparison.variations) {
    CHECK(variation.parameter != "device.link.mmio_write_latency_ns");  // computed, and then the user's
    CHECK(variation.parameter != "host.worker_wake_us");                // the user's
    if (variation.parameter == "host.task_wake_us") {
      has_distribution = true;
      CHECK(variation.range == "2.500 us .. 10.000 us");  // by its median
    }
    if (variation.parameter != "host.irq_thread_wake_us") continue;
    seen = true;
    CHECK(variation.range == "2.500 us .. 10.000 us");
    REQUIRE(variation.at.size() == kVariationPoints);
    CHECK(variation.at.front().judgements == std::vector{Judgement::worse});
    CHECK(variation.at.back().judgements == std::vector{Judgement::better});
  }
  CHECK(seen);
  CHECK(has_distribution);
}

TEST_CASE("a variant that changes nothing is said to have run alike", "[compare]") {
  const Experiment experiment = experiment_of(
      "threaded_irq.toml",
      {{"now", {}, {}}, {"named", {}, {{"description=other", {}}}}, {"other", {}, {{"driver.irq_path=hard", {}}}}});
  const std::string text = everything(experiment, good(experiment));
  CHECK(text.find("Note: named ran exactly as now") != std::string::npos);
  CHECK(text.find("Note: other") == std::string::npos);
}

TEST_CASE("gpusim compare as a user meets it", "[compare]") {
  const test::Folder folder;
  test::Ended ended;
  const auto program = [&](const std::string& arguments) {
    ended = test::run_program("compare " + arguments);
    return ended.code;
  };
  const std::string scenario = "'" + (kScenarios / "quickstart.toml").string() + "'";

  CHECK(program(scenario + " --variant now --variant far:device.link.mmio_write_latency_us=3 --seeds 2 -j 2 --metric " +
                "cause.doorbell --verdict cause.doorbell --out " + folder.text()) == 0);
  CHECK(ended.err.empty());
  CHECK(ended.out.find("\ncause.doorbell") != std::string::npos);
  CHECK(ended.out.find("far against now: worse, by +2.700 us (+900.0%) *.") != std::string::npos);
  CHECK(ended.out.find("\n\nBy gpusim ") != std::string::npos);
  CHECK(ended.out.find("far:device.link.mmio_write_latency_us=3") != std::string::npos);  // of the command
  CHECK(ended.out.find("  device.link.mmio_write_latency_us=3\n") != std::string::npos);
  const auto json = nlohmann::json::parse(test::slurp(folder / "compare.json"));
  CHECK(json.at("schema") == "gpusim-comparison/1");
  CHECK(json.at("tables").at(0).at("conditions").at(0).at("variants").at(1).at("verdict") == "worse");
  CHECK(json.at("variants").at(0) == nlohmann::json{{"name", "now"}, {"overrides", nlohmann::json::array()}});
  CHECK(json.at("variants").at(1).at("overrides").at(0) == "device.link.mmio_write_latency_us=3");
  CHECK(json.at("command").get<std::string>().starts_with("gpusim compare "));
  CHECK(json.at("tables").at(0).at("conditions").at(0).at("variants").at(1).at("metrics").at(0).contains("difference"));

  CHECK(program(scenario + " --variant now:host.cpu=2 --seeds 0") == 2);
  CHECK(ended.err == "--seeds: error: seeds must be in 1..1000\n");
  CHECK(program(scenario + " --variant now:host.cpu=2") == 2);
  CHECK(ended.err ==
        "--variant:1:10: error: unknown key 'host.cpu'; did you mean 'cpus'?\n    now:host.cpu=2\n             ^\n");
  CHECK(ended.out.empty());
  CHECK(program(scenario + " --variant now --metric latncy_p50") == 2);
  CHECK(ended.err == "--metric: error: there is no metric 'latncy_p50'; did you mean 'latency_p50'?\n");
  CHECK(program("/nowhere.toml") == 2);
  CHECK(ended.err == "/nowhere.toml: error: there is no such file\n");
}

TEST_CASE("measurements survive their way through a pipe, and a dead process is noticed", "[compare]") {
  Measurement measurement;
  measurement.status = Status::stalled;
  measurement.error = "nothing is left\n  client a waits";
  measurement.trace_hash = 0xffffffffffffffff;
  measurement.values = {{"a", Unit::time, -5}, {"b", Unit::percent, std::nullopt}};
  measurement.charges = {ps(0), ps(1'000'000'000'000)};
  CHECK(decode(encode(measurement)) == measurement);
  const std::string text = encode(measurement);
  CHECK(decode(text.substr(0, text.find("end"))).status == Status::broken);
  CHECK(decode("").status == Status::broken);
}

TEST_CASE("an interrupted comparison has the figures of what was done, of all variants alike", "[compare]") {
  const Experiment experiment = experiment_of("quickstart.toml", {{"now", {}, {}}, {"same", {}, {}}});
  Experiment many = experiment;
  many.seeds = 1'000;
  CompareSettings settings;
  settings.estimates = true;
  settings.parallel = 1;  // with two, nobody knows which of the first pieces are done
  settings.progress = [](std::size_t done, std::size_t) {
    if (done >= 4) std::raise(SIGINT);
  };
  const Comparison comparison = good(many, settings);
  CHECK(comparison.is_interrupted);
  CHECK_FALSE(comparison.is_deterministic);  // which nobody knows
  CHECK_FALSE(comparison.has_estimates);
  CHECK(comparison.failures.empty());
  CHECK(comparison.worst == Status::good);
  for (std::size_t variant = 0; variant < 2; ++variant) {
    const std::vector<Measurement>& runs = cell(comparison, variant).runs;
    REQUIRE(runs.size() == 1'000);
    CHECK(runs.front().status == Status::good);
    CHECK(runs.front() == cell(good(experiment), variant).runs.front());
    CHECK(runs.back().status == Status::not_run);
  }
  CHECK(everything(many, comparison).find("Interrupted: the figures are those of the runs") != std::string::npos);
}

TEST_CASE("an interrupted gpusim compare leaves valid partial results and ends with 130", "[compare]") {
  const test::Folder folder;
  const test::Ended run = test::interrupt_workers(
      "compare '" + (kScenarios / "quickstart.toml").string() +
      "' --variant now --variant far:device.link.mmio_write_latency_us=3 --seeds 1000 -j 2 --out " + folder.text() +
      " --set client.game.cycles=2000");
  CHECK(run.code == 130);
  CHECK(run.err.empty());
  CHECK(run.out.find("Interrupted: the figures are those of the runs") != std::string::npos);
  const auto json = nlohmann::json::parse(test::slurp(folder / "compare.json"));
  CHECK(json.at("interrupted") == true);
}

TEST_CASE("a sweep without effect is said to have none, and one that moves something is not", "[compare]") {
  Experiment experiment = experiment_of("threaded_irq.toml", {{"now", {}, {}}, {"own", {}, {{"host.cpus=2", {}}}}});
  experiment.sweeps.push_back({"slots", {{"device.slots", {}}}, {{"8", {}}, {"0", {}}}, {}});
  experiment.sweeps.push_back({"bypass", {{"scheduler.bypass", {}}}, {{"true", {}}, {"false", {}}}, {}});
  experiment.sweeps.push_back({"cpus", {{"host.cpus", {}}}, {{"1", {}}, {"4", {}}}, {}});
  const Comparison comparison = good(experiment);
  const auto says = [&](const std::string& text) {
    return std::find(comparison.notices.begin(), comparison.notices.end(), text) != comparison.notices.end();
  };
  // Eight slots are enough for one queue; but a slot is granted, and that is an event.
  for (const std::string& notice : comparison.notices) UNSCOPED_INFO(notice);
  CHECK(says("the sweep of cpus has no effect on own: with each of its values own ran exactly alike, event by event."));
  CHECK(
      says("the sweep of slots moves none of the figures: with each of its values they are the same for every "
           "variant, although what happens is not."));
  CHECK_FALSE(std::any_of(comparison.notices.begin(), comparison.notices.end(),
                          [](const std::string& notice) { return notice.find("of bypass") != std::string::npos; }));
}

TEST_CASE("two values for one key of a variant or a sweep are an error, whatever their units", "[compare]") {
  Experiment experiment = experiment_of(
      "quickstart.toml", {{"a", {}, {{"host.cpus=2", {"--variant", 1, 3}}, {"host . cpus = 4", {"--variant", 1, 15}}}},
                          {"b", {}, {{"device.quantum_us=2", {}}, {"device.quantum_ms=4", {"--variant", 2, 3}}}}});
  experiment.sweeps.push_back({"s", {{"device.slots", {}}}, {{"8", {}}}, {{"device.slots=4", {"x.toml", 7, 1}}}});
  std::vector<scenario::Problem> problems;
  CHECK_FALSE(compare(experiment, {}, problems).has_value());
  std::vector<std::string> lines;
  for (const scenario::Problem& problem : problems) lines.push_back(problem.to_string());
  CHECK(lines == std::vector<std::string>{"--variant:1:15: error: 'host.cpus' is set twice",
                                          "--variant:2:3: error: 'device.quantum' is set twice",
                                          "x.toml:7:1: error: 'device.slots' is set twice"});
}

TEST_CASE("what a run would note, a comparison notes: once, and for whom", "[compare]") {
  Experiment experiment =
      experiment_of("quickstart.toml", {{"now", {}, {}}, {"sched", {}, {{"scheduler.component=drm_sched", {}}}}});
  experiment.sets = {{"scheduler.put_context=irq", {}}, {"fault.hung_job=1000", {}}};
  experiment.seeds = 2;
  const Comparison comparison = good(experiment);
  CHECK(comparison.notices ==
        std::vector<std::string>{"fault.hung_job = 1000 did not happen: 76 jobs were begun",
                                 "sched: scheduler.put_context has no effect: scheduler.component is drm_sched"});
}

TEST_CASE("percentiles of random work over seeds have an interval of at least their bucket", "[compare]") {
  Experiment experiment = experiment_of("quickstart.toml", {{"now", {}, {}}, {"slow", {}, {{"host.cpus=1", {}}}}});
  experiment.seeds = 4;
  const Comparison comparison = good(experiment);
  for (const char* metric : {"latency_p50", "client.player.latency_p50"}) {
    CAPTURE(metric);
    std::int64_t off = 0;
    for (const Measurement& run : cell(comparison, 0).runs) off = std::max(off, run.find_value(metric)->off);
    CHECK(off > 0);
    const auto interval = cell(comparison, 0).interval(metric);
    CHECK(interval->off == off);
    CHECK(*interval->half >= off);
    CHECK(*difference(cell(comparison, 1), cell(comparison, 0), metric)->half >= off);
    CHECK(difference(cell(comparison, 0), cell(comparison, 0), metric) == trace::Interval{0, 0});
  }
}

TEST_CASE("what is from estimates is the same in a run and in a comparison of that run with itself", "[compare]") {
  for (const char* scenario : {"quickstart.toml", "loaded_host.toml"}) {
    CAPTURE(scenario);
    const Experiment experiment = experiment_of(scenario, {{"a", {}, {}}, {"b", {}, {}}});
    const Comparison comparison = good(experiment);
    const auto loaded = scenario::load_scenario(experiment.scenario, {});
    REQUIRE(loaded.ok());
    system::Simulation simulation{*loaded.spec};
    static_cast<void>(simulation.run());
    const auto shares = trace::shares_by_cause(
        simulation.statistics().causes(), scenario::charges_of(loaded.resolved, simulation.machine().ledger().totals()),
        scenario::has_estimated_load(loaded.resolved));
    Wide total = 0;
    for (std::size_t cause = 0; cause < trace::kCauseCount; ++cause) {
      CHECK(comparison.shares[cause].total == 2 * shares[cause].total);
      CHECK(comparison.shares[cause].estimated == 2 * shares[cause].estimated);
      CHECK(shares[cause].estimated <= shares[cause].total);
      total += shares[cause].total;
    }
    CHECK(total == simulation.statistics().life_time());
    const bool is_loaded = std::string{scenario} == "loaded_host.toml";
    CHECK(scenario::has_estimated_load(loaded.resolved) == is_loaded);
  }
}

TEST_CASE("the load's figures, a single sample, and points between the ends are varied, too", "[compare][long]") {
  Experiment experiment =
      experiment_of("loaded_host.toml", {{"worker", {}, {}}, {"fifo", {}, {{"host.worker_class=fifo", {}}}}});
  CompareSettings settings;
  settings.estimates = true;
  const Comparison comparison = good(experiment, settings);
  const auto find = [&](const std::string& parameter) {
    const auto found = std::find_if(comparison.variations.begin(), comparison.variations.end(),
                                    [&](const Variation& variation) { return variation.parameter == parameter; });
    return found == comparison.variations.end() ? nullptr : &*found;
  };
  const Variation* threads = find("host.background.threads");
  REQUIRE(threads != nullptr);
  CHECK(threads->range == "4 .. 16");
  CHECK(threads->at.size() == 5);
  // A thread that is busy for longer than its period is no valid scenario, and the rest is compared all the same.
  const Variation* busy = find("host.background.busy_us");
  REQUIRE(busy != nullptr);
  CHECK(busy->at.front().is_possible);
  CHECK(find("host.background.period_ms") != nullptr);
  const Variation* wake = find("host.worker_wake_us");
  REQUIRE(wake != nullptr);
  CHECK(wake->range == "3.000 us .. 12.000 us");  // by its median
}

TEST_CASE("a lead table has a row for each variant under each value of the first sweep", "[compare]") {
  Experiment experiment =
      experiment_of("threaded_irq.toml", {{"now", {}, {}}, {"late", {}, {{"host.worker_wake_us=30", {}}}}});
  experiment.sweeps.push_back({"load", {{"use.host", {}}}, {{"idle", {}}, {"loaded", {}}}, {}});
  experiment.lead = {{"jobs", {}}, {"wakeups_per_job", {}}};
  std::ostringstream out;
  write_report(out, trace::PageForm{.is_markdown = true}, experiment, good(experiment), "gpusim compare");
  const std::string text = out.str();
  const std::size_t at = text.find("| load | variant | jobs | wakeups_per_job |");
  REQUIRE(at != std::string::npos);
  CHECK(at < text.find("The scenario as it is"));
  for (const char* row : {"| idle | now | ", "| idle | late | ", "| loaded | now | ", "| loaded | late | "}) {
    CHECK(text.find(row, at) != std::string::npos);
  }
}

TEST_CASE("what is computed from instruction counts is varied together, by the rate", "[compare][long]") {
  // A push without a wake-up is 103 instructions: 25.75 ns at 4 per ns, 103 ns at 1. All of the ioctl is computed here.
  Experiment experiment = experiment_of("poisson_open_loop.toml",
                                        {{"worker", {}, {}}, {"more", {}, {{"scheduler.push_ps=1_000_000", {}}}}});
  experiment.sets = {{"client.requests.mean_interval_us=100_000", {}}, {"client.requests.jobs=5", {}}};
  experiment.verdict = {{"ioctl_time_mean", {}}, true};
  CompareSettings settings;
  settings.estimates = true;
  const Comparison comparison = good(experiment, settings);
  const auto found = std::find_if(comparison.variations.begin(), comparison.variations.end(),
                                  [](const Variation& one) { return one.parameter == "instructions per ns"; });
  REQUIRE(found != comparison.variations.end());
  CHECK(found->range == "4 .. 1");
  REQUIRE(found->at.size() == kVariationPoints);
  // Beside the 34 ns of the default, in whole picoseconds: 1 us less 25.5 ns, and less 102 ns.
  CHECK(found->at.front().differences.front().value().mean == 1'000'000 - 25'500);
  CHECK(found->at.back().differences.front().value().mean == 1'000'000 - 102'000);
  for (const Variation& one : comparison.variations) CHECK(one.parameter != "scheduler.push");
}

TEST_CASE("a verdict that nobody chose says what it looked at, and which client says otherwise", "[compare]") {
  // Two clients of a queue each: the variant gives one its own level, at the cost of the other.
  const test::Folder folder;
  test::spit(folder / "two.toml",
             "[[client]]\nname = \"first\"\nworkload = \"loop\"\nengine = \"rcs\"\nwork_us = 3000\ncycles = 40\n\n"
             "[[client]]\nname = \"second\"\nworkload = \"loop\"\nengine = \"rcs\"\nwork_us = 3000\ncycles = 40\n");
  Experiment experiment = experiment_of("", {{"equal", {}, {}}, {"level", {}, {{"client.second.priority=0", {}}}}});
  experiment.scenario = folder / "two.toml";
  const std::string text = everything(experiment, good(experiment));
  CHECK(text.find("Verdict by latency_p50, the median over the jobs of all clients together, for none was asked for") !=
        std::string::npos);
  CHECK(text.find("level against equal: better, by -3090 us (-50.4%).") != std::string::npos);
  CHECK(text.find(" Of one seed: how much of a difference is chance, only more --seeds say.") != std::string::npos);
  CHECK(text.find("by client.first.latency_p99 level against equal: worse") != std::string::npos);
  CHECK(text.find("by client.second.latency_p50") == std::string::npos);  // says the same
  experiment.verdict = {{"throughput", {"--verdict", 0, 0}}, false};
  const std::string chosen = everything(experiment, good(experiment));
  CHECK(chosen.find("Verdict by throughput (higher is better)") != std::string::npos);
  CHECK(chosen.find("says otherwise") == std::string::npos);
  experiment.seeds = 2;
  CHECK(everything(experiment, good(experiment)).find("Of one seed") == std::string::npos);
}

TEST_CASE("a client's times that are estimates are varied, alone and together, and a verdict that hangs on one says so",
          "[compare][long]") {
  // Two queues take turns by quanta of 1 or 2 ms. Jobs of 1.5 ms are cut by the first and not by the second; jobs of
  // half of that are cut by neither, and the quantum changes nothing.
  const test::Folder folder;
  test::spit(folder / "two.toml",
             "[[client]]\nname = \"a\"\nworkload = \"loop\"\nengine = \"rcs\"\ncycles = 40\n"
             "work_us = { v = 1500, tag = \"E\", src = \"a guess\" }\n"
             "[[client]]\nname = \"b\"\nworkload = \"loop\"\nengine = \"rcs\"\nwork_us = 100\ncycles = 400\n"
             "wait_us = { v = [10, 30], tag = \"O\", src = \"one trace\" }\n");
  Experiment experiment = experiment_of(
      "", {{"short", {}, {{"device.quantum_us=1000", {}}}}, {"long", {}, {{"device.quantum_us=2000", {}}}}});
  experiment.scenario = folder / "two.toml";
  experiment.verdict = {{"client.b.latency_p99", {"--verdict", 0, 0}}, true};
  CompareSettings settings;
  settings.estimates = true;
  const Comparison comparison = good(experiment, settings);
  const auto find = [&](const std::string& parameter) -> const Variation& {
    const auto found = std::find_if(comparison.variations.begin(), comparison.variations.end(),
                                    [&](const Variation& variation) { return variation.parameter == parameter; });
    REQUIRE(found != comparison.variations.end());
    return *found;
  };
  CHECK(judge(experiment.verdict, cell(comparison, 1), cell(comparison, 0)) == Judgement::worse);
  const Variation& work = find("client.a.work_us");
  CHECK(work.range == "750.000 us .. 3.000 ms");
  CHECK(work.at.front().judgements == std::vector{Judgement::same});
  CHECK(find("client.b.wait_us").range == "15.000 us .. 60.000 us");  // by the end of its range
  for (const Variation& variation : comparison.variations) {
    CAPTURE(variation.parameter);
    CHECK(variation.at.front().is_possible);
    CHECK(variation.parameter != "client.b.work_us");  // the user's
  }
  CHECK(find("all").at.front().judgements == std::vector{Judgement::same});
  CHECK(everything(experiment, comparison).find("The verdict changes with: ") != std::string::npos);

  // What a variant itself calls an estimate is varied, too.
  experiment.variants[1].sets.push_back({"client.a.work_us={ v = 1500, tag = \"E\" }", {}});
  const Comparison own = good(experiment, settings);
  const auto found = std::find_if(own.variations.begin(), own.variations.end(),
                                  [](const Variation& variation) { return variation.parameter == "client.a.work_us"; });
  REQUIRE(found != own.variations.end());
  CHECK(found->at.front().judgements == std::vector{Judgement::same});
}

TEST_CASE("work that is an estimate counts as one, as far as it is executed", "[compare]") {
  // 50 ms of estimated work and 100 ms of another client's, which makes way a hundred times.
  const test::Folder folder;
  test::spit(folder / "two.toml",
             "[[client]]\nname = \"high\"\nworkload = \"loop\"\nengine = \"rcs\"\npriority = 0\ncycles = 100\n"
             "wait_us = 500\nwork_us = { v = 500, tag = \"E\" }\n"
             "[[client]]\nname = \"low\"\nworkload = \"loop\"\nengine = \"rcs\"\npriority = 3\nwork_ms = 100\n");
  const auto loaded = scenario::load_scenario(folder / "two.toml", {});
  REQUIRE(loaded.ok());
  system::Simulation simulation{*loaded.spec};
  static_cast<void>(simulation.run());
  Picoseconds known{0};
  Picoseconds estimated{0};
  for (const auto& charge : scenario::charges_of(loaded.resolved, simulation.machine().ledger().totals())) {
    if (charge.name == "clients' work") known = charge.total;
    if (charge.name == "clients' work, estimated") estimated = charge.total;
  }
  CHECK(known == ms(100));
  CHECK(estimated == ms(50));
  // Of the cause, that is a third; the fetches of 101 entries and 100 resumes are so little that they do not show.
  const auto shares =
      trace::shares_by_cause(simulation.statistics().causes(),
                             scenario::charges_of(loaded.resolved, simulation.machine().ledger().totals()), false);
  const trace::CauseShare& work = shares[static_cast<std::size_t>(trace::Cause::work)];
  CHECK(divide_rounded(work.estimated * 100, work.total) == 33);
}

TEST_CASE("neither a variant nor a sweep has a seed of its own", "[compare]") {
  const auto problems_of = [](const Experiment& experiment) {
    std::vector<scenario::Problem> problems;
    CHECK_FALSE(compare(experiment, {}, problems).has_value());
    std::vector<std::string> texts;
    for (const scenario::Problem& problem : problems) texts.push_back(problem.to_string());
    return texts;
  };
  const std::string tail = " cannot set the seed; --seeds runs all variants with several, --seed says the first";
  Experiment variant = experiment_of("quickstart.toml", {{"a", {}, {{"seed=1", {"--variant", 1, 3}}}},
                                                         {"b", {}, {{"\"seed\" = 2", {"--variant", 2, 3}}}}});
  CHECK(problems_of(variant) ==
        std::vector<std::string>{"--variant:1:3: error: a variant" + tail, "--variant:2:3: error: a variant" + tail});
  Experiment sweep = experiment_of("quickstart.toml", {{"a", {}, {}}});
  sweep.sweeps.push_back({"seed", {{"seed", {"x.toml", 4, 7}}}, {{"1", {}}, {"2", {}}}, {}});
  CHECK(problems_of(sweep) == std::vector<std::string>{"x.toml:4:7: error: a sweep" + tail});
  sweep.sweeps.front() = {"cpus", {{"host.cpus", {}}}, {{"1", {}}}, {{"seed=3", {"x.toml", 5, 7}}}};
  CHECK(problems_of(sweep) == std::vector<std::string>{"x.toml:5:7: error: a sweep" + tail});
}

TEST_CASE("of runs that were not made nothing is said", "[compare]") {
  Experiment experiment = experiment_of("quickstart.toml", {{"a", {}, {}}, {"b", {}, {{"host.cpus=1", {}}}}});
  experiment.seeds = 3;
  Comparison comparison = good(experiment);
  comparison.is_interrupted = true;
  std::vector<Cell>& cells = comparison.tables.front().conditions.front().cells;
  Measurement not_run;
  not_run.status = Status::not_run;
  cells[1].runs.assign(3, not_run);
  const std::string half = everything(experiment, comparison);
  CHECK(half.find("b against a: nothing can be said, for no seed has it of both.") != std::string::npos);
  CHECK(half.find("it is the same") == std::string::npos);

  Comparison none;
  none.is_interrupted = true;
  none.tables.resize(1);
  none.tables.front().conditions.resize(1);
  none.tables.front().conditions.front().cells.resize(2);
  for (Cell& cell : none.tables.front().conditions.front().cells) cell.runs.assign(3, not_run);
  std::ostringstream out;
  write_report(out, trace::PageForm{}, experiment, none, "gpusim compare");
  CHECK(out.str().ends_with("in the first table 0 of 6.\n\nNothing can be said: no run came to its end.\n\n"));
  CHECK(out.str().find("same") == std::string::npos);
  CHECK(out.str().find("Verdict") == std::string::npos);
}

TEST_CASE("a folder that cannot be had is told before anything is run", "[compare]") {
  const test::Ended ended = test::run_program("compare '" + (kScenarios / "quickstart.toml").string() +
                                              "' --variant a --variant b:host.cpus=1 --out /proc/x");
  CHECK(ended.code == 2);
  CHECK(ended.out.empty());
  CHECK(ended.err == "error: --out /proc/x: No such file or directory\n");
}

TEST_CASE("compare shows the metrics that are asked for on the command line, and no others", "[compare]") {
  const std::string quickstart = (kScenarios / "quickstart.toml").string();
  const std::string two = "compare -q " + quickstart + " --variant a --variant b:host.cpus=1 ";
  const test::Ended one = test::run_program(two + "--metric client.player.cause.wakeup --verdict throughput");
  INFO(one.out);
  CHECK(one.code == app::kGood);
  CHECK(one.out.find("client.player.cause.wakeup ") != std::string::npos);
  CHECK(one.out.find("\ncause.") == std::string::npos);
  CHECK(one.out.find("client.player.jobs") == std::string::npos);
  CHECK(one.out.find("Verdict by throughput (higher is better): b against a: worse") != std::string::npos);
  CHECK(test::run_program(two + "--metric client.playr.cause.wakeup").err ==
        "--metric: error: the scenario has no client 'playr'; did you mean 'player'?\n");
  CHECK(test::run_program(two + "--metric 'client.*'").err ==
        "--metric: error: 'client.*' is no metric: each is named in full, such as latency_p99 and "
        "client.NAME.latency_p99; where none is chosen, all are shown\n");
  CHECK(test::run_program(two + "--metric client.player.latency").err ==
        "--metric: error: there is no metric 'client.player.latency'; did you mean 'client.player.latency_p50'?\n");
}

TEST_CASE("compare knows what comes with gpusim by its name, and says what a scenario lacks", "[compare]") {
  const test::Ended scenario = test::run_program("compare quickstart");
  CHECK(scenario.code == app::kBadInput);
  CHECK(scenario.err.find("this is a scenario; say with --variant what to compare") != std::string::npos);
  const test::Ended descriptor = test::run_program("compare balance");
  CHECK(descriptor.code == app::kBadInput);
  CHECK(descriptor.err.find("this is a descriptor; say with --variant what to compare") != std::string::npos);
}
