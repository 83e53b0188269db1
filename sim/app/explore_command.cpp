// SPDX-License-Identifier: MIT
#include "sim/app/explore_command.h"

#include <algorithm>
#include <iostream>
#include <map>
#include <memory>
#include <optional>

#include <fmt/core.h>

#include "base/closest.h"
#include "base/hash.h"
#include "sim/app/exit_code.h"
#include "sim/app/explore_json.h"
#include "sim/app/log.h"
#include "sim/app/output_folder.h"
#include "sim/app/progress.h"
#include "sim/app/report_problems.h"
#include "sim/app/schedule_file.h"
#include "sim/app/terminal_line.h"
#include "sim/app/trace_files.h"
#include "sim/experiment/process_pool.h"
#include "sim/fault/explored.h"
#include "sim/scenario/loader.h"
#include "sim/system/explorer.h"
#include "sim/system/simulation.h"

namespace gpusim::app {
namespace {

constexpr std::size_t kMostFailuresListed = 20;
constexpr const char* kGaveUp = "gave up";  // of a seed, in place of its oracle
constexpr const char* kCrash = "crash";     // the same

using Notices = std::vector<std::string>;

/// "gpusim explore FILE --set ...": the start of a command that runs the same scenario again.
std::string command(const ExploreOptions& options) {
  std::string text = "gpusim explore " + options.scenario;
  for (const std::string& set : options.sets) text += fmt::format(" --set '{}'", set);
  return text;
}

void print_run(const system::ExploredRun& run) {
  if (run.gave_up) {
    std::cout << "given up after " << system::Explorer::kMostSteps << " steps, at "
              << format_duration(run.end.time_since_epoch()) << '\n';
  } else if (run.survived()) {
    std::cout << "survived; ends at " << format_duration(run.end.time_since_epoch()) << '\n';
  } else {
    std::cout << "oracle: " << run.oracle << '\n' << run.text << (run.text.ends_with('\n') ? "" : "\n");
  }
  std::cout << "choices: " << run.schedule.size() << "\ntrace hash: " << hash_text(run.trace_hash) << '\n';
}

/// Choices of a schedule that no place asked for: a name that does not exist, or a count that never came.
[[nodiscard]] Schedule unused(const Schedule& given, const Schedule& made) {
  Schedule result;
  for (const Choice& choice : given) {
    const bool is_used = std::any_of(made.begin(), made.end(), [&](const Choice& other) {
      return other.kind == choice.kind && other.place == choice.place && other.instance == choice.instance &&
             other.count == choice.count;
    });
    if (!is_used) result.push_back(choice);
  }
  return result;
}

/// Why a choice had no effect.
std::string why_unused(const Choice& choice, const system::ExploredRun& run) {
  if (run.asked.contains(choice.place)) return to_text(choice) + " had no effect: it never came to that choice";
  std::vector<std::string_view> places{run.asked.begin(), run.asked.end()};
  for (const fault::ExploredFault& fault : fault::kExploredFaults) places.emplace_back(fault.place.name());
  const std::string near = closest(choice.place, places);
  return fmt::format("{} had no effect: no place '{}' asked in this run{}", to_text(choice), choice.place,
                     near.empty() ? "" : fmt::format("; did you mean '{}'?", near));
}

/// A run that survives without a choice of its schedule was not the run that was asked for: the name of the place may
/// be misspelt. If an oracle spoke, later choices had no chance to come.
int print_and_judge(const ExploreOptions& options, Notices notices, const system::ExploredRun& run,
                    const Schedule& without_effect) {
  if (run.survived() && !without_effect.empty()) {
    for (const Choice& choice : without_effect) log::error(why_unused(choice, run));
    return kBadInput;
  }
  if (is_data(options.page)) {
    for (const Choice& choice : without_effect) notices.push_back(why_unused(choice, run));
    write_explored_run_json(std::cout, options.scenario, notices, run);
  } else {
    print_run(run);
    for (const Choice& choice : without_effect) std::cout << "note: " << why_unused(choice, run) << '\n';
  }
  return run.oracle.empty() ? kGood : kInvariantBroken;
}

int close_folder(OutputFolder* folder, int code) {
  const std::string failed = folder == nullptr ? std::string{} : folder->close();
  if (failed.empty()) return code;
  log::error(failed);
  return folder->exit_code();
}

/// --replay and --schedule: one run, with traces.
int replay(const ExploreOptions& options, const scenario::ScenarioSpec& spec, OutputFolder* folder) {
  Schedule schedule;
  if (!options.schedule.empty()) {
    const auto problems = read_schedule(options.schedule, schedule);
    if (!problems.empty()) return report_problems(problems);
  }
  const system::Explorer explorer{spec};
  const std::string name = options.replay ? std::to_string(*options.replay) : options.schedule;
  std::optional<TraceFiles> traces;
  const auto prepare = [&](system::Simulation& simulation) {
    if (folder != nullptr)
      traces.emplace(*folder, simulation, spec, options.traces, TraceFilesOptions{.schedule = name});
  };
  const auto finish = [&](SimTime end) {
    if (traces) traces->finish(end);
  };
  const system::ExploredRun run = options.replay ? explorer.run_seed(*options.replay, prepare, finish)
                                                 : explorer.run_schedule(schedule, prepare, finish);
  const int code = print_and_judge(options, spec.notices, run, unused(schedule, run.schedule));
  if (folder != nullptr) write_schedule(folder->open("schedule.txt"), options.scenario, run);
  return close_folder(folder, code);
}

/// Runs it again, and minimises what it chose.
[[nodiscard]] ExplainedSeed explained(const ExploreOptions& options, const scenario::ScenarioSpec& spec,
                                      const SeedFailure& failure, OutputFolder* folder) {
  ExplainedSeed result{.failure = failure,
                       .replay = fmt::format("{} --replay {}", command(options), failure.seed),
                       .small = std::nullopt};
  if (failure.oracle == kCrash) return result;
  const system::Explorer explorer{spec};
  const system::ExploredRun found = explorer.run_seed(failure.seed);
  result.choices = found.schedule.size();
  result.trace_hash = found.trace_hash;
  result.small = explorer.minimise(found);
  if (folder == nullptr) return result;
  const std::string name = fmt::format("seed-{}.schedule", failure.seed);
  write_schedule(folder->open(name), options.scenario, result.small->run);
  result.schedule_file = options.out + '/' + name;
  return result;
}

/// The oracle, the minimised schedule, how to replay it.
void print_explained(const ExploreOptions& options, const ExplainedSeed& one) {
  std::cout << "\nseed " << one.failure.seed << " fails: " << one.failure.oracle << '\n';
  if (!one.small) {
    std::cout << "the program itself dies of this seed\nreplay: " << one.replay << '\n';
    return;
  }
  const system::ExploredRun& small = one.small->run;
  std::cout << small.text << (small.text.ends_with('\n') ? "" : "\n");
  std::cout << "schedule: " << small.schedule.size() << " of " << one.choices << " choices left after "
            << one.small->tries << " tries\n";
  for (const Choice& choice : small.schedule) std::cout << "  " << to_text(choice) << '\n';
  std::cout << "replay: " << one.replay << " --trace text,perfetto --out DIR\n  trace hash "
            << hash_text(one.trace_hash) << '\n';
  if (one.schedule_file.empty()) return;
  std::cout << "the small one: " << command(options) << " --schedule " << one.schedule_file
            << " --trace text,perfetto --out DIR\n  trace hash " << hash_text(small.trace_hash) << '\n';
}

[[nodiscard]] Search search_of(const ExploreOptions& options, const Notices& notices,
                               const experiment::PoolReport& seeds) {
  Search search{.scenario = options.scenario,
                .notices = notices,
                .first = options.first,
                .seeds = options.seeds,
                .done = seeds.done,
                .interrupted = seeds.interrupted,
                .failures = {}};
  for (const experiment::PieceResult& result : seeds.results) {
    if (result.text == kGaveUp) {
      ++search.given_up;
    } else {
      search.failures.push_back({options.first + result.index, result.died ? std::string{kCrash} : result.text});
    }
  }
  return search;
}

/// How many seeds, and what became of them.
void print_search(const ExploreOptions& options, const Search& search) {
  std::cout << "explored " << search.scenario << ": seeds " << search.first << ".." << search.first + search.seeds - 1;
  if (search.interrupted) std::cout << ", interrupted after " << search.done << " of " << search.seeds;
  if (search.given_up > 0) {
    std::cout << fmt::format("; {} of {} runs given up after {} steps", search.given_up, search.done,
                             system::Explorer::kMostSteps);
  }
  const std::vector<SeedFailure>& failures = search.failures;
  if (failures.empty()) {
    if (search.interrupted) {
      std::cout << "; none of them failed\n";
    } else if (search.given_up < search.done) {
      std::cout << (search.given_up > 0 ? "; all others survived\n" : "; all survived\n");
    } else {
      std::cout << '\n';
    }
    return;
  }
  if (!options.keep_going) {
    std::cout << "; stopped at the first failure\n";
    return;
  }
  std::cout << "; " << failures.size() << " failed\n";
  for (std::size_t i = 0; i < std::min(failures.size(), kMostFailuresListed); ++i) {
    std::cout << "  seed " << failures[i].seed << ": " << failures[i].oracle << '\n';
  }
  if (failures.size() > kMostFailuresListed) {
    std::cout << "  and " << failures.size() - kMostFailuresListed << " more\n";
  }
}

/// Of each oracle the first, in the order of the seeds.
[[nodiscard]] std::vector<SeedFailure> first_of_each_oracle(const std::vector<SeedFailure>& failures) {
  std::map<std::string, SeedFailure> first_of;
  for (const SeedFailure& failure : failures) first_of.emplace(failure.oracle, failure);
  std::vector<SeedFailure> firsts;
  firsts.reserve(first_of.size());
  for (const auto& [oracle, failure] : first_of) firsts.push_back(failure);
  std::sort(firsts.begin(), firsts.end(), [](const SeedFailure& a, const SeedFailure& b) { return a.seed < b.seed; });
  return firsts;
}

int report(const ExploreOptions& options, const scenario::ScenarioSpec& spec, const experiment::PoolReport& seeds,
           OutputFolder* folder) {
  const Search search = search_of(options, spec.notices, seeds);
  const bool is_text = !is_data(options.page);
  if (is_text) print_search(options, search);
  std::vector<ExplainedSeed> all;
  for (const SeedFailure& failure : first_of_each_oracle(search.failures)) {
    all.push_back(explained(options, spec, failure, folder));
    if (is_text) print_explained(options, all.back());  // at once: the next one may take its time
  }
  if (!is_text) write_search_json(std::cout, search, all);
  if (search.interrupted) return kInterrupted;
  return search.failures.empty() ? kGood : kInvariantBroken;
}

int explore(const ExploreOptions& options, const scenario::ScenarioSpec& spec, OutputFolder* folder) {
  TerminalLine line{!options.quiet};
  log::info(fmt::format("seeds: {} from {} on, processes: {}", options.seeds, options.first, options.workers));
  const std::int64_t started = wall_ns();
  const auto speed = [&](std::uint64_t done) {
    const auto elapsed_ms = static_cast<std::uint64_t>((wall_ns() - started) / 1'000'000 + 1);
    return fmt::format("{} of {} seeds, {} a second", done, options.seeds, done * 1'000 / elapsed_ms);
  };
  experiment::PoolOptions pool;
  pool.pieces = options.seeds;
  pool.processes = options.workers;
  pool.first_only = !options.keep_going;
  pool.remark = kGaveUp;
  if (line.is_visible()) pool.progress = [&](std::uint64_t done) { line.show(speed(done)); };
  const experiment::PoolReport seeds = experiment::run_in_processes(pool, [&]() -> experiment::PieceWork {
    auto explorer = std::make_shared<system::Explorer>(spec);
    return [explorer, first = options.first](std::uint64_t index) {
      const system::ExploredRun run = explorer->run_seed(first + index);
      return run.gave_up ? std::string{kGaveUp} : run.oracle;
    };
  });
  line.clear();
  log::info(speed(seeds.done));
  return close_folder(folder, report(options, spec, seeds, folder));
}

}  // namespace

int explore_command(const ExploreOptions& options) {
  scenario::LoadOptions load_options;
  load_options.sets = options.sets;
  load_options.for_exploration = true;
  const scenario::LoadResult loaded = scenario::load_file(options.scenario, load_options);
  if (!loaded.ok()) return report_problems(loaded.problems, {options.sets});
  if (loaded.spec->stop_after) {
    return report_problems(
        {{{options.scenario}, "an exploration wants a scenario that ends by itself; this one has a stop rule", {}}});
  }
  std::unique_ptr<OutputFolder> folder;
  if (!options.out.empty()) {
    folder = std::make_unique<OutputFolder>(options.out, std::vector{options.scenario, options.schedule});
    if (!folder->error().empty()) {
      log::error("--out " + folder->error());
      return folder->exit_code();
    }
  }
  if (!is_data(options.page)) {
    for (const std::string& notice : loaded.spec->notices) std::cout << "note: " << notice << '\n';
  }
  const bool single = options.replay || !options.schedule.empty();
  return single ? replay(options, *loaded.spec, folder.get()) : explore(options, *loaded.spec, folder.get());
}

}  // namespace gpusim::app
