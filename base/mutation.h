// SPDX-License-Identifier: MIT
// Planted bugs. A test switches one on to see that the oracle named beforehand finds it; nothing else ever does, so a
// run of the program has none. Each stands at its place in the model as `if (mutated(Mutation::name))`.
#pragma once

#include <cstdint>

namespace gpusim {

enum class Mutation : std::uint8_t {
  sched_double_signal,      ///< done signals the finished fence twice
  sched_swap_push,          ///< a pushed job goes ahead of the last one in the queue
  sched_ignore_dependency,  ///< the worker does not look at dependencies
  sched_early_credit,       ///< credits are returned before the job is done
  sched_missing_put,        ///< the put worker forgets the queue's reference on the job
  sched_lost_wakeup,        ///< a dependency's signal does not queue the submit worker
  driver_ignore_full_ring,  ///< run_job writes whether or not there is room
  driver_no_barrier,        ///< neither entry nor write index is followed by a barrier
  driver_no_entry,          ///< the write index moves, the entry is not stored
  driver_complete_all,      ///< the completion handler takes every pending job for done
  engine_skip_entry,        ///< an entry that has a successor is passed over
  engine_fence_backwards,   ///< the second completion writes a smaller value
  engine_short_work,        ///< work ends at half of its time
};

namespace detail {
inline std::uint64_t active_mutations = 0;
}

[[nodiscard]] inline bool mutated(Mutation mutation) {
  return (detail::active_mutations >> static_cast<unsigned>(mutation) & 1) != 0;
}

/// Switches a mutation on for its own life.
class ScopedMutation {
 public:
  explicit ScopedMutation(Mutation mutation) : bit_{std::uint64_t{1} << static_cast<unsigned>(mutation)} {
    detail::active_mutations |= bit_;
  }
  ~ScopedMutation() { detail::active_mutations &= ~bit_; }
  ScopedMutation(const ScopedMutation&) = delete;
  ScopedMutation& operator=(const ScopedMutation&) = delete;

 private:
  std::uint64_t bit_;
};

}  // namespace gpusim
