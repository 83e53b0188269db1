// SPDX-License-Identifier: MIT
#include "os/lockdep.h"

#include <bit>

#include <fmt/core.h>

#include "base/invariant.h"

namespace gpusim::os {

void HeldLocks::pop_inner(LockClass lock) {
  for (std::size_t i = held_.size(); i-- > 0;) {
    if (held_[i].index() != lock.index()) continue;
    held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(i));
    return;
  }
  violate("lock_order", "a lock is released by a context that does not hold it");
}

LockClass Lockdep::lock_class(const std::string& name, bool nests) {
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (names_[i] == name) return LockClass{static_cast<std::uint8_t>(i)};
  }
  if (names_.size() == kMaxClasses) violate("lock_order", "more than 64 lock classes");
  if (nests) nests_ |= std::uint64_t{1} << names_.size();
  names_.push_back(name);
  return LockClass{static_cast<std::uint8_t>(names_.size() - 1)};
}

std::uint64_t Lockdep::reachable(std::uint8_t from) const {
  std::uint64_t seen = 0;
  std::uint64_t open = std::uint64_t{1} << from;
  while (open != 0) {
    const auto next = static_cast<std::uint8_t>(std::countr_zero(open));
    seen |= std::uint64_t{1} << next;
    open = (open | after_[next]) & ~seen;
  }
  return seen;
}

void Lockdep::note_usage(LockClass lock, LockUsage usage) {
  used_[static_cast<std::size_t>(usage)] |= std::uint64_t{1} << lock.index();
  check_usage();
}

void Lockdep::check_usage() const {
  const std::uint64_t unsafe = used_[static_cast<std::size_t>(LockUsage::irqs_on)];
  std::uint64_t in_irq = used_[static_cast<std::size_t>(LockUsage::in_irq)];
  for (; in_irq != 0; in_irq &= in_irq - 1) {
    const auto safe = static_cast<std::uint8_t>(std::countr_zero(in_irq));
    const std::uint64_t taken = reachable(safe) & unsafe;
    if (taken == 0) continue;
    const auto other = static_cast<std::uint8_t>(std::countr_zero(taken));
    violate("lock_irq",
            safe == other
                ? fmt::format("inconsistent lock state: '{}' is taken in a hard interrupt, and elsewhere with "
                              "interrupts on, where that interrupt would wait for it forever",
                              names_[safe])
                : fmt::format("HARDIRQ-safe -> HARDIRQ-unsafe lock order: '{}', which a hard interrupt takes, "
                              "is held while '{}' is taken, which others hold with interrupts on",
                              names_[safe], names_[other]));
  }
}

void Lockdep::check_order(const HeldLocks& held, LockClass lock) {
  for (std::size_t i = 0; i < held.size(); ++i) {
    const std::uint8_t before = held[i].index();
    if (i > 0 && before == held[i - 1].index()) continue;
    const std::uint64_t edge = std::uint64_t{1} << lock.index();
    if ((after_[before] & edge) != 0 || (before == lock.index() && (nests_ & edge) != 0)) continue;
    if ((reachable(lock.index()) >> before & 1) != 0) {
      violate("lock_order",
              fmt::format("possible circular locking dependency: '{}' is taken while '{}' is held, and the "
                          "other way round elsewhere",
                          names_[lock.index()], names_[before]));
    }
    after_[before] |= edge;
    check_usage();
  }
}

}  // namespace gpusim::os
