// SPDX-License-Identifier: MIT
// What `gpusim check` found of each scenario, and its forms: a table for people, JUnit XML, annotations of GitHub.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "base/build_info.h"
#include "base/printable.h"
#include "sim/app/page_options.h"
#include "sim/experiment/gate.h"
#include "sim/experiment/measurement.h"
#include "sim/scenario/problem.h"

namespace gpusim::app {

struct Checked {
  std::string file;  ///< any bytes; pages have shown()
  std::vector<experiment::Check> checks;
  experiment::Status status = experiment::Status::good;
  std::string error;                                ///< why it stalled or broke, or that it was interrupted
  std::vector<experiment::Shortfall> shortfalls{};  ///< of a good run
  std::uint64_t seed = 0;
  std::uint64_t trace_hash = 0;        ///< of a good run
  std::vector<std::string> seen{};     ///< of a good run, for each check
  std::vector<std::string> notices{};  ///< as in the summary of a run, and what is odd about its baseline

  [[nodiscard]] std::string shown() const { return printable(file); }
  [[nodiscard]] bool is_good() const { return status == experiment::Status::good && shortfalls.empty(); }
};

/// Stands near the begin of what write_junit() writes.
inline constexpr const char* kJunitMark = "<testsuites name=\"gpusim check\"";

/// A table of what fell short and of the runs that did not come to their end, notes, and one line about all.
void write_checked_text(std::ostream& out, const std::vector<Checked>& all, const trace::PageForm& form);
/// The same, and each check, for programs.
void write_checked_json(std::ostream& out, const std::vector<Checked>& all, const BuildInfo& build);
/// One test suite for each scenario, one test case for each check. Properties of a suite: the build, seed and trace
/// hash.
void write_junit(std::ostream& out, const std::vector<Checked>& all, const BuildInfo& build);
/// "::error file=a.toml,line=3,col=15::..." for each shortfall, at its place in the scenario, and for each run that did
/// not come to its end; "::warning ..." for each note.
void write_annotations(std::ostream& out, const std::vector<Checked>& all);
/// The same of what is wrong with files.
void write_annotations(std::ostream& out, const std::vector<scenario::Problem>& problems);

}  // namespace gpusim::app
