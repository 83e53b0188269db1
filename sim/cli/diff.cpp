// SPDX-License-Identifier: MIT
#include <memory>

#include "sim/app/diff_command.h"
#include "sim/cli/commands.h"
#include "sim/cli/options.h"
#include "sim/cli/page.h"

namespace gpusim::cli {

Command add_diff(CLI::App& program) {
  const auto options = std::make_shared<app::DiffOptions>();
  CLI::App* diff = program.add_subcommand(
      "diff", "how two runs differ: first event, order, causes, clients, jobs. Exit code 1 if they do");
  diff->add_option("a", options->a, "scenario, folder of --out, or trace.events")->required();
  diff->add_option("b", options->b, "the same; without it A again, with --set-a and --set-b");
  add_set(*diff, options->sets, "override a parameter in both runs; may be repeated");
  const auto add_own = [&](const char* name, std::vector<std::string>& sets, const char* help) {
    diff->add_option(name, sets, help)->type_name("KEY=VALUE")->expected(1)->take_all();
  };
  add_own("--set-a", options->sets_a, "override a parameter in A alone; may be repeated");
  add_own("--set-b", options->sets_b, "override a parameter in B alone; may be repeated");
  diff->add_option("--seed", options->seed, "seed of both (default: the scenarios')")
      ->transform(whole_number())
      ->type_name("N");
  diff->add_option("--rows", options->rows, "rows of each table at most (default: 10)")
      ->transform(whole_number())
      ->type_name("N");
  add_page(*diff, options->page);
  diff->footer(
      "Examples:\n"
      "  gpusim diff quickstart --set-b driver.ring_write_ns=110\n"
      "  gpusim diff quickstart --set-b host.cpus=1 --format markdown\n"
      "  gpusim diff before after                  # two folders of gpusim run --out\n"
      "  gpusim diff before/trace.events quickstart");
  return {diff, [options] {
            return with_inputs({&options->a, &options->b}, kScenarioFolders,
                               [&] { return app::diff_command(*options); });
          }};
}

}  // namespace gpusim::cli
