// SPDX-License-Identifier: MIT
// Every parameter of a loaded scenario with its value, where that came from and how well it is known; as a table for
// people, and as a scenario file that stands alone.
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/settings.h"
#include "traces/event/cause.h"
#include "traces/report/summary.h"

namespace gpusim::scenario {

struct ResolvedParameter {
  std::string path;    ///< "device.link.mmio_write_latency", "client.web.cycles"
  std::string value;   ///< "300 ns"
  std::string origin;  ///< "default", "file:line", "--set", "--seed"
  char tag = 'U';      ///< S D M W C E O, or U: the user's, or a choice rather than a quantity
  std::string source;
  std::optional<trace::Cause> cause;
  bool is_of_preset = false;              ///< and is not the default
  std::string section;                    ///< the table of a scenario file in which it stands
  Picoseconds duration{0};                ///< of a distribution its median, of a range its end; 0: it is no duration
  std::optional<Picoseconds> shortest;    ///< of a range its begin
  std::vector<os::Quantile> quantiles{};  ///< of a distribution
  TomlText toml;
};

struct Resolved {
  std::string from;                        ///< the scenario's file
  std::vector<ResolvedParameter> machine;  ///< by Cost::parameter; [0] is a placeholder
  std::vector<Expectation> expectations;
  std::vector<std::vector<ResolvedParameter>> clients;  ///< by [[client]]
  std::vector<std::vector<ResolvedParameter>> faults;   ///< by [[faults]]: what its kind reads
};

/// The text of a wsim client's program and the file it was read from (empty: it stood in the scenario).
struct ProgramText {
  std::string file;
  std::string text;
  std::size_t steps = 0;
};

/// `programs` by client; those of other kinds are not looked at.
[[nodiscard]] Resolved resolve(const std::string& from, const Settings& settings,
                               const std::vector<ProgramText>& programs);

/// What each parameter was charged for, from the totals of a CostLedger, with its tag; the clients' work last.
[[nodiscard]] std::vector<trace::ParameterCharge> charges_of(const Resolved& resolved,
                                                             const std::vector<Picoseconds>& totals);
/// Is there a background load of which something is an estimate?
[[nodiscard]] bool has_estimated_load(const Resolved& resolved);

/// A scenario that gives the same run without any preset or .wsim file.
void write_resolved_toml(std::ostream& out, const Resolved& resolved, const BuildInfo& build = {});

}  // namespace gpusim::scenario
