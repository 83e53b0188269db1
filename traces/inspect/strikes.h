// SPDX-License-Identifier: MIT
// The injected faults that hold a job where it is: what a chain of causes ends with.
#pragma once

#include <string>
#include <vector>

#include "traces/folds/milestones.h"
#include "traces/inspect/recording.h"
#include "traces/inspect/run_index.h"

namespace gpusim::trace {

/// "the firmware crashed at 556.070234 us (fault.firmware_crash)", a sentence for each, by time. `place`: where the job
/// stands at the end of the moment `at`. A fault of the job itself counts as long as it lives, one of its queue since
/// the job came to its place, one of the firmware or the link until that is over.
[[nodiscard]] std::vector<std::string> strikes_on(const Recording& recording, const JobFacts& facts,
                                                  const Milestones::Place& place, SimTime at);

}  // namespace gpusim::trace
