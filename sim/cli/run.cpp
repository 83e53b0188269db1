// SPDX-License-Identifier: MIT
// The commands for one scenario.
#include "sim/app/run_command.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "sim/app/list_command.h"
#include "sim/app/report_problems.h"
#include "sim/cli/commands.h"
#include "sim/cli/options.h"
#include "sim/cli/page.h"

namespace gpusim::cli {

namespace {

std::string read_tags(const std::string& text) {
  const std::size_t bad = text.find_first_not_of("SDMWCEOU");
  return bad == std::string::npos ? "" : fmt::format("'{}' is no tag: S D M W C E O U", text[bad]);
}

template <class Options>
void add_scenario_options(CLI::App& command, Options& options) {
  command
      .add_option("scenario", options.scenario,
                  "scenario file (.toml), gem_wsim descriptor (.wsim), one of `gpusim list`, or - for stdin")
      ->required();
  add_set(command, options.sets);
  command.add_option("--seed", options.seed, "seed of all random streams (default: the scenario's)")
      ->transform(whole_number());
}

/// What CLI11 cannot say of them; none if they make sense.
std::vector<scenario::Problem> check(const app::RunOptions& options) {
  const bool chooses_vcd = !options.vcd.signals.empty() || !options.vcd.window.empty();
  const bool traced = !options.traces.empty() || options.picoseconds || chooses_vcd;
  if (traced && options.out.empty()) return {{{"--trace"}, kNoFolder, {}}};
  const auto names = [&](const char* kind) {
    return std::find(options.traces.begin(), options.traces.end(), kind) != options.traces.end();
  };
  if (options.picoseconds && !options.traces.empty() && !names("perfetto")) {
    return {{{"--trace-picoseconds"}, "it is for Perfetto, and --trace does not name that", {}}};
  }
  if (chooses_vcd && !names("vcd")) {
    const char* option = options.vcd.signals.empty() ? "--vcd-window" : "--vcd-signals";
    return {{{option}, "it is for vcd, and --trace does not name that", {}}};
  }
  return {};
}

int with_scenario(std::string& name, const std::function<int()>& execute) {
  return with_inputs({&name}, {"scenarios", "workloads", "explore", "kunit", "reports", "experiments"}, execute);
}

}  // namespace

Command add_run(CLI::App& program) {
  const auto options = std::make_shared<app::RunOptions>();
  CLI::App* run = program.add_subcommand("run", "simulate a scenario and print a summary; write files only with --out");
  add_scenario_options(*run, *options);
  run->add_option("--out", options->out, "folder for summary.json, resolved.toml and traces")->type_name("DIR");
  add_trace(*run, options->traces, "traces to write into --out: perfetto, text, events, vcd (default: perfetto)");
  run->add_flag("--trace-picoseconds", options->picoseconds, "Perfetto: show one picosecond as one nanosecond");
  run->add_option("--vcd-signals", options->vcd.signals,
                  "of --trace vcd: signals, or scopes of them, such as engine.rcs0,firmware.busy (default: all)")
      ->delimiter(',')
      ->type_name("SIGNAL");
  run->add_option("--vcd-window", options->vcd.window,
                  "of --trace vcd: only from one moment up to another, such as 1ms..2.5ms or 1ms.. (default: all)")
      ->type_name("FROM..TO");
  run->add_flag(
      "--all", options->show_all,
      "a line in the summary for each client and engine, however many; causes of each, a histogram, more jobs");
  run->add_option(
         "--histogram", options->histograms,
         "show how often which values occurred: latency, client.NAME.latency, frame_latency, ioctl_to_doorbell, "
         "ioctl_time, ready_to_run, residency, close_time, hang_detection; may be repeated")
      ->type_name("METRIC")
      ->expected(1)
      ->take_all();
  add_page(*run, options->page);
  run->add_flag("--timing", options->timing, "say on stderr how long the simulation took");
  run->add_option("--gdb", options->gdb,
                  "wait for GDB to debug the firmware, on 127.0.0.1; 0: on a port that is free, said on stderr")
      ->transform(whole_number())
      ->check(CLI::Range(0, 65'535))
      ->type_name("PORT");
  run->add_flag("-q,--quiet", options->quiet, "no summary and no progress line");
  run->footer(
      "Examples:\n"
      "  gpusim run quickstart\n"
      "  gpusim run quickstart --set use.device=xe_guc --seed 7\n"
      "  gpusim run quickstart --out results --trace text,perfetto\n"
      "  gpusim run quickstart --out results --trace vcd --vcd-signals engine,firmware --vcd-window 1ms..2ms\n"
      "  gpusim run balance.wsim --set client.balance.clones=2");
  return {run, [options] {
            if (const auto problems = check(*options); !problems.empty()) return app::report_problems(problems);
            if (options->traces.empty()) options->traces = {"perfetto"};
            options->typed = options->scenario;
            return with_scenario(options->scenario, [&] { return app::run_command(*options); });
          }};
}

Command add_explain(CLI::App& program) {
  const auto options = std::make_shared<app::ExplainOptions>();
  CLI::App* explain =
      program.add_subcommand("explain", "every parameter of a scenario: value, unit, origin, source tag");
  add_scenario_options(*explain, *options);
  CLI::Option* tags =
      explain->add_option("--tag", options->tags, "only parameters with one of these tags: E estimates, EO ...");
  tags->check(read_tags)->type_name("TAGS");
  CLI::Option* changed =
      explain->add_flag("--changed", options->only_changed, "only what a file or an option gives: no defaults");
  explain
      ->add_flag("--firmware-times", options->firmware_times,
                 "run it on the rv32 core, and print the service times of the firmware that its table needs")
      ->excludes(tags)
      ->excludes(changed);
  add_page(*explain, options->page);
  explain->footer(
      "Examples:\n"
      "  gpusim explain quickstart | less\n"
      "  gpusim explain quickstart --set use.device=xe_guc\n"
      "  gpusim explain quickstart --firmware-times");
  return {explain,
          [options] { return with_scenario(options->scenario, [&] { return app::explain_command(*options); }); }};
}

Command add_schema(CLI::App& program) {
  CLI::App* schema = program.add_subcommand("schema", "JSON Schema of the scenario format");
  schema->footer("Examples:\n  gpusim schema > gpusim.schema.json");
  return {schema, app::schema_command};
}

Command add_list(CLI::App& program) {
  const auto page = std::make_shared<app::PageOptions>();
  CLI::App* list = program.add_subcommand("list", "presets, scenarios and workloads that come with the program");
  add_page(*list, *page);
  list->footer(
      "Examples:\n"
      "  gpusim list\n"
      "  gpusim list --format json\n"
      "  gpusim list --width 100");
  return {list, [page] { return app::list_command(*page); }};
}

}  // namespace gpusim::cli
