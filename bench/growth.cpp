// SPDX-License-Identifier: MIT
#include <cstdint>
#include <stdexcept>
#include <string>

#include "bench/benchmarks.h"
#include "bench/clock.h"
#include "bench/scenarios.h"
#include "sim/system/simulation.h"
#include "sim/workload/wsim_parser.h"
#include "sim/workload/wsim_plan.h"

namespace gpusim::bench {
namespace {

/// Steps that look at other steps: maps, preemption, waits, software fences, batches that are ended, references.
[[nodiscard]] std::string descriptor(std::uint64_t repeats) {
  std::string text = "M.1.VCS\nB.1\nX.2.50\n";
  for (std::uint64_t i = 0; i < repeats; ++i) {
    text += "f\n2.RCS.10.f-1.0\n1.VCS.10.-1.0\na.-3\ns.-3\n3.BCS.*.0.0\nT.-1\n2.RCS.5.0.1\n";
  }
  return text;
}

[[nodiscard]] double seconds_to_read(std::uint64_t repeats) {
  const std::string text = descriptor(repeats);
  const Stopwatch watch;
  const workload::WsimParseResult parsed = workload::parse_wsim(text, "growth.wsim");
  if (!parsed.ok() || workload::plan_wsim(*parsed.program).queues.size() != 3) {
    throw std::runtime_error{"the descriptor of this benchmark is not read"};
  }
  return watch.seconds();
}

[[nodiscard]] double seconds_of_churn(std::uint64_t queues) {
  system::Simulation simulation{churn(queues)};
  const Stopwatch watch;
  expect_finished(simulation.run());
  return watch.seconds();
}

}  // namespace

void bench_growth(Harness& harness) {
  constexpr std::uint64_t kTimes = 16;
  const auto ratio = [&](const char* name, const char* what) -> Measurement& {
    return harness.measure({.name = name, .what = what, .unit = "times", .target = at_most(2), .judge = Judge::median});
  };
  Measurement& steps = ratio("growth.descriptor", "time to read a step of a descriptor, of 16 times as many to few");
  Measurement& queues = ratio("growth.queues", "a queue's time, one after the other, of 16 times as many to few");
  const std::uint64_t repeats = harness.scaled(2'000);
  const std::uint64_t lives = harness.scaled(4'000);
  for (int i = 0; i < harness.repeats(); ++i) {
    const auto times = static_cast<double>(kTimes);
    const double step = seconds_to_read(repeats);
    steps.add(seconds_to_read(repeats * kTimes) / step / times);
    const double queue = seconds_of_churn(lives);
    queues.add(seconds_of_churn(lives * kTimes) / queue / times);
  }
}

}  // namespace gpusim::bench
