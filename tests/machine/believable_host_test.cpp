// SPDX-License-Identifier: MIT
// No figure hangs on how two constants line up: small changes of a latency or of the load move results a little, and
// turn no verdict round.
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/experiment/comparison.h"
#include "sim/experiment/measurement.h"
#include "sim/scenario/loader.h"
#include "tests/support/catch.h"

using namespace gpusim;
using namespace gpusim::experiment;

namespace {

const std::filesystem::path kRoot = GPUSIM_SOURCE_DIR;
constexpr std::uint32_t kSeeds = 4;

using Metrics = std::map<std::string, std::int64_t>;

/// The mean over some seeds, in ns.
Metrics means(std::vector<std::string> sets, const std::vector<const char*>& metrics, std::uint32_t seeds) {
  Metrics sum;
  for (std::uint32_t seed = 1; seed <= seeds; ++seed) {
    scenario::LoadOptions options;
    options.sets = sets;
    options.seed = seed;
    const auto loaded = scenario::load_scenario(kRoot / "configs/experiments/scenarios/submit.toml", options);
    REQUIRE(loaded.ok());
    const Measurement run = measure(*loaded.spec);
    for (const char* metric : metrics) sum[metric] += run.find(metric).value() / 1'000;
  }
  for (auto& [metric, value] : sum) value /= seeds;
  return sum;
}

/// By metric, in ns: how much sooner the device hears of a job that its caller runs itself, over kSeeds seeds.
Metrics gains(std::vector<std::string> sets) {
  const std::vector<const char*> metrics{"ioctl_to_doorbell_mean", "ioctl_to_doorbell_p50"};
  sets.emplace_back("scheduler.bypass=false");
  Metrics gain = means(sets, metrics, kSeeds);
  sets.back() = "scheduler.bypass=true";
  for (const auto& [metric, value] : means(sets, metrics, kSeeds)) gain[metric] -= value;
  return gain;
}

/// 1.0 to 3.0 us in steps of 0.1, then to 20 us in steps of 1; in ns.
std::vector<std::int64_t> wake_ups() {
  std::vector<std::int64_t> all;
  for (std::int64_t wake = 1'000; wake < 3'000; wake += 100) all.push_back(wake);
  for (std::int64_t wake = 3'000; wake <= 20'000; wake += 1'000) all.push_back(wake);
  return all;
}

}  // namespace

TEST_CASE("the gain of the bypass is the worker's wake-up and its pass, for a client that thinks between jobs",
          "[believable]") {
  for (const std::int64_t wake : wake_ups()) {
    auto gain = gains({"host.worker_wake_ns=" + std::to_string(wake)});
    CAPTURE(wake, gain["ioctl_to_doorbell_p50"], gain["ioctl_to_doorbell_mean"]);
    // The worker is asleep when the job comes, so all of its wake-up is saved. Its pass costs about what the bypass's
    // own look at the queue does, and it comes back to a CPU that nobody else used: no switch.
    const std::int64_t expected = wake + 90;
    CHECK(std::abs(gain["ioctl_to_doorbell_p50"] - expected) <= 100);
    CHECK(std::abs(gain["ioctl_to_doorbell_mean"] - expected) <= 100);
  }
}

TEST_CASE("a job's whole life is longer by what a worker's wake-up is, and never shorter", "[believable]") {
  // One wake-up of a worker stands between the ioctl and the waiter: the one that runs the job. Client, worker and
  // interrupt keep to their CPUs, whatever comes first.
  for (const char* component : {"drm_sched", "drm_dep"}) {
    std::optional<Metrics> first;
    for (const std::int64_t wake : wake_ups()) {
      const Metrics now =
          means({std::string{"scheduler.component="} + component, "host.worker_wake_ns=" + std::to_string(wake)},
                {"latency_mean", "latency_p50"}, 2);
      if (!first) first = now;
      for (const auto& [metric, value] : now) {
        CAPTURE(component, wake, metric, value, first->at(metric));
        CHECK(std::abs(value - first->at(metric) - (wake - 1'000)) <= 100);
      }
    }
  }
}

TEST_CASE(
    "neither the gain of the bypass nor a job's life has a saw-tooth for a client that submits as soon as it is "
    "woken",
    "[believable]") {
  const std::vector<const char*> metrics{"ioctl_to_doorbell_mean", "ioctl_to_doorbell_p50", "latency_mean"};
  const auto measured = [&](const char* set, std::int64_t wake) {
    return means({"client.app.wait_us=0", set, "host.worker_wake_ns=" + std::to_string(wake)}, metrics, kSeeds);
  };
  Metrics life_before;
  std::int64_t gain_before = 0;
  std::int64_t wake_before = 0;
  for (const std::int64_t wake : wake_ups()) {
    Metrics bypass = measured("scheduler.bypass=true", wake);
    std::map<std::string, Metrics> worker{{"drm_dep", measured("scheduler.component=drm_dep", wake)},
                                          {"drm_sched", measured("scheduler.component=drm_sched", wake)}};
    const auto gain = [&](const char* metric) { return worker["drm_dep"][metric] - bypass[metric]; };
    const std::int64_t mean = gain("ioctl_to_doorbell_mean");
    CAPTURE(wake, mean, gain_before, gain("ioctl_to_doorbell_p50"));
    // Without the bypass a job waits for the worker's whole wake-up, or for the rest of one that the put of the job
    // before has begun. How often which depends on two drawn latencies, so the mean moves little by little. The median
    // is on one side or on the other, and moves more; but the gain never vanishes.
    CHECK(mean <= wake + 190);
    CHECK(mean >= wake * 60 / 100);
    CHECK(gain("ioctl_to_doorbell_p50") >= wake * 50 / 100);
    for (const char* component : {"drm_dep", "drm_sched"}) {
      const std::int64_t life = worker[component]["latency_mean"];
      std::int64_t& before = life_before[component];
      CAPTURE(component, life, before);
      if (wake_before != 0) CHECK((life - before > -50 && life - before < wake - wake_before + 100));
      before = life;
    }
    if (wake_before != 0) CHECK((mean - gain_before > -50 && mean - gain_before < wake - wake_before + 100));
    gain_before = mean;
    wake_before = wake;
  }
}

TEST_CASE("nor does it have one over the client's wake-up", "[believable]") {
  std::int64_t before = 0;
  for (std::int64_t wake = 3; wake <= 10; ++wake) {
    auto gain = gains({"client.app.wait_us=0", "host.task_wake_us=" + std::to_string(wake)});
    const std::int64_t mean = gain["ioctl_to_doorbell_mean"];
    CAPTURE(wake, mean, before);
    if (wake > 3) CHECK(std::abs(mean - before) < 1'000);
    before = mean;
  }
}

TEST_CASE("one background thread more or less, or a little more to do for each, turns no verdict round",
          "[believable]") {
  Experiment experiment;
  experiment.name = "load";
  experiment.scenario = kRoot / "tests/machine/loaded_host.toml";
  experiment.seeds = 20;  // with five, two of eight differences leave zero out by chance, one to each side
  experiment.variants = {{"sched", {}, {{"scheduler.component=drm_sched", {}}}}, {"dep", {}, {}}};
  experiment.sweeps = {{"threads", {{"host.background.threads", {}}}, {{"6", {}}, {"7", {}}, {"8", {}}, {"9", {}}}, {}},
                       {"busy", {{"host.background.busy_us", {}}}, {{"480", {}}, {"500", {}}, {"520", {}}}, {}}};
  std::vector<scenario::Problem> problems;
  const auto comparison = compare(experiment, {}, problems);
  REQUIRE(problems.empty());
  for (const char* metric : {"ioctl_to_doorbell_p50", "ioctl_to_doorbell_mean", "latency_p50"}) {
    const Verdict verdict{{metric, {}}, true};
    std::size_t better = 0;
    std::size_t worse = 0;
    for (const auto& table : comparison->tables) {
      for (const auto& condition : table.conditions) {
        const Judgement judgement = judge(verdict, condition.cells.at(1), condition.cells.at(0));
        better += judgement == Judgement::better ? 1U : 0U;
        worse += judgement == Judgement::worse ? 1U : 0U;
      }
    }
    CAPTURE(metric, better, worse);
    CHECK((better == 0 || worse == 0));
  }
}

TEST_CASE("each level of load waits longer for the CPU than the one below", "[believable]") {
  std::int64_t before = 0;
  for (const char* level : {"idle", "light", "loaded", "heavy"}) {
    scenario::LoadOptions options;
    options.sets = {std::string{"use.host=\""} + level + "\""};
    auto loaded = scenario::load_scenario(kRoot / "configs/experiments/scenarios/one_to_one.toml", options);
    REQUIRE(loaded.ok());
    // Of one seed the mean hangs on a few long waits. Over 128 it is 6.95 and 7.05 us idle and light, with a difference
    // of 0.09 +- 0.06 us of runs of one seed, 9.1 +- 0.2 us loaded and 14 +- 1 us heavy.
    constexpr std::int64_t kManySeeds = 128;
    std::int64_t mean = 0;
    for (std::int64_t seed = 1; seed <= kManySeeds; ++seed) {
      loaded.spec->seed = static_cast<std::uint64_t>(seed);
      mean += measure(*loaded.spec).find("ioctl_to_doorbell_mean").value() / kManySeeds;
    }
    CAPTURE(level, mean, before);
    CHECK(mean > before);
    before = mean;
  }
}
