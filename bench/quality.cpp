// SPDX-License-Identifier: MIT
#include <stdexcept>
#include <string>

#include "bench/benchmarks.h"
#include "bench/clock.h"
#include "tests/support/drm_truth/kunit.h"
#include "tests/support/drm_truth/player.h"

namespace gpusim::bench {

void bench_quality(Harness& harness) {
  using sched::drm::Policy;
  for (const auto& [policy, name] : {std::pair{Policy::rr, "rr"}, {Policy::fifo, "fifo"}, {Policy::fair, "fair"}}) {
    Measurement& all = harness.measure({.name = std::string{"quality."} + name,
                                        .what = "the 27 scheduling-quality cases of the kernel's KUnit suite",
                                        .unit = "s",
                                        .target = at_most(1)});
    for (int i = 0; i < harness.repeats(); ++i) {
      const Stopwatch watch;
      for (const test::truth::QualityCase& each : test::truth::quality_cases()) {
        if (test::truth::play(each.script, policy).empty()) throw std::runtime_error{each.name + " played nothing"};
      }
      all.add(watch.seconds());
    }
  }
}

}  // namespace gpusim::bench
