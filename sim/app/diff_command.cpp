// SPDX-License-Identifier: MIT
#include "sim/app/diff_command.h"

#include <iostream>
#include <optional>

#include "sim/app/exit_code.h"
#include "sim/app/recorded_run.h"
#include "sim/app/report_problems.h"
#include "sim/app/whole_number.h"
#include "traces/inspect/run_difference.h"

namespace gpusim::app {

namespace {

[[nodiscard]] RunName name_of(const DiffOptions& options, bool is_a, const std::optional<std::uint64_t>& seed) {
  RunName name{.path = is_a || options.b.empty() ? options.a : options.b, .sets = options.sets, .seed = seed};
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
  std::optional<std::uint64_t> seed;
  if (!options.seed.empty()) seed = whole_number(options.seed, "--seed", problems);
  const std::optional<std::uint64_t> rows = whole_number(options.rows, "--rows", problems);
  if (!problems.empty()) return report_problems(problems);
  const std::optional<RecordedRun> a = open_run(name_of(options, true, seed), problems);
  if (!a) return report_problems(problems);
  const std::optional<RecordedRun> b = open_run(name_of(options, false, seed), problems);
  if (!b) return report_problems(problems);
  for (const RecordedRun* run : {&*a, &*b}) {
    for (const std::string& note : run->notes) std::cout << "note: " << note << "\n";
  }
  const trace::RunSide side_a{a->recording};
  const trace::RunSide side_b{b->recording};
  trace::DifferenceOptions page;
  page.most_rows = static_cast<std::size_t>(*rows);
  return trace::write_difference(std::cout, side_a, side_b, page) ? kGood : kExpectationFailed;
}

}  // namespace gpusim::app
