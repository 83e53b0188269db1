// SPDX-License-Identifier: MIT
#include <memory>
#include <string>
#include <vector>

#include "sim/app/baseline_command.h"
#include "sim/app/report_problems.h"
#include "sim/cli/commands.h"
#include "sim/cli/options.h"
#include "sim/cli/page.h"

namespace gpusim::cli {

Command add_baseline(CLI::App& program) {
  const auto options = std::make_shared<app::BaselineOptions>();
  CLI::App* baseline = program.add_subcommand("baseline", "store figures of scenarios, for expectations of a baseline");
  baseline->add_option("path", options->paths, "scenarios, descriptors (.wsim), or folders with scenarios in them")
      ->required();
  baseline
      ->add_option("--file", options->file, "where they are stored (default: gpusim-baseline.json beside the scenario)")
      ->type_name("FILE");
  baseline->add_flag("--dry-run", options->dry_run,
                     "say what would move, and write nothing; exit code 1 if anything would");
  add_set(*baseline, options->sets);
  add_jobs(*baseline, options->parallel);
  add_page(*baseline, options->page);
  baseline->add_flag("-q,--quiet", options->quiet, "no progress line");
  baseline->footer(
      "Examples:\n"
      "  gpusim baseline scenarios --dry-run\n"
      "  gpusim baseline a.toml b.toml -j 2\n"
      "  gpusim baseline quickstart --file stored.json");
  return {baseline, [options] {
            const std::vector<std::string> given = options->paths;
            std::vector<std::string*> names;
            for (std::string& path : options->paths) names.push_back(&path);
            return with_inputs(names, kScenarioFolders, [&] {
              if (given != options->paths && options->file.empty()) {
                return app::report_problems({{{"baseline"},
                                              "a scenario that comes with gpusim has no file beside it; name one with "
                                              "--file",
                                              {}}});
              }
              return app::baseline_command(*options);
            });
          }};
}

}  // namespace gpusim::cli
