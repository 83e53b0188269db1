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

bool Lockdep::reaches(std::uint8_t from, std::uint8_t to) const {
  std::uint64_t seen = 0;
  std::uint64_t open = std::uint64_t{1} << from;
  while (open != 0) {
    const auto next = static_cast<std::uint8_t>(std::countr_zero(open));
    if (next == to) return true;
    seen |= std::uint64_t{1} << next;
    open = (open | after_[next]) & ~seen;
  }
  return false;
}

void Lockdep::check_order(const HeldLocks& held, LockClass lock) {
  for (std::size_t i = 0; i < held.size(); ++i) {
    const std::uint8_t before = held[i].index();
    if (i > 0 && before == held[i - 1].index()) continue;
    const std::uint64_t edge = std::uint64_t{1} << lock.index();
    if ((after_[before] & edge) != 0 || (before == lock.index() && (nests_ & edge) != 0)) continue;
    if (reaches(lock.index(), before)) {
      violate("lock_order",
              fmt::format("possible circular locking dependency: '{}' is taken while '{}' is held, and the "
                          "other way round elsewhere",
                          names_[lock.index()], names_[before]));
    }
    after_[before] |= edge;
  }
}

}  // namespace gpusim::os
