// SPDX-License-Identifier: MIT
#include <memory>

#include "sim/app/check_command.h"
#include "sim/cli/commands.h"
#include "sim/cli/options.h"
#include "sim/cli/page.h"

namespace gpusim::cli {

Command add_check(CLI::App& program) {
  const auto options = std::make_shared<app::CheckOptions>();
  CLI::App* check = program.add_subcommand("check", "do scenarios give what their [expect] says? Exit code 1 if not");
  check->add_option("path", options->paths, "scenarios, descriptors (.wsim), or folders with scenarios in them")
      ->required();
  add_set(*check, options->sets);
  add_jobs(*check, options->parallel);
  check
      ->add_option("--baseline", options->baseline,
                   "stored figures, for expectations of a baseline (default: gpusim-baseline.json beside the scenario)")
      ->type_name("FILE");
  check->add_option("--junit", options->junit, "write the results as JUnit XML")->type_name("FILE");
  check->add_flag("--github", options->annotations,
                  "print annotations for GitHub, at the expectations that are not met");
  add_page(*check, options->page);
  check->add_flag("-q,--quiet", options->quiet, "no progress line");
  check->footer(
      "Examples:\n"
      "  gpusim check configs/scenarios -j 2\n"
      "  gpusim check configs/scenarios --junit results.xml\n"
      "  gpusim check quickstart --set 'expect.latency_p99=\"<= 1 ms\"' --format json");
  return {check, [options] {
            app::remove_former_junit(*options);
            std::vector<std::string*> names;
            for (std::string& path : options->paths) names.push_back(&path);
            return with_inputs(names, kScenarioFolders, [&] { return app::check_command(*options); });
          }};
}

}  // namespace gpusim::cli
