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
#define GPUSIM_MUTATIONS(X)                                                                        \
  /* scheduler/dep */                                                                              \
  X(sched_double_signal, "done signals the finished fence twice")                                  \
  X(sched_swap_push, "a pushed job goes ahead of the last one in the queue")                       \
  X(sched_ignore_dependency, "the worker does not look at dependencies")                           \
  X(sched_early_credit, "credits are returned before the job is done")                             \
  X(sched_missing_put, "the put worker forgets the queue's reference on the job")                  \
  X(sched_lost_wakeup, "a dependency's signal does not queue the submit worker")                   \
  /* scheduler/drm_sched: bugs that it has had, and which oracle or test should find each */       \
  X(drm_push_peeks_head, "push looks at the head's credits before it wakes: use_after_free")       \
  X(drm_submit_time_late, "push reads the job once it is in the queue: use_after_free")            \
  X(drm_idle_completed_once, "a kill uses up the completion that it waits for: stall")             \
  X(drm_kill_misses_popped_dep, "a killed job forgets the dependency that was waited for: logs")   \
  X(drm_kill_scheduled_only, "a killed job waits for scheduled fences, not finished ones: logs")   \
  X(drm_wake_if_ready, "the dependency's wake-up first asks whether the entity is ready: stall")   \
  X(drm_idle_after_null_pop, "the run worker goes idle after a pop without a job: logs")           \
  X(drm_kill_waits, "kill itself waits for dependencies: stall of a mutual kill")                  \
  X(drm_kill_in_callback, "a killed job ends in the callback of the one before it: lock_order")    \
  X(drm_false_timeout_leak, "a job that did not hang is not put back: job_lost")                   \
  X(drm_fini_leaks, "fini does not cancel what is on the hardware: job_lost")                      \
  X(drm_trace_after_callback, "the dependency is read after its callback was added: null_pointer") \
  X(drm_timer_not_restarted, "a job that starts does not restart the timer: logs")                 \
  X(drm_late_credits, "credits come back in the free worker: logs")                                \
  X(drm_no_requeue, "the run worker does not queue itself after a job: logs")                      \
  X(drm_fini_keeps_flushers, "fini does not wake those who flush: stall")                          \
  /* host_driver */                                                                                \
  X(driver_ignore_full_ring, "run_job writes whether or not there is room")                        \
  X(driver_no_barrier, "neither entry nor write index is followed by a barrier")                   \
  X(driver_no_entry, "the write index moves, the entry is not stored")                             \
  X(driver_complete_all, "the completion handler takes every pending job for done")                \
  /* firmware and hardware */                                                                      \
  X(engine_skip_entry, "an entry that has a successor is passed over")                             \
  X(engine_fence_backwards, "the second completion writes a smaller value")                        \
  X(engine_short_work, "work ends at half of its time")

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
