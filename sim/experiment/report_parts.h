// SPDX-License-Identifier: MIT
// What the parts of a comparison's page share, and the part about estimates.
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "sim/experiment/comparison.h"
#include "sim/experiment/quantity.h"
#include "traces/report/text_table.h"

namespace gpusim::experiment {

/// "3.210 us ± 0.100 us"
[[nodiscard]] std::string with_half(Unit unit, const trace::Interval& interval);

/// "KEY=VALUE": what is set for a variant, those for all variants first.
[[nodiscard]] std::vector<std::string> overrides_of(const Experiment& experiment, const Variant& variant);

/// "+3.210 us": the mean of a difference, no coarser than its two columns, and with so many digits that it does not say
/// otherwise than the interval.
[[nodiscard]] std::string mean_text(Unit unit, const trace::Interval& by);

/// "+3.210 us ± 0.100 us (+12.3%) *"; the share only with a baseline and of what is not shown as zero, a star if the
/// interval does not contain zero.
[[nodiscard]] std::string difference_text(Unit unit, const std::optional<trace::Interval>& by,
                                          const std::optional<trace::Interval>& baseline);

/// "Within the range of the estimates": a table with a row for each variation, and what follows for the verdict.
/// `unit` is that of the verdict's metric. Pre: variations were made, and there are two variants or more.
void write_estimates(std::ostream& out, const trace::PageForm& form, const Experiment& experiment,
                     const Comparison& comparison, Unit unit);

}  // namespace gpusim::experiment
