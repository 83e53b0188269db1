// SPDX-License-Identifier: MIT
// A JobWindow with a sink attached, whose bytes go nowhere.
#pragma once

#include <cstdint>

#include "bench/job_window.h"
#include "bench/null_stream.h"

namespace gpusim::bench {

/// `finish(sink, end)` ends the sink's file.
template <class Sink, class Finish>
[[nodiscard]] JobWindow run_with_sink(const scenario::ScenarioSpec& spec, std::uint64_t first, std::uint64_t last,
                                      Finish finish) {
  JobWindow window{first, last};
  NullStream nowhere;
  system::Simulation simulation{spec};
  Sink sink{nowhere, simulation.machine().names()};
  simulation.recorder().attach_to_all(sink);
  window.attach_to(simulation.recorder());
  const system::RunResult result = simulation.run();
  expect_finished(result);
  finish(sink, result.end);
  return window;
}

}  // namespace gpusim::bench
