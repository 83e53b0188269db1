// SPDX-License-Identifier: MIT
// The threads that wait for a CPU: those of the FIFO class in order of arrival, and before all normal ones; normal ones
// by earliest eligible virtual deadline, as the kernel's fair class does it (docs/reference/kernel.md, "The fair
// class").
//
// Virtual time is CPU time divided by weight; the average of all that run or wait is the zero of a thread's lag. A
// thread with lag >= 0 is eligible. Kept from the kernel: lag survives sleep, a thread that is owed nothing does not
// preempt, whoever runs is left alone until its slice ends or it has had more than its share. Ours: one queue for all
// CPUs, as if balancing were perfect; slices end at once and not at the next tick; no groups, and of nice values only
// those of workers. A thread that ran while nobody waited has no lag, as if it had been alone on its CPU.
#pragma once

#include <cstdint>

#include "base/choice.h"
#include "base/wide.h"
#include "os/spec.h"

namespace gpusim::os {

class Thread;

inline constexpr std::uint32_t kNice0Weight = 1024;
inline constexpr std::uint32_t kNiceMinus20Weight = 88'761;  // kernel/sched/core.c: sched_prio_to_weight

/// A normal thread's part in the sharing of CPUs; all in ps of virtual time.
struct FairShare {
  std::uint32_t weight = kNice0Weight;
  std::int64_t vruntime = 0;
  std::int64_t deadline = 0;
  std::int64_t lag = 0;          ///< when it went to sleep
  std::uint32_t contention = 0;  ///< in which it went to sleep

  /// CPU time as virtual time, and back, rounded up.
  [[nodiscard]] std::int64_t virtual_time(Picoseconds time) const {
    if (weight == kNice0Weight) return time.count();  // nearly every thread: without a division of 128 bits
    return static_cast<std::int64_t>(static_cast<SignedWide>(time.count()) * kNice0Weight / weight);
  }
  [[nodiscard]] Picoseconds cpu_time(std::int64_t virtual_time) const {
    const SignedWide scaled = static_cast<SignedWide>(virtual_time) * weight;
    return Picoseconds{static_cast<std::int64_t>((scaled + kNice0Weight - 1) / kNice0Weight)};
  }
};

/// Of the virtual run times of some threads, weighted.
struct FairAverage {
  SignedWide sum = 0;
  std::int64_t weight = 0;

  void add(const FairShare& share) {
    sum += static_cast<SignedWide>(share.vruntime) * share.weight;
    weight += share.weight;
  }
  void remove(const FairShare& share) {
    sum -= static_cast<SignedWide>(share.vruntime) * share.weight;
    weight -= share.weight;
  }
  /// 0 of none.
  [[nodiscard]] std::int64_t value() const { return weight == 0 ? 0 : static_cast<std::int64_t>(sum / weight); }
  [[nodiscard]] bool makes_eligible(const FairShare& share) const {
    return static_cast<SignedWide>(share.vruntime) * weight <= sum;
  }
};

class RunQueue {
 public:
  void push(Thread& thread);
  /// The next to run; in an exploration another one of its class. `average`: of all normal threads, also those that
  /// run. nullptr if empty.
  [[nodiscard]] Thread* pop(const FairAverage& average, ChoiceSource* choices);
  /// The normal thread that pop() would give if there were no others: the earliest eligible deadline, or the earliest
  /// if none is eligible. nullptr if none waits.
  [[nodiscard]] Thread* first_normal(const FairAverage& average) const;

  [[nodiscard]] bool empty() const { return !has_fifo() && !has_normal(); }
  [[nodiscard]] bool has_fifo() const { return fifo_.head != nullptr; }
  [[nodiscard]] bool has_normal() const { return normal_.head != nullptr; }
  [[nodiscard]] bool has_several_normal() const { return normal_.head != normal_.tail; }
  /// Of the normal ones.
  [[nodiscard]] const FairAverage& average() const { return average_; }

 private:
  struct Line {
    Thread* head = nullptr;
    Thread* tail = nullptr;

    /// Behind `before`; nullptr: at the head.
    void insert(Thread& thread, Thread* before);
    void remove(Thread& thread);
  };

  Line fifo_;
  Line normal_;  // by deadline, then arrival
  FairAverage average_;
};

}  // namespace gpusim::os
