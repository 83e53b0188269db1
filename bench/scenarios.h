// SPDX-License-Identifier: MIT
// Scenarios of the benchmarks, built in code on the default machine: loading files is not measured.
#pragma once

#include <cstdint>
#include <string>

#include "sim/scenario/spec.h"

namespace gpusim::bench {

inline constexpr std::uint32_t kEngines = hw::default_descriptor().engine_count;

/// The default machine without clients. `max_queues`: as many ids as the device has.
[[nodiscard]] scenario::ScenarioSpec default_machine(std::uint32_t max_queues = 4096);

/// Closed loops of null jobs, each on a queue of its own: `queues` clients over the device's engines in turn, or all on
/// the first.
[[nodiscard]] scenario::ScenarioSpec closed_loops(std::uint32_t queues, std::uint32_t depth, std::uint64_t jobs_each,
                                                  bool one_engine = false);

/// One client that submits null jobs to `queues` queues in turn, at most `depth` unfinished; `rounds` times `steps`
/// jobs.
[[nodiscard]] scenario::ScenarioSpec round_robin(std::uint32_t queues, std::uint32_t depth, std::uint32_t steps,
                                                 std::uint64_t rounds);

/// `idle` queues that were used once, and one closed loop of `jobs` null jobs on a queue of its own, beginning when
/// those are at rest.
[[nodiscard]] scenario::ScenarioSpec one_busy_among(std::uint32_t idle, std::uint32_t depth, std::uint64_t jobs);

/// `steps` null jobs over `queues` queues, then silence for longer than the run: the queues are alive and idle.
[[nodiscard]] scenario::ScenarioSpec at_rest(std::uint32_t queues, std::uint32_t steps);

/// `jobs` jobs pushed to one queue, the first of which ends after the run. `in_ring`: with room for all of them in ring
/// and credits, else with the usual 64.
[[nodiscard]] scenario::ScenarioSpec piled_up(std::uint32_t jobs, bool in_ring);

/// One client that makes `queues` queues, one after the other, for a null job each.
[[nodiscard]] scenario::ScenarioSpec churn(std::uint64_t queues);

}  // namespace gpusim::bench
