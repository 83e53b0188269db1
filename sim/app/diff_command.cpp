// SPDX-License-Identifier: MIT
#include "sim/app/diff_command.h"

#include <algorithm>
#include <optional>
#include <ostream>
#include <string>

#include "sim/app/exit_code.h"
#include "sim/app/recorded_run.h"
#include "sim/app/report_problems.h"
#include "traces/inspect/run_difference.h"

namespace gpusim::app {

namespace {

/// "seed=4"
[[nodiscard]] bool sets_the_seed(const std::string& set) {
  std::string key = set.substr(0, set.find('='));
  std::erase_if(key, [](char c) { return c == ' ' || c == '\t' || c == '"' || c == '\''; });
  return key == "seed";
}

[[nodiscard]] RunName name_of(const DiffOptions& options, bool is_a) {
  RunName name{.path = is_a || options.b.empty() ? options.a : options.b, .sets = options.sets, .seed = options.seed};
  const std::vector<std::string>& own = is_a ? options.sets_a : options.sets_b;
  name.sets.insert(name.sets.end(), own.begin(), own.end());
  // --seed is for both, and what is for one side is nearer.
  if (std::any_of(own.begin(), own.end(), &sets_the_seed)) name.seed.reset();
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
  const trace::RunSide side_a{a->recording};
  const trace::RunSide side_b{b->recording};
  const auto most_rows = static_cast<std::size_t>(options.rows);
  bool is_same = false;
  print_page(
      options.page,
      [&](std::ostream& out) {
        std::vector<std::string> notes = a->notes;
        notes.insert(notes.end(), b->notes.begin(), b->notes.end());
        is_same = trace::write_difference_json(out, side_a, side_b, most_rows, json_head(notes));
      },
      [&](std::ostream& out) {
        for (const RecordedRun* run : {&*a, &*b}) write_notes(out, *run, form_of(options.page));
        is_same = trace::write_difference(out, side_a, side_b, {.most_rows = most_rows, .form = form_of(options.page)});
      });
  return is_same ? kGood : kExpectationFailed;
}

}  // namespace gpusim::app
