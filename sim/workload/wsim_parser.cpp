// SPDX-License-Identifier: MIT
#include "sim/workload/wsim_parser.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/core.h>

#include "sim/workload/wsim_check.h"
#include "sim/workload/wsim_fields.h"
#include "sim/workload/wsim_step_reader.h"

namespace gpusim::workload {

namespace {

[[nodiscard]] bool earlier_in_text(const WsimProblem& a, const WsimProblem& b) {
  return std::tie(a.line, a.column, a.message) < std::tie(b.line, b.column, b.message);
}

}  // namespace

std::string WsimProblem::to_string() const {
  std::string text = fmt::format("{}:{}:{}: ", file, line, column);
  if (step) text += fmt::format("step {}: ", *step);
  text += message;
  if (!suggestion.empty()) text += fmt::format("; did you mean '{}'?", suggestion);
  return text;
}

WsimParseResult parse_wsim(std::string_view text, std::string file) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  WsimProgram program{std::move(file), {}, {}};
  WsimFindings findings{program.file, {}, {}};
  std::vector<bool> unreadable;
  std::uint32_t line_number = 0;

  for (const Field& whole_line : split({text, 1}, '\n')) {
    ++line_number;
    const std::string_view without_comment = whole_line.text.substr(0, whole_line.text.find('#'));
    for (const Field& piece : split({without_comment, 1}, ',')) {
      const Field written = trim(piece);
      if (written.text.empty()) continue;
      Step step;
      step.index = program.steps.size();
      step.line = line_number;
      step.column = written.column;
      const std::size_t before = findings.problems.size();
      StepReader(program, unreadable, step, written, findings).read();
      unreadable.push_back(findings.problems.size() != before);
      program.steps.push_back(std::move(step));
    }
  }

  if (program.steps.empty())
    findings.problems.push_back({program.file, 1, 1, std::nullopt, "the descriptor holds no step", {}});
  check_program(program, unreadable, findings);

  WsimParseResult result;
  std::sort(findings.problems.begin(), findings.problems.end(), earlier_in_text);
  result.problems = std::move(findings.problems);
  if (result.problems.empty()) {
    program.notices = std::move(findings.notices);
    std::sort(program.notices.begin(), program.notices.end(), [](const Notice& a, const Notice& b) {
      return std::tie(a.step, a.message) < std::tie(b.step, b.message);
    });
    result.program = std::move(program);
  }
  return result;
}

}  // namespace gpusim::workload
