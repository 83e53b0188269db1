// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "base/time.h"

namespace gpusim::drv {

/// How long a queue has been off its slot, since the first time that it lost one (Tyr: suspend_timeout() and
/// resume_timeout() of its queues, 2026); a device reset counts, too (ours). The time before it first had one does not.
class OffSlotClock {
 public:
  void begin(SimTime now) {
    if (!since_) since_ = now;
  }
  void end(SimTime now) {
    if (since_) before_ += now - *since_;
    since_.reset();
  }
  [[nodiscard]] Picoseconds total(SimTime now) const { return since_ ? before_ + (now - *since_) : before_; }

 private:
  std::optional<SimTime> since_;
  Picoseconds before_{0};
};

}  // namespace gpusim::drv
