// SPDX-License-Identifier: MIT
// The second opinion on Milestones: from all events of a run it works out, slowly and with nothing in common with
// Milestones, how long each job must have been in each cause, and whether what the models called a wait for a
// dependency or for credits was one: by the fences that had not signalled, and by the credits in flight.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "traces/event/event.h"
#include "traces/folds/job_life.h"

namespace gpusim::test {

struct CauseCheckOptions {
  /// Queues that share credits have the same number here; a queue that is not listed is for itself.
  std::map<std::uint32_t, std::uint32_t> domains;
};

/// What is wrong, in words; empty if all is well. `events` are all of the run; `lives` may be cut off by its end.
[[nodiscard]] std::vector<std::string> check_causes(const std::vector<trace::Event>& events,
                                                    const std::vector<trace::JobLife>& lives,
                                                    const CauseCheckOptions& options = {});

}  // namespace gpusim::test
