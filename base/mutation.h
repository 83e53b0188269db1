// SPDX-License-Identifier: MIT
// Planted bugs. A test switches one on to see that the oracle named beforehand finds it, or that a rule's test fails
// without the rule; nothing else ever does, so a run of the program has none. Each stands at its place in the model as
// `if (mutated(Mutation::name))`. Their names, for the command lines of test programs: mutation_names.h.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace gpusim {

// One row for each: its name, and what the model does wrong.
// clang-format off
#define GPUSIM_MUTATIONS(X) \
  /* scheduler/dep */ \
  X(sched_double_signal, "done signals the finished fence twice") \
  X(sched_swap_push, "a pushed job goes ahead of the last one in the queue") \
  X(sched_ignore_dependency, "the worker does not look at dependencies") \
  X(sched_early_credit, "credits are returned before the job is done") \
  X(sched_missing_put, "the put worker forgets the queue's reference on the job") \
  X(sched_lost_wakeup, "a dependency's signal does not queue the submit worker") \
  X(dep_no_queue_ref, "a job takes no reference on its queue") \
  X(dep_no_job_ref, "push takes no reference on the job") \
  X(dep_no_merge, "dependencies of one fence context are all kept") \
  X(dep_merge_latest_added, "of one fence context the dependency added last is kept, not the later one") \
  X(dep_same_seqno, "arm does not consume a sequence number") \
  X(dep_no_clamp, "a job above the credit limit is not cut down to it") \
  X(dep_dependencies_kept, "dependencies are released with the job, not after run_job") \
  X(dep_bypass_off, "the bypass is never taken") \
  X(dep_bypass_overtakes, "the bypass does not look whether earlier jobs wait") \
  X(dep_bypass_beside_worker, "the bypass does not look whether the worker runs a job") \
  X(dep_bypass_open_dependency, "the bypass does not look at dependencies") \
  X(dep_bypass_without_credits, "the bypass does not look at credits") \
  X(dep_no_credits, "nobody looks at credits") \
  X(dep_credit_overtaking, "a job overtakes one that lacks credits") \
  X(dep_credits_do_not_wake, "credits that come back do not wake a head that lacked them") \
  X(dep_done_elsewhere, "done runs in the worker where the interrupt was asked for, and the other way round") \
  X(dep_put_elsewhere, "the put runs in the worker where the interrupt was asked for, and the other way round") \
  X(dep_put_before_run, "the reference of the queue is dropped before run_job") \
  X(dep_error_dropped, "the error of the hardware fence, or of run_job, is not passed on") \
  X(dep_timeout_never, "the head of the pending list is not watched") \
  X(dep_timer_not_moved, "the timeout is not moved to the next head") \
  X(dep_timeout_other_restart, "every new job restarts the timeout where the head was asked for, and the other way " \
    "round") \
  X(dep_timeout_not_rearmed, "the timeout is not armed again after a verdict") \
  X(dep_timeout_gone_rearms, "the timeout goes on after the device has gone") \
  X(dep_trigger_ignored, "trigger_timeout does nothing") \
  X(dep_stop_ignored, "jobs run while the queue is stopped") \
  X(dep_start_without_kick, "start does not wake the worker") \
  X(dep_kill_runs, "jobs of a killed queue run") \
  X(dep_kill_out_of_order, "un-run jobs of a killed queue end before those on the hardware") \
  X(dep_kill_forgets_dependencies, "un-run jobs of a killed queue do not wait for their dependencies") \
  X(dep_kill_no_timeout, "kill leaves jobs on the hardware to their timeout") \
  X(dep_no_zombie_guard, "workers do not look whether the queue is a zombie") \
  X(dep_teardown_inline, "the last reference tears the queue down where it is dropped") \
  X(dep_device_put_first, "the device reference is dropped before the queue is gone") \
  X(dep_sync_close_returns, "a synchronous close does not wait") \
  X(dep_free_without_flush, "the queue is freed while one of its workers may run") \
  X(sched_double_put, "the put worker drops the queue's reference on the job twice") \
  X(dep_trigger_withdrawn, "a triggered timeout is withdrawn by what moves the timer, or by a stop") \
  X(dep_refused_spins, "the submit worker tries a refused job again and again") \
  X(dep_one_workqueue, "the timeout shares the queue's ordered workqueue") \
  X(dep_no_fence_waits, "a job without a hardware fence is not done when run_job returns") \
  X(dep_not_signalling, "the submit worker does not mark itself as part of the signalling path") \
  X(dep_own_queue_waits, "dependencies on the own queue are waited for") \
  /* scheduler/drm_sched */ \
  X(drm_push_peeks_head, "push looks at the head's credits before it wakes: use_after_free") \
  X(drm_submit_time_late, "push reads the job once it is in the queue: use_after_free") \
  X(drm_idle_completed_once, "a kill uses up the completion that it waits for: stall") \
  X(drm_kill_misses_popped_dep, "a killed job forgets the dependency that was waited for: dependency") \
  X(drm_kill_scheduled_only, "a killed job waits for scheduled fences, not finished ones: logs") \
  X(drm_wake_if_ready, "the dependency's wake-up first asks whether the entity is ready: stall") \
  X(drm_idle_after_null_pop, "the run worker goes idle after a pop without a job: logs") \
  X(drm_kill_waits, "kill itself waits for dependencies: fence_wait_in_signalling") \
  X(drm_kill_in_callback, "a killed job ends in the callback of the one before it: lock_order") \
  X(drm_false_timeout_leak, "a job that did not hang is not put back, and never freed: reference_counts") \
  X(drm_fini_leaks, "fini does not cancel what is on the hardware: job_lost") \
  X(drm_trace_after_callback, "the dependency is read after its callback was added: null_pointer") \
  X(drm_timer_not_restarted, "a job that starts does not restart the timer: logs") \
  X(drm_late_credits, "credits come back in the free worker: credits") \
  X(drm_no_requeue, "the run worker does not queue itself after a job: logs") \
  X(drm_fini_twice, "a kill ends the entity, too, whose end comes again with its close: reference_counts") \
  X(drm_reclaim_in_timeout, "recovery allocates under the lock of the pending list: reclaim_in_signalling") \
  X(drm_unstarted_taken_for_hung, "a job that has not begun when it times out is given up: guilty") \
  X(drm_fini_keeps_flushers, "fini does not wake those who flush: stall") \
  X(drm_stop_stale_bad, "stop hands back a job whose timeout handler has returned meanwhile: stall") \
  /* host_driver */ \
  X(driver_ignore_full_ring, "run_job writes whether or not there is room") \
  X(driver_no_barrier, "neither entry nor write index is followed by a barrier") \
  X(driver_no_entry, "the write index moves, the entry is not stored") \
  X(driver_complete_all, "the completion handler takes every pending job for done") \
  X(driver_id_reused_early, "an id is free before the firmware has forgotten it: firmware_id") \
  X(driver_no_deregister_wait, "memory is freed before the firmware's answers: ring_memory") \
  X(driver_reply_credit_leak, "the room of an answer is not given back: reply_credits") \
  X(driver_forgets_pending_on_ban, "a ban signals the first hardware fence only: job_lost") \
  X(driver_double_complete, "the completion handler keeps the fence: fence_signalled_once") \
  X(driver_reset_forgets_queue, "a device reset does not register queues again: job_lost") \
  /* firmware and hardware */ \
  X(engine_skip_entry, "an entry that has a successor is passed over") \
  X(engine_fence_backwards, "the second completion writes a smaller value") \
  X(engine_short_work, "work ends at half of its time") \
  X(fw_lost_doorbell, "a doorbell of a running queue is lost: a stall, or a lone timeout") \
  X(fw_preempt_forgets_queue, "a saved queue is not put back: a stall, or a lone timeout") \
  X(fw_two_engines, "a queue is given to two engines: engine_exclusive") \
  X(fw_slot_leak, "a slot is used again without its eviction: slots") \
  X(firmware_clears_late, "a doorbell's pending bit is cleared when its service ends") \
  /* os, scheduler/fence */ \
  X(os_wait_looks_first, "a wait queue's sleeper tests its condition before it is on the list") \
  X(os_no_dispatch_after_irq, "a CPU that was idle before an interrupt stays so after it") \
  X(os_irq_not_pending, "an interrupt that arrives during a handler is forgotten") \
  X(fence_wait_looks_first, "a waiter looks at the fence, then registers and sleeps")
// clang-format on

enum class Mutation : std::uint8_t {
#define GPUSIM_MUTATION_NAME(name, what) name,
  GPUSIM_MUTATIONS(GPUSIM_MUTATION_NAME)
#undef GPUSIM_MUTATION_NAME
};

namespace detail {
inline std::array<std::uint64_t, 4> active_mutations{};
[[nodiscard]] inline std::uint64_t& mutation_word(Mutation mutation) {
  return active_mutations[static_cast<std::size_t>(mutation) / 64];
}
[[nodiscard]] constexpr std::uint64_t mutation_bit(Mutation mutation) {
  return std::uint64_t{1} << (static_cast<unsigned>(mutation) % 64);
}
}  // namespace detail

[[nodiscard]] inline bool mutated(Mutation mutation) {
  return (detail::mutation_word(mutation) & detail::mutation_bit(mutation)) != 0;
}

/// Switches a mutation on for its own life.
class ScopedMutation {
 public:
  explicit ScopedMutation(Mutation mutation) : mutation_{mutation} {
    detail::mutation_word(mutation_) |= detail::mutation_bit(mutation_);
  }
  ~ScopedMutation() { detail::mutation_word(mutation_) &= ~detail::mutation_bit(mutation_); }
  ScopedMutation(const ScopedMutation&) = delete;
  ScopedMutation& operator=(const ScopedMutation&) = delete;

 private:
  Mutation mutation_;
};

}  // namespace gpusim
