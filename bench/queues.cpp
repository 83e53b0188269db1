// SPDX-License-Identifier: MIT
#include <cstdint>

#include "bench/benchmarks.h"
#include "bench/job_window.h"
#include "bench/scenarios.h"

namespace gpusim::bench {
namespace {

constexpr std::uint32_t kMany = 4'096;
constexpr std::uint32_t kQueueDepth = 8;

}  // namespace

void bench_queues(Harness& harness) {
  // One client in all cases; its program has as many steps with one queue as with many.
  const std::uint64_t rounds = 2 + harness.scaled(40);
  const std::uint64_t first = 2 * std::uint64_t{kMany};
  const std::uint64_t last = rounds * kMany;
  const std::uint64_t jobs = last - first;

  const auto ratio = [&](const char* name, const char* what, Target target = {}) -> Measurement& {
    return harness.measure({.name = name, .what = what, .unit = "times", .target = target, .judge = Judge::median});
  };
  const auto figure = [&](const char* name, const char* what, const char* unit) -> Measurement& {
    return harness.measure({.name = name, .what = what, .unit = unit});
  };
  Measurement& spread =
      ratio("queues.spread", "a job's time, jobs over 4,096 queues in turn, to 1 queue", at_most(1.5));
  Measurement& spread_event =
      ratio("queues.spread_per_event", "the same by event: another queue each time makes more of them");
  Measurement& spread_sixteen =
      ratio("queues.spread_to_16", "the same to 16 queues in turn, which make as many events");
  Measurement& busy =
      ratio("queues.one_busy", "a job's time on one queue, 4,095 idle, to that queue alone", at_most(1.5));
  Measurement& one_time = figure("queues.one_time", "1 queue", "ns/job");
  Measurement& sixteen_time = figure("queues.sixteen_time", "16 queues in turn", "ns/job");
  Measurement& many_time = figure("queues.many_time", "4,096 queues in turn", "ns/job");
  Measurement& one_events = figure("queues.one_events", "1 queue", "events/job");
  Measurement& sixteen_events = figure("queues.sixteen_events", "16 queues in turn", "events/job");
  Measurement& many_events = figure("queues.many_events", "4,096 queues in turn", "events/job");

  for (int i = 0; i < harness.repeats(); ++i) {
    const auto steps = static_cast<std::uint32_t>(kMany);
    const JobWindow one = run_window(round_robin(1, kQueueDepth, steps, rounds), first, last);
    const JobWindow sixteen = run_window(round_robin(16, kQueueDepth, steps, rounds), first, last);
    const JobWindow many = run_window(round_robin(kMany, kQueueDepth, steps, rounds), first, last);
    one_time.add(one.ns_per_job());
    sixteen_time.add(sixteen.ns_per_job());
    many_time.add(many.ns_per_job());
    one_events.add(one.events_per_job());
    sixteen_events.add(sixteen.events_per_job());
    many_events.add(many.events_per_job());
    spread.add(many.ns_per_job() / one.ns_per_job());
    spread_event.add(many.ns_per_event() / one.ns_per_event());
    spread_sixteen.add(many.ns_per_job() / sixteen.ns_per_job());

    const JobWindow alone = run_window(closed_loops(1, kQueueDepth, jobs), 1 + jobs / 10, jobs);
    const JobWindow among =
        run_window(one_busy_among(kMany - 1, kQueueDepth, jobs), kMany + jobs / 10, kMany - 1 + jobs);
    busy.add(among.ns_per_job() / alone.ns_per_job());
  }
}

}  // namespace gpusim::bench
