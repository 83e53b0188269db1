// SPDX-License-Identifier: MIT
// The host's own counters: what is no event.
#include "tests/support/bare_host.h"
#include "tests/support/catch.h"

using namespace gpusim;
using namespace gpusim::test;

TEST_CASE("steps count when they pay, locks when taken, wake-ups when they find somebody asleep") {
  BareHost bare{small_host(2)};
  os::Host& host = bare.host;
  const os::LockClass spin = host.lockdep().lock_class("spin");
  const os::LockClass sleeping = host.lockdep().lock_class("sleeping");
  os::Mutex mutex{sleeping};
  os::WaitQueue queue;
  bool open = false;
  bare.client("waiter", [&](os::Context& ctx) -> os::Task<> {
    co_await ctx.step();  // nothing to pay
    co_await queue.wait(ctx, {os::BlockedOn::Kind::other, "a door", 0, 0}, [&] { return open; });
  });
  bare.client("opener", [&](os::Context& ctx) -> os::Task<> {
    ctx.charge(cost(ns(100)));
    co_await ctx.step();
    {
      const os::SpinSection section{ctx, spin};
    }
    co_await mutex.lock(ctx);
    mutex.unlock(ctx);
    open = true;
    queue.wake_all(ctx);
    queue.wake_all(ctx);  // nobody is left
  });
  bare.run();
  const os::HostCounters& counters = host.counters();
  CHECK(counters.steps == 1);
  CHECK(counters.spin_locks == 1);
  CHECK(counters.mutex_locks == 1);
  CHECK(counters.wake_ups == 3);  // two threads that began, one that slept
}
