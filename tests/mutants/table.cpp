// SPDX-License-Identifier: MIT
#include "tests/mutants/table.h"

#include <array>

namespace gpusim::test {
namespace {

using M = Mutation;

/// Credits protect the ring from being full; here they do not.
void more_credits_than_ring(scenario::ScenarioSpec& spec) { spec.driver.credit_limit = 8; }

constexpr std::array kTable{
    // os, scheduler/fence
    MutantRow{M::os_wait_looks_first, "teardown", "stall"},
    MutantRow{M::os_no_dispatch_after_irq, "full", "stall"},
    MutantRow{M::os_irq_not_pending, "queues", "stall"},
    MutantRow{M::fence_wait_looks_first, "queues", "stall"},
    // scheduler/dep
    MutantRow{M::sched_double_signal, "queues", "fence_signalled_once"},
    MutantRow{M::sched_swap_push, "queues", "queue_fifo"},
    MutantRow{M::sched_ignore_dependency, "dependencies", "dependency"},
    MutantRow{M::sched_early_credit, "full", "credits"},
    MutantRow{M::sched_missing_put, "teardown", "reference_counts"},
    MutantRow{M::sched_lost_wakeup, "dependencies", "stall"},
    MutantRow{M::sched_double_put, "teardown", "use_after_free"},
    // host_driver
    MutantRow{M::driver_ignore_full_ring, "full", "ring_overrun", &more_credits_than_ring},
    MutantRow{M::driver_no_barrier, "queues", "stall"},
    MutantRow{M::driver_no_entry, "queues", "stale_ring_entry"},
    MutantRow{M::driver_complete_all, "queues", "job_lost"},
    // firmware and hardware
    MutantRow{M::firmware_clears_late, "queues", "stall"},
    MutantRow{M::engine_skip_entry, "queues", "queue_fifo"},
    MutantRow{M::engine_fence_backwards, "queues", "fence_value"},
    MutantRow{M::engine_short_work, "slots", "work_done"},
};

}  // namespace

std::span<const MutantRow> mutant_table() { return kTable; }

}  // namespace gpusim::test
