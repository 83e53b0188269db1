// SPDX-License-Identifier: MIT
#include <memory>

#include "sim/app/compare_command.h"
#include "sim/cli/commands.h"
#include "sim/cli/options.h"
#include "sim/cli/page.h"

namespace gpusim::cli {

Command add_compare(CLI::App& program) {
  const auto options = std::make_shared<app::CompareOptions>();
  CLI::App* compare =
      program.add_subcommand("compare", "variants of a scenario side by side, over seeds, with confidence intervals");
  compare->add_option("experiment", options->file, "experiment file (.toml); with --variant a scenario")->required();
  compare
      ->add_option("--variant", options->variants,
                   "a variant of the scenario: NAME or NAME:KEY=VALUE,KEY=VALUE; the first is the baseline")
      ->type_name("NAME:KEY=VALUE,...")
      ->expected(1)
      ->take_all();
  add_set(*compare, options->sets, "override a parameter in all variants; may be repeated, as of run");
  compare->add_option("--seeds", options->seeds, "number of seeds (default: the experiment's, or 1)")
      ->transform(whole_number())
      ->type_name("N");
  compare->add_option("--seed", options->seed, "the first of them (default: the scenario's)")
      ->transform(whole_number());
  add_jobs(*compare, options->parallel);
  compare
      ->add_option("--metric", options->metrics,
                   "show this metric and no other; may be repeated (default: the experiment's, or all)")
      ->expected(1)
      ->take_all();
  compare
      ->add_option("--verdict", options->verdict,
                   "metric by which variants are judged: lower is better, or higher of rates, shares and what is done")
      ->type_name("METRIC");
  compare
      ->add_flag("--higher-is-better", options->higher_is_better,
                 "of the metric of --verdict: where gpusim cannot know, as of counts of events")
      ->needs("--verdict");
  CLI::Option* estimates = compare->add_flag(
      "--estimates", options->estimates,
      "vary each parameter that is an estimate, and all of them, and say whether the verdict changes");
  compare
      ->add_option(
          "--fail-on", options->fail_on,
          "exit code 1 if a verdict is worse, or better or worse (changed), or if nothing can be said; without a "
          "chosen verdict what says otherwise counts, too")
      ->type_name("worse|changed")
      ->check(CLI::IsMember({"worse", "changed"}));
  CLI::Option* against =
      compare->add_option("--against", options->against, "judge each variant against an earlier compare.json of --out")
          ->type_name("FILE|DIR")
          ->excludes(estimates);
  compare->add_option("--with", options->with, "judge each variant against what another build of gpusim makes of it")
      ->type_name("PROGRAM")
      ->excludes(estimates)
      ->excludes(against);
  compare->add_flag("--markdown", options->markdown, "the same as --format markdown");
  add_page(*compare, options->page);
  compare->add_option("--out", options->out, "folder for compare.json")->type_name("DIR");
  compare->add_flag("-q,--quiet", options->quiet, "no progress line");
  compare->footer(
      "Examples:\n"
      "  gpusim compare e1_bypass --estimates\n"
      "  gpusim compare quickstart --variant now --variant far:device.link.mmio_write_latency_us=2 --seeds 10\n"
      "  gpusim compare quickstart --variant now --against stored --fail-on worse");
  return {compare, [options] {
            options->typed = options->file;
            const auto execute = [&] { return app::compare_command(*options); };
            return options->variants.empty()
                       ? with_inputs({&options->file}, {"experiments", "scenarios", "workloads"}, execute)
                       : with_inputs({&options->file}, kComparedFolders, execute);
          }};
}

}  // namespace gpusim::cli
