// SPDX-License-Identifier: MIT
// The life of one job in words: what happened to it, when, by whom, and what each time between was spent on.
#pragma once

#include <ostream>

#include "traces/inspect/run_index.h"
#include "traces/inspect/run_json.h"
#include "traces/report/text_table.h"

namespace gpusim::trace {

/// Moments are in one unit, and so are durations. Pre: the job exists in the index, which is of the recording.
void write_job_story(std::ostream& out, const Recording& recording, const RunIndex& index, JobId job,
                     const PageForm& form = {});
/// The same as JSON.
void write_job_json(std::ostream& out, const Recording& recording, const RunIndex& index, JobId job,
                    const RunJsonHead& head);

}  // namespace gpusim::trace
