// SPDX-License-Identifier: MIT
// Lives of the jobs of a recording, and of one job each span of time with its cause.
#pragma once

#include <vector>

#include "traces/event/make.h"
#include "traces/folds/job_life.h"
#include "traces/inspect/recording.h"

namespace gpusim::trace {

struct RecordedLife {
  JobLife life;
  bool has_ended = false;  ///< else it was cut off by the end of the run
};

/// By number of the job; those that are none have the number 0. An exec that failed made none.
[[nodiscard]] std::vector<RecordedLife> lives_of(const Recording& recording);

struct Span {
  SimTime begin{};
  SimTime end{};
  Cause cause{};
};

/// From exec_begin to the end of its life, or of the run; in order, without gaps, each longer than zero and of another
/// cause than the one before. Empty if it has no life.
[[nodiscard]] std::vector<Span> spans_of(const Recording& recording, JobId job);

}  // namespace gpusim::trace
