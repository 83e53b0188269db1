// SPDX-License-Identifier: MIT
#include "tests/support/machine/random_trial.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <sstream>
#include <utility>

#include <fmt/core.h>

#include "base/hash.h"
#include "base/invariant.h"
#include "sim/scenario/loader.h"
#include "sim/scenario/parameter_table.h"
#include "sim/system/explorer.h"
#include "sim/system/simulation.h"
#include "tests/support/machine/random_scenario.h"

namespace gpusim::test {

namespace {

using scenario::Parameter;
using scenario::Type;

// What an exploration disturbs may take a few dozen steps more.
constexpr Picoseconds kLongestStep = ms(100);

// Entries of the Timeline that a run may take; the poll comes every 65,536 of them.
constexpr std::uint32_t kMostPolls = 5;

struct Run {
  trace::Outcome outcome = trace::Outcome::finished;
  std::uint64_t hash = 0;
  std::string stall;
  SimTime end{};
  std::uint32_t polls = 0;
  bool stands_still = false;
  bool lost_client = false;  // killed, or it gave up: what it would have signalled never comes
};

Run run_once(const scenario::ScenarioSpec& spec, const system::MachineOptions& options) {
  Run run;
  SimTime last{};
  system::Simulation simulation{spec, options};
  const system::RunResult result = simulation.run([&](SimTime now) {
    run.stands_still = run.polls > 0 && now == last;
    last = now;
    return ++run.polls >= kMostPolls || run.stands_still;
  });
  run.outcome = result.outcome;
  run.hash = simulation.recorder().hash();
  run.stall = result.stall_report;
  run.end = result.end;
  const auto& ends = simulation.statistics().early_ends();
  run.lost_client =
      !simulation.statistics().kills().empty() ||
      std::any_of(ends.begin(), ends.end(), [](const trace::EarlyEnd& end) { return end.error != Errno::ok; });
  return run;
}

// A machine from which something is taken and nothing brings it back: a stall is what should be said of it.
bool may_stall(const scenario::ScenarioSpec& spec) { return timeout_of(spec).count() == 0; }
// A lost interrupt that no timeout looks for: the timer is armed for ever.
bool may_wait_for_ever(const scenario::ScenarioSpec& spec) {
  const drv::DriverSpec& driver = spec.driver;
  return driver.rings == drv::Rings::own && !driver.timeout_reads_seqno &&
         driver.timeout_clock == drv::TimeoutClock::on_engine && !driver.timeout_stuck;
}
bool may_end_so(const system::ExploredRun& run, const scenario::ScenarioSpec& spec) {
  return (run.oracle == "stall" && may_stall(spec)) || (run.oracle == "drain" && may_wait_for_ever(spec));
}

Trial finding(std::string kind, std::string what) { return {Trial::Result::finding, std::move(kind), std::move(what)}; }

Picoseconds longest_step(scenario::ScenarioSpec spec) {
  std::int64_t longest = 0;
  for (const Parameter& parameter : scenario::parameters().subspan(1)) {
    if (parameter.type != Type::duration && parameter.type != Type::latency) continue;
    if (parameter.fetch == nullptr || parameter.section() == "stop" || parameter.path.ends_with("timeout")) continue;
    if (parameter.section() == "fault") continue;
    const scenario::Value value = parameter.fetch({&spec, nullptr});
    longest = std::max(longest, value.quantiles.empty() ? value.number : value.quantiles.back().value.count());
  }
  return Picoseconds{longest};
}

std::optional<Trial> explore(const scenario::ScenarioSpec& spec) {
  const system::Explorer explorer{spec, kMostPolls * system::Machine::kPollEvery};
  if (explorer.undisturbed().gave_up) return std::nullopt;
  if (!explorer.undisturbed().survived()) {
    return finding("explored, undisturbed: " + explorer.undisturbed().oracle, explorer.undisturbed().text);
  }
  for (std::uint64_t seed = 0; seed < 2; ++seed) {
    const system::ExploredRun run = explorer.run_seed(seed);
    if (run.oracle.empty() || may_end_so(run, spec)) continue;
    return finding("explored: " + run.oracle, fmt::format("seed {}: {}", seed, run.text));
  }
  return std::nullopt;
}

Trial try_spec(const scenario::LoadResult& loaded) {
  const scenario::ScenarioSpec& spec = *loaded.spec;
  const Run first = run_once(spec, {});
  if (first.stands_still) return finding("time stands still", format_duration(first.end.time_since_epoch()));
  if (first.outcome == trace::Outcome::interrupted) return {Trial::Result::unfinished, {}, {}};
  const bool may_wait = first.lost_client && !spec.share.timelines.empty();
  if (first.outcome == trace::Outcome::stalled && !may_stall(spec) && !may_wait) return finding("stall", first.stall);
  system::MachineOptions other;
  other.construction_order = 2;
  other.look_ahead = false;
  other.check_transactions = true;
  std::ostringstream resolved;
  scenario::write_resolved_toml(resolved, loaded.resolved);
  const scenario::LoadResult again = scenario::load_scenario_text(resolved.str(), "resolved.toml");
  if (!again.ok()) return finding("resolved scenario is refused", again.problems.front().to_string());
  const Run second = run_once(*again.spec, other);
  if (second.hash != first.hash) {
    return finding("another trace", fmt::format("{} and {}", hash_text(first.hash), hash_text(second.hash)));
  }
  const bool is_short = first.polls <= 1 && longest_step(spec) < kLongestStep;
  if (!is_short || spec.stop_after || first.outcome != trace::Outcome::finished) return {};
  return explore(spec).value_or(Trial{});
}

}  // namespace

Trial try_scenario(const std::vector<std::string>& lines) {
  const scenario::LoadResult loaded = scenario::load_scenario_text(text_of(lines), "random.toml");
  if (!loaded.ok()) return {Trial::Result::refused, {}, loaded.problems.front().to_string()};
  try {
    return try_spec(loaded);
  } catch (const InvariantViolation& violation) {
    const std::string text = violation.what();
    return finding(text.substr(0, text.find(':')), text);
  } catch (const std::exception& failure) {
    return finding("exception", failure.what());
  }
}

std::vector<std::string> smallest(std::vector<std::string> lines, const std::string& kind) {
  const auto still = [&](const std::vector<std::string>& fewer) {
    const Trial trial = try_scenario(fewer);
    return trial.result == Trial::Result::finding && trial.kind == kind;
  };
  for (bool shrinks = true; shrinks;) {
    shrinks = false;
    for (std::size_t i = lines.size(); i-- > 0;) {
      std::vector<std::string> fewer = lines;
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
      if (!still(fewer)) continue;
      lines = std::move(fewer);
      shrinks = true;
    }
  }
  return lines;
}

}  // namespace gpusim::test
