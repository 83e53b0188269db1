// SPDX-License-Identifier: MIT
// wait_event_timeout(): a point in time at which the sleepers of a wait queue are woken, too. Lives in the waiter's
// frame; gone, it wakes nobody any more. The timer's own interrupt costs nobody CPU time.
#pragma once

#include "base/timeline.h"
#include "os/host.h"
#include "os/sync.h"

namespace gpusim::drv {

class Deadline {
 public:
  Deadline(os::Context& ctx, os::WaitQueue& sleepers, Picoseconds timeout)
      : timeline_{ctx.host().timeline()}, sleepers_{sleepers} {
    timer_ = timeline_.schedule<&Deadline::expire>(ctx.now() + timeout, Phase::timer, ctx.host().component(), this);
  }
  ~Deadline() { timeline_.cancel(timer_); }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  [[nodiscard]] bool expired() const { return expired_; }

 private:
  void expire() {
    expired_ = true;
    sleepers_.wake_all_from_nowhere();
  }

  Timeline& timeline_;
  os::WaitQueue& sleepers_;
  Timeline::Handle timer_;
  bool expired_ = false;
};

}  // namespace gpusim::drv
