// SPDX-License-Identifier: MIT
// Lock order, checked as lockdep would: each kind of lock is a class, each "taken while holding" an edge, and a new
// edge that closes a cycle ends the run, whether or not the deadlock happened. And as lockdep's usage states
// (Documentation/locking/lockdep-design.rst, "Multi-lock dependency rules"; mark_lock_irq() in
// kernel/locking/lockdep.c): a class that is taken in a hard interrupt may never be taken with interrupts on, nor may
// such a one be taken while it is held.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace gpusim::os {

class LockClass {
 public:
  LockClass() = default;
  [[nodiscard]] std::uint8_t index() const { return index_; }

 private:
  friend class Lockdep;
  explicit LockClass(std::uint8_t index) : index_{index} {}
  std::uint8_t index_ = 0;
};

/// The locks a context holds, in order of acquisition.
class HeldLocks {
 public:
  void push(LockClass lock) { held_.push_back(lock); }
  void pop(LockClass lock) {
    if (!held_.empty() && held_.back().index() == lock.index()) {
      held_.pop_back();
    } else {
      pop_inner(lock);
    }
  }
  [[nodiscard]] std::size_t size() const { return held_.size(); }
  [[nodiscard]] LockClass operator[](std::size_t i) const { return held_[i]; }

 private:
  void pop_inner(LockClass lock);
  std::vector<LockClass> held_;
};

/// How a lock is taken.
enum class LockUsage : std::uint8_t {
  irqs_on,  ///< an interrupt may come while it is held
  irqs_off,
  in_irq,  ///< by a hard interrupt
};

class Lockdep {
 public:
  static constexpr std::size_t kMaxClasses = 64;

  /// The class of that name; made at the first call. `nests`: several locks of the class may be held at a time, in an
  /// order that their owner sees to (as ww-mutexes are annotated).
  LockClass lock_class(const std::string& name, bool nests = false);
  [[nodiscard]] const std::string& name(LockClass lock) const { return names_[lock.index()]; }

  /// To be called before a lock is taken. Violates "lock_order", "lock_irq".
  void acquire(HeldLocks& held, LockClass lock, LockUsage usage = LockUsage::irqs_on) {
    if (held.size() != 0) check_order(held, lock);
    if ((used_[static_cast<std::size_t>(usage)] >> lock.index() & 1) == 0) note_usage(lock, usage);
    held.push(lock);
  }
  void release(HeldLocks& held, LockClass lock) { held.pop(lock); }

 private:
  void check_order(const HeldLocks& held, LockClass lock);
  void note_usage(LockClass lock, LockUsage usage);
  void check_usage() const;
  /// The class itself and what was taken while it was held, directly or not; by bits.
  [[nodiscard]] std::uint64_t reachable(std::uint8_t from) const;

  std::vector<std::string> names_;
  std::uint64_t nests_ = 0;                         // by class
  std::array<std::uint64_t, kMaxClasses> after_{};  // bit b of after_[a]: b was taken while a was held
  std::array<std::uint64_t, 3> used_{};             // by LockUsage; bit c: class c
};

}  // namespace gpusim::os
