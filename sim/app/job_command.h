// SPDX-License-Identifier: MIT
// gpusim job: the life of one job of a run, in words.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "sim/app/page_options.h"
#include "sim/scenario/problem.h"
#include "traces/inspect/run_index.h"

namespace gpusim::app {

/// Which job of which run.
struct JobChoice {
  std::string run;                ///< scenario, folder or file of events
  std::uint64_t number = 0;       ///< of the job; with `client`, which of its jobs
  std::string client;             ///< name; empty: of the whole run
  std::vector<std::string> sets;  ///< "KEY=VALUE"
  std::optional<std::uint64_t> seed;
  PageOptions page;
};

/// None, with a problem that names what there is, if there is no such job.
[[nodiscard]] std::optional<JobId> find_job(const JobChoice& choice, const trace::Recording& recording,
                                            const trace::RunIndex& index, std::vector<scenario::Problem>& problems);

[[nodiscard]] int job_command(const JobChoice& choice);

}  // namespace gpusim::app
