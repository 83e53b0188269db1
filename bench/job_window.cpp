// SPDX-License-Identifier: MIT
#include "bench/job_window.h"

#include <stdexcept>

namespace gpusim::bench {

void expect_finished(const system::RunResult& result) {
  if (result.outcome == system::Outcome::finished) return;
  throw std::runtime_error{"a benchmark's run did not finish\n" + result.stall_report};
}

JobWindow run_window(const scenario::ScenarioSpec& spec, std::uint64_t first, std::uint64_t last) {
  JobWindow window{first, last};
  system::Simulation simulation{spec};
  window.attach_to(simulation.recorder());
  expect_finished(simulation.run());
  return window;
}

}  // namespace gpusim::bench
