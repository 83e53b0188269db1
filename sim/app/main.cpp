// SPDX-License-Identifier: MIT
// The gpusim program: reads the command line, hands over to the commands.
#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <system_error>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "base/guarded_main.h"
#include "sim/app/check_command.h"
#include "sim/app/compare_command.h"
#include "sim/app/diff_command.h"
#include "sim/app/exit_code.h"
#include "sim/app/explore_command.h"
#include "sim/app/job_command.h"
#include "sim/app/log.h"
#include "sim/app/report_problems.h"
#include "sim/app/run_command.h"
#include "sim/app/why_command.h"

namespace {

constexpr const char* kDescription =
    "gpusim: a full-system GPU simulator for questions about GPU submission.\n"
    "It runs a scenario - clients, a submission component, a driver, a PCIe link, a GPU with firmware - in simulated "
    "time,\n"
    "bit for bit the same each time, and says where the time went.";

constexpr const char* kFooter =
    "Examples:\n"
    "  gpusim run configs/scenarios/quickstart.toml\n"
    "  gpusim run media_nn_1080p.wsim --set client.clones=2 --out results --trace text,perfetto\n"
    "  gpusim run quickstart.toml --set device.link.mmio_write_latency_ns=1300 --seed 7\n"
    "  gpusim compare configs/experiments/e1_bypass.toml --estimates\n"
    "  gpusim compare quickstart.toml --variant now --variant far:device.link.mmio_write_latency_us=2 --seeds 10\n"
    "  gpusim check configs/scenarios -j 2 --junit results.xml\n"
    "  gpusim diff quickstart.toml --set-b driver.ring_write_ns=110\n"
    "  gpusim job quickstart.toml 5\n"
    "  gpusim why quickstart.toml 5 --at 1.2ms\n"
    "  gpusim explore configs/explore/queues.toml --seeds 10000 -j 4\n"
    "  gpusim explain configs/scenarios/quickstart.toml | less\n\n"
    "Exit codes: 0 good, 1 check: not as expected; diff: not the same, 2 bad input, 3 a rule of the model is broken, 4 "
    "the model stalled, "
    "130 interrupted.";

/// CLI11 reads 010 as eight, and -1 as a very large number.
std::string read_whole_number(std::string& text) {
  const bool is_number =
      !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!is_number) return fmt::format("'{}' is no whole number", text);
  text.erase(0, std::min(text.find_first_not_of('0'), text.size() - 1));
  return {};
}

const CLI::Validator kWholeNumber{read_whole_number, "", "whole number"};

/// No option makes sense with an empty value.
void refuse_empty_values(CLI::App& command) {
  for (CLI::Option* option : command.get_options()) {
    if (option->get_items_expected_max() == 0) continue;  // a flag
    option->check([](const std::string& text) { return std::string{text.empty() ? "the value is empty" : ""}; });
  }
}

constexpr const char* kSet =
    "override a parameter: key.path=value (TOML value); may be repeated, of two for one key the last counts";
constexpr const char* kNoFolder = "traces go into the folder of --out, which is missing";

void add_scenario_options(CLI::App& command, gpusim::app::RunOptions& options) {
  command.add_option("scenario", options.scenario, "scenario file (.toml) or gem_wsim descriptor (.wsim)")->required();
  command.add_option("--set", options.sets, kSet)->type_name("KEY=VALUE")->expected(1)->take_all();
  command.add_option("--seed", options.seed, "seed of all random streams (default: the scenario's)")
      ->transform(kWholeNumber);
}

void add_compare_options(CLI::App& command, gpusim::app::CompareOptions& options) {
  command.add_option("experiment", options.file, "experiment file (.toml); with --variant a scenario")->required();
  command
      .add_option("--variant", options.variants,
                  "a variant of the scenario: NAME or NAME:KEY=VALUE,KEY=VALUE; the first is the baseline")
      ->type_name("NAME:KEY=VALUE,...")
      ->expected(1)
      ->take_all();
  command.add_option("--set", options.sets, "override a parameter in all variants; may be repeated, as of run")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->take_all();
  command.add_option("--seeds", options.seeds, "number of seeds (default: the experiment's, or 1)")
      ->transform(kWholeNumber)
      ->type_name("N");
  command.add_option("--seed", options.seed, "the first of them (default: the scenario's)")->transform(kWholeNumber);
  command.add_option("-j,--jobs", options.parallel, "processes for the runs (default: 1)")
      ->transform(kWholeNumber)
      ->check(CLI::Range(1, 256))
      ->type_name("P");
  command
      .add_option("--metric", options.metrics, "show this metric; may be repeated (default: the experiment's, or all)")
      ->expected(1)
      ->take_all();
  command.add_option("--verdict", options.verdict, "metric by which variants are judged; lower is better")
      ->type_name("METRIC");
  command.add_flag("--higher-is-better", options.higher_is_better, "of the metric of --verdict")->needs("--verdict");
  command.add_flag("--estimates", options.estimates,
                   "vary each parameter that is an estimate, and all of them, and say whether the verdict changes");
  command.add_flag("--markdown", options.markdown, "tables in Markdown");
  command.add_option("--out", options.out, "folder for compare.json")->type_name("DIR");
  command.add_flag("-q,--quiet", options.quiet, "no progress line");
}

/// Adds the command; its options are read into `options`.
CLI::App* add_check(CLI::App& app, gpusim::app::CheckOptions& options) {
  CLI::App* check = app.add_subcommand("check", "do scenarios give what their [expect] says? Exit code 1 if not");
  check->add_option("path", options.paths, "scenarios, descriptors (.wsim), or folders with scenarios in them")
      ->required();
  check->add_option("--set", options.sets, kSet)->type_name("KEY=VALUE")->expected(1)->take_all();
  check->add_option("-j,--jobs", options.parallel, "processes for the runs (default: 1)")
      ->transform(kWholeNumber)
      ->check(CLI::Range(1, 256))
      ->type_name("P");
  check->add_option("--junit", options.junit, "write the results as JUnit XML")->type_name("FILE");
  check->add_flag("--github", options.annotations,
                  "print annotations for GitHub, at the expectations that are not met");
  check->add_flag("-q,--quiet", options.quiet, "no progress line");
  return check;
}

/// Adds the command; its options are read into `options`.
CLI::App* add_explore(CLI::App& app, gpusim::app::ExploreOptions& options) {
  CLI::App* explore = app.add_subcommand("explore", "look for an interleaving or a fault that breaks a rule");
  explore->add_option("scenario", options.scenario, "scenario (.toml or .wsim) that ends by itself")->required();
  explore->add_option("--set", options.sets, kSet)->type_name("KEY=VALUE")->expected(1)->take_all();
  explore->add_option("--seeds", options.seeds, "how many seeds (default: 1000)")
      ->transform(kWholeNumber)
      ->type_name("N");
  explore->add_option("--first", options.first, "the first of them (default: 0)")
      ->transform(kWholeNumber)
      ->type_name("SEED");
  explore->add_option("-j,--jobs", options.workers, "processes for the seeds (default: 1)")
      ->transform(kWholeNumber)
      ->check(CLI::Range(1, 256));
  explore->add_flag("--keep-going", options.keep_going, "run all seeds; without it the first failure ends the search");
  CLI::Option* replay =
      explore->add_option("--replay", options.replay, "run one seed again")->transform(kWholeNumber)->type_name("SEED");
  explore->add_option("--schedule", options.schedule, "run a schedule again")->type_name("FILE")->excludes(replay);
  explore->add_option("--out", options.out, "folder for minimised schedules, and traces of a replay")->type_name("DIR");
  explore->add_option("--trace", options.traces, "of a replay, into --out: perfetto, text, events")
      ->delimiter(',')
      ->type_name("KIND");
  explore->add_flag("-q,--quiet", options.quiet, "no progress line");
  return explore;
}

/// What CLI11 cannot say of them; none if they make sense.
std::vector<gpusim::scenario::Problem> check(const gpusim::app::ExploreOptions& options) {
  constexpr std::uint64_t kMostSeeds = 1'000'000'000'000;  // less than what a negative number becomes
  if (options.seeds < 1 || options.seeds > kMostSeeds) {
    return {{{"--seeds"}, fmt::format("seeds must be in 1..{}", kMostSeeds), {}}};
  }
  if (options.seeds - 1 > ~std::uint64_t{0} - options.first) {
    return {{{"--seeds"}, "seeds end at 18446744073709551615", {}}};
  }
  if (options.traces.empty()) return {};
  if (!options.replay && options.schedule.empty()) {
    return {{{"--trace"}, "it is for one run, of --replay or --schedule", {}}};
  }
  if (options.out.empty()) return {{{"--trace"}, kNoFolder, {}}};
  return {};
}

std::vector<gpusim::scenario::Problem> check(const gpusim::app::RunOptions& options) {
  const bool traced = !options.traces.empty() || options.picoseconds;
  if (traced && options.out.empty()) return {{{"--trace"}, kNoFolder, {}}};
  const bool has_perfetto = options.traces.empty() ||
                            std::find(options.traces.begin(), options.traces.end(), "perfetto") != options.traces.end();
  if (options.picoseconds && !has_perfetto) {
    return {{{"--trace-picoseconds"}, "it is for Perfetto, and --trace does not name that", {}}};
  }
  return {};
}

int run_program(int argc, char** argv) {
  using namespace gpusim::app;
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);

  CLI::App app{kDescription, "gpusim"};
  app.footer(kFooter);
  app.set_version_flag("--version", "gpusim 0.1.0");
  app.require_subcommand(1);
  app.fallthrough();
  log::Options log_options;
  app.add_flag("-v,--verbose", log_options.verbosity, "say on stderr what is going on; -vv: in detail");
  app.add_option("--log-file", log_options.file, "write what could be said on stderr, all of it, into a file")
      ->type_name("FILE");

  RunOptions options;
  CLI::App* run = app.add_subcommand("run", "simulate a scenario and print a summary; write files only with --out");
  add_scenario_options(*run, options);
  run->add_option("--out", options.out, "folder for summary.json, resolved.toml and traces")->type_name("DIR");
  run->add_option("--trace", options.traces, "traces to write into --out: perfetto, text (default: perfetto)")
      ->delimiter(',')
      ->type_name("KIND");
  run->add_flag("--trace-picoseconds", options.picoseconds, "Perfetto: show one picosecond as one nanosecond");
  run->add_flag("--all", options.show_all, "a line in the summary for each client and engine, however many");
  run->add_flag("-q,--quiet", options.quiet, "no summary and no progress line");

  CompareOptions compare_options;
  CLI::App* compare =
      app.add_subcommand("compare", "variants of a scenario side by side, over seeds, with confidence intervals");
  add_compare_options(*compare, compare_options);
  CheckOptions check_options;
  CLI::App* check_them = add_check(app, check_options);
  DiffOptions diff_options;
  CLI::App* diff = add_diff(app, diff_options);
  JobChoice job_choice;
  CLI::App* job = add_job(app, job_choice);
  WhyOptions why_options;
  CLI::App* why = add_why(app, why_options);
  CLI::App* explain = app.add_subcommand("explain", "every parameter of a scenario: value, unit, origin, source tag");
  add_scenario_options(*explain, options);
  ExploreOptions explore_options;
  CLI::App* explore = add_explore(app, explore_options);
  CLI::App* schema = app.add_subcommand("schema", "JSON Schema of the scenario format");
  CLI::App* list = app.add_subcommand("list", "presets, scenarios and workloads that come with the program");

  for (CLI::App* command : {&app, run, compare, check_them, diff, job, why, explain, explore})
    refuse_empty_values(*command);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (const std::vector<std::string> rest = app.remaining(); app.get_subcommands().empty() && !rest.empty()) {
      log::error(fmt::format("there is no command '{}'; gpusim --help lists them", rest.front()));
      return kBadInput;
    }
    const int code = app.exit(error, std::cout, std::cerr);
    return code == 0 ? kGood : kBadInput;
  }
  if (const std::string failed = log::open(log_options); !failed.empty()) {
    log::error("--log-file " + failed);
    return kBadInput;
  }
  const auto execute = [&] {
    if (run->parsed()) {
      if (const auto problems = check(options); !problems.empty()) return report_problems(problems);
      if (run->count("--trace") == 0) options.traces = {"perfetto"};
      return run_command(options);
    }
    if (explore->parsed()) {
      if (const auto problems = check(explore_options); !problems.empty()) return report_problems(problems);
      return explore_command(explore_options);
    }
    if (check_them->parsed()) return check_command(check_options);
    if (diff->parsed()) return diff_command(diff_options);
    if (job->parsed()) return job_command(job_choice);
    if (why->parsed()) return why_command(why_options);
    if (compare->parsed()) return compare_command(compare_options);
    if (explain->parsed()) return explain_command(options);
    if (schema->parsed()) return schema_command();
    if (list->parsed()) return list_command();
    return static_cast<int>(kBadInput);
  };
  int code = kBadInput;
  errno = 0;
  try {
    code = execute();
  } catch (const std::system_error& error) {
    log::error(error.what());
  } catch (const std::exception& error) {
    log::error(fmt::format("the simulator is broken: {}", error.what()));
    code = kInvariantBroken;
  }
  std::cout.flush();
  if (!std::cout) {  // a full disk, say
    log::error("standard output: " + (errno == 0 ? "cannot be written" : std::generic_category().message(errno)));
    code = kBadInput;
  }
  if (const std::string failed = log::close(); !failed.empty()) {
    log::error("--log-file " + failed);
    return kBadInput;
  }
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  return gpusim::guarded_main("error: the simulator is broken", gpusim::app::kInvariantBroken, run_program, argc, argv);
}
