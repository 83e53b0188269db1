// SPDX-License-Identifier: MIT
#include <cstdint>
#include <memory>
#include <vector>

#include <fmt/core.h>

#include "sim/app/explore_command.h"
#include "sim/app/report_problems.h"
#include "sim/cli/commands.h"
#include "sim/cli/options.h"
#include "sim/cli/page.h"

namespace gpusim::cli {

namespace {

/// What CLI11 cannot say of them; none if they make sense.
std::vector<scenario::Problem> check(const app::ExploreOptions& options) {
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

}  // namespace

Command add_explore(CLI::App& program) {
  const auto options = std::make_shared<app::ExploreOptions>();
  CLI::App* explore = program.add_subcommand("explore", "look for an interleaving or a fault that breaks a rule");
  explore->add_option("scenario", options->scenario, "scenario (.toml or .wsim) that ends by itself")->required();
  add_set(*explore, options->sets);
  explore->add_option("--seeds", options->seeds, "how many seeds (default: 1000)")
      ->transform(whole_number())
      ->type_name("N");
  explore->add_option("--first", options->first, "the first of them (default: 0)")
      ->transform(whole_number())
      ->type_name("SEED");
  add_jobs(*explore, options->workers, "processes for the seeds (default: 1)");
  explore->add_flag("--keep-going", options->keep_going, "run all seeds; without it the first failure ends the search");
  CLI::Option* replay = explore->add_option("--replay", options->replay, "run one seed again")
                            ->transform(whole_number())
                            ->type_name("SEED");
  explore->add_option("--schedule", options->schedule, "run a schedule again")->type_name("FILE")->excludes(replay);
  explore->add_option("--out", options->out, "folder for minimised schedules, and traces of a replay")
      ->type_name("DIR");
  add_trace(*explore, options->traces, "of a replay, into --out: perfetto, text, events, vcd");
  add_format(*explore, options->page, {"text", "json"});
  explore->add_flag("-q,--quiet", options->quiet, "no progress line");
  explore->footer(
      "Examples:\n"
      "  gpusim explore queues --seeds 10000 -j 4\n"
      "  gpusim explore queues --replay 17 --out found --trace text");
  return {explore, [options] {
            if (const auto problems = check(*options); !problems.empty()) return app::report_problems(problems);
            return with_inputs({&options->scenario}, {"explore", "scenarios", "workloads"},
                               [&] { return app::explore_command(*options); });
          }};
}

}  // namespace gpusim::cli
