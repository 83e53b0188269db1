// SPDX-License-Identifier: MIT
#include "sim/app/diff_command.h"

#include <iostream>
#include <optional>

#include "sim/app/exit_code.h"
#include "sim/app/recorded_run.h"
#include "sim/app/report_problems.h"
#include "traces/inspect/run_difference.h"

namespace gpusim::app {

namespace {

[[nodiscard]] RunName name_of(const DiffOptions& options, bool is_a) {
  RunName name{.path = is_a || options.b.empty() ? options.a : options.b, .sets = options.sets, .seed = options.seed};
  const std::vector<std::string>& own = is_a ? options.sets_a : options.sets_b;
  name.sets.insert(name.sets.end(), own.begin(), own.end());
  return name;
}

}  // namespace

int diff_command(const DiffOptions& options) {
  std::vector<scenario::Problem> problems;
  if (options.b.empty() && options.sets_a.empty() && options.sets_b.empty()) {
    problems.push_back({{"diff"}, "B is missing: name a second run, or a parameter with --set-a or --set-b", {}});
  }
  if (!problems.empty()) return report_problems(problems);
  const RunName name_a = name_of(options, true);
  const std::optional<RecordedRun> a = open_run(name_a, problems);
  if (!a) return report_problems(problems, {name_a.sets});
  const RunName name_b = name_of(options, false);
  const std::optional<RecordedRun> b = open_run(name_b, problems);
  if (!b) return report_problems(problems, {name_b.sets});
  for (const RecordedRun* run : {&*a, &*b}) {
    write_notes(*run, options.page);
  }
  const trace::RunSide side_a{a->recording};
  const trace::RunSide side_b{b->recording};
  trace::DifferenceOptions page;
  page.most_rows = static_cast<std::size_t>(options.rows);
  page.form = form_of(options.page);
  return trace::write_difference(std::cout, side_a, side_b, page) ? kGood : kExpectationFailed;
}

}  // namespace gpusim::app
