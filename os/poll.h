// SPDX-License-Identifier: MIT
// A thread in user mode that looks at memory again and again, until what it waits for stands there. It has the CPU
// meanwhile, or sleeps between two looks. Nobody wakes it, so an end of what could still happen is not seen by the
// thread: the simulator sees it (Host::is_left_to_pollers()), and the thread sleeps from then on, as one that stalls.
#pragma once

#include "base/cost.h"
#include "os/context.h"
#include "os/task.h"
#include "os/thread.h"

namespace gpusim::os {

struct PollSpec {
  Cost look{ns(100)};    ///< CPU time of one look
  Picoseconds pause{0};  ///< asleep between two looks; 0: it spins
};

class PollCondition {
 public:
  [[nodiscard]] virtual bool holds() const = 0;

 protected:
  ~PollCondition() = default;
};

/// Returns when `condition` holds or the thread was killed. The first look comes after unpaid costs and one look's own.
/// `reason`: for the stall report. Context: a client's thread in user mode.
[[nodiscard]] Task<> poll_until(Context& ctx, const PollSpec& spec, BlockedOn reason, const PollCondition& condition);

/// The same with a lambda.
template <class Condition>
[[nodiscard]] Task<> poll(Context& ctx, const PollSpec& spec, BlockedOn reason, Condition condition) {
  struct Holds final : PollCondition {
    explicit Holds(const Condition& lambda) : test{lambda} {}
    [[nodiscard]] bool holds() const override { return test(); }
    const Condition& test;
  };
  const Holds holds{condition};
  co_await poll_until(ctx, spec, reason, holds);
}

}  // namespace gpusim::os
