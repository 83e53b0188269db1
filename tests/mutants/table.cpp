// SPDX-License-Identifier: MIT
#include "tests/mutants/table.h"

#include <array>
#include <variant>

namespace gpusim::test {
namespace {

using M = Mutation;
using scenario::ScenarioSpec;

/// Credits protect the ring from being full; here they do not.
void more_credits_than_ring(ScenarioSpec& spec) { spec.driver.credit_limit = 8; }

void bypass(ScenarioSpec& spec) { spec.dep.bypass = true; }

/// Without a lock nothing but the condition keeps caller and worker apart; a long run_job makes it likely that they
/// meet.
void bypass_without_lock(ScenarioSpec& spec) {
  spec.dep.bypass = true;
  spec.dep.bypass_lock = sched::dep::BypassLock::ownership;
  spec.driver.run_job.value = us(20);
}

void put_in_irq(ScenarioSpec& spec) { spec.dep.put = sched::dep::Where::irq; }

void drm_sched(ScenarioSpec& spec) { spec.component = scenario::Component::drm_sched; }

template <class Change>
void for_each_loop(ScenarioSpec& spec, Change change) {
  for (workload::ClientSpec& client : spec.clients) {
    if (auto* loop = std::get_if<workload::LoopSpec>(&client.workload)) change(*loop);
  }
}

/// Jobs of some seconds, so that it shows who waits for them; the timeout is longer.
void jobs_of_seconds(ScenarioSpec& spec) {
  for_each_loop(spec, [](workload::LoopSpec& loop) {
    loop.work.min *= 200'000;
    loop.work.max *= 200'000;
  });
  spec.job_timeout = ms(600'000);
}

/// A queue has jobs on the hardware for longer than the timeout, each of them for much less.
void busy_queues(ScenarioSpec& spec) {
  for_each_loop(spec, [](workload::LoopSpec& loop) {
    loop.work.min *= 50'000;
    loop.work.max *= 50'000;
  });
  spec.job_timeout = ms(3'000);
}

/// Timeouts within the run, so that they meet resets.
void drm_sched_of_short_timeouts(ScenarioSpec& spec) {
  drm_sched(spec);
  spec.job_timeout = ms(2);
}

/// One client, one job after the other, and the doorbell of the last is lost: one timeout is certain.
void one_lost_doorbell(ScenarioSpec& spec) {
  constexpr std::uint32_t kJobs = 3;
  spec.clients.resize(1);
  spec.clients.front().clones = 1;
  for_each_loop(spec, [](workload::LoopSpec& loop) {
    loop.cycles = kJobs;
    loop.jobs_per_cycle = 1;
  });
  spec.fault.lost_doorbell = kJobs;
}

constexpr std::array kTable{
    // os, scheduler/fence
    MutantRow{M::os_wait_looks_first, "queues", "stall"},
    MutantRow{M::os_no_dispatch_after_irq, "full", "lone_timeout"},
    MutantRow{M::os_irq_not_pending, "queues", "lone_timeout"},
    MutantRow{M::fence_wait_looks_first, "queues", "stall"},
    // scheduler/dep
    MutantRow{M::sched_double_signal, "queues", "fence_signalled_once"},
    MutantRow{M::sched_swap_push, "queues", "queue_fifo"},
    MutantRow{M::sched_ignore_dependency, "dependencies", "dependency"},
    MutantRow{M::sched_early_credit, "full", "credits"},
    MutantRow{M::sched_missing_put, "teardown", "reference_counts"},
    MutantRow{M::sched_lost_wakeup, "dependencies", "stall"},
    MutantRow{M::dep_no_fence_waits, "queues", "stall"},
    MutantRow{M::sched_double_put, "teardown", "use_after_free"},
    MutantRow{M::dep_no_queue_ref, "teardown", "reference_counts"},
    MutantRow{M::dep_no_job_ref, "queues", "use_after_free"},
    MutantRow{M::dep_same_seqno, "queues", "fence_signalled_once"},
    MutantRow{M::dep_dependencies_kept, "dependencies", "sleeping_in_atomic", "put_context = irq", &put_in_irq},
    MutantRow{M::dep_bypass_overtakes, "full", "queue_fifo", "bypass", &bypass},
    MutantRow{M::dep_bypass_beside_worker, "full", "queue_fifo", "bypass without a lock", &bypass_without_lock},
    MutantRow{M::dep_bypass_open_dependency, "dependencies", "dependency", "bypass", &bypass},
    MutantRow{M::dep_bypass_without_credits, "full", "credits", "bypass", &bypass},
    MutantRow{M::dep_no_credits, "full", "credits"},
    MutantRow{M::dep_credits_do_not_wake, "full", "stall"},
    MutantRow{M::dep_put_before_run, "queues", "use_after_free"},
    MutantRow{M::dep_error_dropped, "queues", "job_lost"},
    MutantRow{M::dep_timeout_never, "queues", "stall"},
    MutantRow{M::dep_timer_not_moved, "queues", "timeout", "busy queues", &busy_queues},
    MutantRow{M::dep_timeout_not_rearmed, "queues", "stall", "last doorbell lost", &one_lost_doorbell},
    MutantRow{M::dep_trigger_ignored, "queues", "timeout", "jobs of seconds", &jobs_of_seconds},
    MutantRow{M::dep_stop_ignored, "queues", "stopped_queue"},
    MutantRow{M::dep_start_without_kick, "dependencies", "stall"},
    MutantRow{M::dep_kill_runs, "full", "stopped_queue"},
    MutantRow{M::dep_kill_out_of_order, "full", "queue_fifo"},
    MutantRow{M::dep_kill_forgets_dependencies, "dependencies", "dependency"},
    MutantRow{M::dep_kill_no_timeout, "queues", "timeout", "jobs of seconds", &jobs_of_seconds},
    MutantRow{M::dep_no_zombie_guard, "teardown", "reference_counts"},
    MutantRow{M::dep_teardown_inline, "teardown", "workqueue_self_destroy"},
    MutantRow{M::dep_device_put_first, "teardown", "device_reference"},
    MutantRow{M::dep_free_without_flush, "teardown", "workqueue_destroyed_busy"},
    // scheduler/drm_sched: historical bugs, see docs/exploration.md
    MutantRow{M::drm_push_peeks_head, "queues", "use_after_free", "drm_sched", &drm_sched},
    MutantRow{M::drm_submit_time_late, "queues", "use_after_free", "drm_sched", &drm_sched},
    MutantRow{M::drm_idle_completed_once, "teardown", "stall", "drm_sched", &drm_sched},
    MutantRow{M::drm_kill_misses_popped_dep, "dependencies", "dependency", "drm_sched", &drm_sched},
    MutantRow{M::drm_wake_if_ready, "dependencies", "stall", "drm_sched", &drm_sched},
    MutantRow{M::drm_kill_waits, "dependencies", "fence_wait_in_signalling", "drm_sched", &drm_sched},
    MutantRow{M::drm_kill_in_callback, "full", "lock_order", "drm_sched", &drm_sched},
    MutantRow{M::drm_false_timeout_leak, "queues", "reference_counts", "drm_sched", &drm_sched},
    MutantRow{M::drm_trace_after_callback, "dependencies", "null_pointer", "drm_sched", &drm_sched},
    MutantRow{M::drm_stop_stale_bad, "dependencies", "drain", "drm_sched, 2 ms", &drm_sched_of_short_timeouts},
    MutantRow{M::drm_late_credits, "full", "credits", "drm_sched", &drm_sched},
    MutantRow{M::drm_fini_twice, "teardown", "reference_counts", "drm_sched", &drm_sched},
    MutantRow{M::drm_reclaim_in_timeout, "queues", "reclaim_in_signalling", "drm_sched", &drm_sched},
    MutantRow{M::drm_unstarted_taken_for_hung, "queues", "guilty", "drm_sched", &drm_sched},
    // host_driver
    MutantRow{M::driver_ignore_full_ring, "full", "ring_overrun", "8 credits", &more_credits_than_ring},
    MutantRow{M::driver_no_barrier, "queues", "lone_timeout"},
    MutantRow{M::driver_no_entry, "queues", "stale_ring_entry"},
    MutantRow{M::driver_complete_all, "queues", "job_lost"},
    MutantRow{M::driver_id_reused_early, "teardown", "firmware_id"},
    MutantRow{M::driver_no_deregister_wait, "teardown", "ring_memory"},
    MutantRow{M::driver_reply_credit_leak, "teardown", "reply_credits"},
    MutantRow{M::driver_forgets_pending_on_ban, "queues", "stall"},
    MutantRow{M::driver_double_complete, "queues", "fence_signalled_once"},
    MutantRow{M::driver_reset_forgets_queue, "queues", "drain"},
    // firmware and hardware
    MutantRow{M::engine_skip_entry, "queues", "queue_fifo"},
    MutantRow{M::engine_fence_backwards, "queues", "fence_value"},
    MutantRow{M::engine_short_work, "slots", "work_done"},
    MutantRow{M::fw_lost_doorbell, "queues", "lone_timeout"},
    MutantRow{M::fw_preempt_forgets_queue, "slots", "lone_timeout"},
    MutantRow{M::fw_two_engines, "slots", "engine_exclusive"},
    MutantRow{M::fw_slot_leak, "slots", "slots"},
    MutantRow{M::firmware_clears_late, "queues", "lone_timeout"},
};

constexpr std::array kUnitOnly{
    UnitOnlyRow{M::dep_no_merge, "more dependencies than needed are kept: slower, and right"},
    UnitOnlyRow{M::dep_merge_latest_added, "the dependency is lost before any event tells of it"},
    UnitOnlyRow{M::dep_no_clamp, "no workload has jobs of more than one credit"},
    UnitOnlyRow{M::dep_credit_overtaking, "no workload has jobs of more than one credit"},
    UnitOnlyRow{M::dep_bypass_off, "slower, and right"},
    UnitOnlyRow{M::dep_done_elsewhere, "both places are allowed; the choice of the configuration is not kept"},
    UnitOnlyRow{M::dep_put_elsewhere, "both places are allowed; the choice of the configuration is not kept"},
    UnitOnlyRow{M::dep_timeout_other_restart, "both are allowed; the choice of the configuration is not kept"},
    UnitOnlyRow{M::dep_timeout_gone_rearms, "the driver ends all jobs of a device that is gone by itself"},
    UnitOnlyRow{M::dep_sync_close_returns, "no client relies on a close that waits"},
    UnitOnlyRow{M::dep_trigger_withdrawn, "the timer that takes the trigger's place asks later: right in the end"},
    UnitOnlyRow{M::dep_refused_spins, "the driver refuses no job for now"},
    UnitOnlyRow{M::dep_one_workqueue, "run_job does not wait for what only the timeout worker can do"},
    UnitOnlyRow{M::dep_not_signalling, "only the checks of the context are missing"},
    UnitOnlyRow{M::dep_own_queue_waits, "slower, and right"},
    UnitOnlyRow{M::drm_kill_scheduled_only,
                "needs a dependency on a scheduled fence, which the driver never gives out"},
    UnitOnlyRow{M::drm_idle_after_null_pop, "1:1 has no second entity that could starve"},
    UnitOnlyRow{M::drm_fini_leaks, "the driver's jobs hold their entity: none is left at fini"},
    UnitOnlyRow{M::drm_timer_not_restarted, "the rule of kernels before 6.8: a choice, not a fault"},
    UnitOnlyRow{M::drm_no_requeue, "the free worker wakes the run worker later: slower, and right"},
    UnitOnlyRow{M::drm_fini_keeps_flushers, "the driver does not flush"},
};

}  // namespace

std::span<const MutantRow> mutant_table() { return kTable; }
std::span<const UnitOnlyRow> unit_only_table() { return kUnitOnly; }

}  // namespace gpusim::test
