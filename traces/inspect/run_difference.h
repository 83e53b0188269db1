// SPDX-License-Identifier: MIT
// How two runs differ, as a page or as JSON: the first event that does and why, whether events are others, in another
// order or only at other times, and what that means for causes, clients and jobs.
#pragma once

#include <cstddef>
#include <ostream>

#include "traces/inspect/alignment.h"
#include "traces/inspect/run_json.h"
#include "traces/report/text_table.h"

namespace gpusim::trace {

struct DifferenceOptions {
  std::size_t most_rows = 10;  ///< of each table
  PageForm form{};
};

/// True if the runs are the same in every event.
[[nodiscard]] bool write_difference(std::ostream& out, const RunSide& a, const RunSide& b,
                                    const DifferenceOptions& options = {});
/// The same as JSON. Kinds, causes and clients are all there; orders and jobs are as many as rows of a table.
[[nodiscard]] bool write_difference_json(std::ostream& out, const RunSide& a, const RunSide& b, std::size_t most_rows,
                                         const RunJsonHead& head);

}  // namespace gpusim::trace
