// SPDX-License-Identifier: MIT
// What `gpusim explain` says of a scenario's parameters.
#pragma once

#include <ostream>
#include <string>

#include "base/build_info.h"
#include "sim/scenario/resolved.h"
#include "traces/report/text_table.h"

namespace gpusim::scenario {

struct ExplainFilter {
  std::string tags;           ///< only parameters with one of these tags, "EO"; empty: with any
  bool only_changed = false;  ///< only those that a file or an option gives: no defaults
};

/// The name by which --set takes it, with the unit that its value has in TOML: "driver.ring_write_ns". What --set takes
/// of nobody, a client's `workload`, has such a name, too.
[[nodiscard]] std::string set_key(const ResolvedParameter& row);

/// One line for each parameter.
void write_explain(std::ostream& out, const Resolved& resolved, const ExplainFilter& filter = {},
                   const trace::PageForm& form = {});
/// The same as "gpusim-parameters/1"; `toml` is the value as --set takes it.
void write_explain_json(std::ostream& out, const Resolved& resolved, const ExplainFilter& filter,
                        const BuildInfo& build);

}  // namespace gpusim::scenario
