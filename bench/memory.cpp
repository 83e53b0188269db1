// SPDX-License-Identifier: MIT
// Sizes are differences of what operator new has given out, between runs or moments of a run that differ in nothing but
// the number of jobs or queues. They are the same each time, so each is taken once.
#include <cstdint>
#include <variant>

#include "bench/benchmarks.h"
#include "bench/job_window.h"
#include "bench/memory_count.h"
#include "bench/scenarios.h"
#include "firmware/abi/ring.h"

namespace gpusim::bench {
namespace {

constexpr double kKiB = 1'024;
constexpr std::uint32_t kManyQueues = 4'096;
constexpr std::uint32_t kJobs = 10'000;  // not near a power of two, where vectors are at their best or worst

/// Live bytes when the run has come to its stop, with the whole machine still there.
template <class System>
double bytes_at_stop(const scenario::ScenarioSpec& spec) {
  const std::int64_t before = memory_count().live_bytes;
  System system{spec};
  static_cast<void>(system.run());
  return static_cast<double>(memory_count().live_bytes - before);
}

template <class System>
double bytes_per_job(bool in_ring) {
  // Ring bytes do not count: a page's bytes come with the first touch.
  const double ring = in_ring ? double{kJobs - 1} * sizeof(abi::RingEntry) : 0;
  scenario::ScenarioSpec many = piled_up(kJobs, in_ring);
  scenario::ScenarioSpec one = many;
  std::get<workload::LoopSpec>(one.clients.front().workload).jobs_per_cycle = 1;
  return (bytes_at_stop<System>(many) - bytes_at_stop<System>(one) - ring) / (kJobs - 1);
}

template <class System>
double bytes_per_queue() {
  const scenario::ScenarioSpec spec = at_rest(kManyQueues, kManyQueues);
  const auto ring = static_cast<double>(spec.driver.ring_entries * sizeof(abi::RingEntry) + sizeof(abi::QueueContext));
  return (bytes_at_stop<System>(spec) - bytes_at_stop<System>(at_rest(1, kManyQueues))) / (kManyQueues - 1) - ring;
}

}  // namespace

void bench_memory(Harness& harness) {
  const auto take = [&](const char* name, const char* what, Target target, double bytes) {
    harness.measure({.name = name, .what = what, .unit = "bytes", .target = target}).add(bytes);
  };
  take("memory.job_on_device", "a job in ring and pending list, with all that listens", at_most(kKiB),
       bytes_per_job<system::Simulation>(true));
  take("memory.job_queued", "a job waiting for credits, with all that listens", at_most(kKiB),
       bytes_per_job<system::Simulation>(false));
  take("memory.job_machine", "the first without oracles and statistics", {}, bytes_per_job<system::Machine>(true));
  take("memory.queue", "a queue that was used once, with all that listens, without its ring", at_most(4 * kKiB),
       bytes_per_queue<system::Simulation>());
  take("memory.queue_machine", "the same without oracles and statistics", {}, bytes_per_queue<system::Machine>());
}

}  // namespace gpusim::bench
