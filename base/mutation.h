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
#define GPUSIM_MUTATIONS(X)                                                                     \
  /* os, scheduler/fence */                                                                     \
  X(os_wait_looks_first, "a wait queue's sleeper tests its condition before it is on the list") \
  X(os_no_dispatch_after_irq, "a CPU that was idle before an interrupt stays so after it")      \
  X(os_irq_not_pending, "an interrupt that arrives during a handler is forgotten")              \
  X(fence_wait_looks_first, "a waiter looks at the fence, then registers and sleeps")           \
  /* scheduler/dep */                                                                           \
  X(sched_double_signal, "done signals the finished fence twice")                               \
  X(sched_swap_push, "a pushed job goes ahead of the last one in the queue")                    \
  X(sched_ignore_dependency, "the worker does not look at dependencies")                        \
  X(sched_early_credit, "credits are returned before the job is done")                          \
  X(sched_missing_put, "the put worker forgets the queue's reference on the job")               \
  X(sched_lost_wakeup, "a dependency's signal does not queue the submit worker")                \
  X(sched_double_put, "the put worker drops the queue's reference on the job twice")            \
  /* scheduler/drm_sched */                                                                     \
  /* host_driver */                                                                             \
  X(driver_ignore_full_ring, "run_job writes whether or not there is room")                     \
  X(driver_no_barrier, "neither entry nor write index is followed by a barrier")                \
  X(driver_no_entry, "the write index moves, the entry is not stored")                          \
  X(driver_complete_all, "the completion handler takes every pending job for done")             \
  /* firmware and hardware */                                                                   \
  X(firmware_clears_late, "a doorbell's pending bit is cleared when its service ends")          \
  X(engine_skip_entry, "an entry that has a successor is passed over")                          \
  X(engine_fence_backwards, "the second completion writes a smaller value")                     \
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
