// SPDX-License-Identifier: MIT
// Sleeping, locks, workqueues, and the checks that a kernel developer knows from lockdep and might_sleep().
#include <optional>
#include <string>
#include <vector>

#include "base/invariant.h"
#include "scheduler/fence.h"
#include "tests/support/bare_host.h"
#include "tests/support/catch.h"

using namespace gpusim;
using os::Context;
using os::Task;
using test::BareHost;
using test::cost;
using test::small_host;

namespace {

struct OrderedItem {
  BareHost* bare;
  std::string* order;
  char name;
  Picoseconds time;
  os::Work work{&OrderedItem::run, this, 0, 0};

  OrderedItem(BareHost& host, std::string& log, char letter, Picoseconds duration)
      : bare{&host}, order{&log}, name{letter}, time{duration} {}

  static Task<> run(void* self, Context& ctx) {
    auto& item = *static_cast<OrderedItem*>(self);
    *item.order += item.name;
    co_await os::sleep_until(ctx, ctx.now() + item.time);
    *item.order += static_cast<char>(item.name - 'a' + 'A');
  }
};

std::string violation_of(BareHost& bare) {
  try {
    bare.run();
  } catch (const InvariantViolation& violation) {
    return violation.oracle();
  }
  return "none";
}

}  // namespace

TEST_CASE("an ordered workqueue keeps an item's turn across its sleeps", "[os][workqueue]") {
  BareHost bare{small_host(4)};
  std::string order;
  os::Workqueue queue{bare.host, 1};
  OrderedItem a{bare, order, 'a', ns(500)};
  OrderedItem b{bare, order, 'b', ns(100)};
  bare.client("client", [&](Context& ctx) -> Task<> {
    CHECK(queue.queue(ctx, a.work));
    CHECK(queue.queue(ctx, b.work));
    CHECK_FALSE(queue.queue(ctx, b.work));  // at most once
    co_await ctx.step();
  });
  bare.run();
  CHECK(order == "aAbB");
  CHECK(queue.is_idle());
}

TEST_CASE("with max_active 2 two items run at a time", "[os][workqueue]") {
  BareHost bare{small_host(4)};
  std::string order;
  os::Workqueue queue{bare.host, 2};
  OrderedItem a{bare, order, 'a', ns(500)};
  OrderedItem b{bare, order, 'b', ns(100)};
  OrderedItem c{bare, order, 'c', ns(100)};
  bare.client("client", [&](Context& ctx) -> Task<> {
    queue.queue(ctx, a.work);
    queue.queue(ctx, b.work);
    queue.queue(ctx, c.work);
    co_await ctx.step();
  });
  bare.run();
  CHECK(order == "abBcCA");
}

TEST_CASE("an item that is queued while it runs runs once more, never twice at a time", "[os][workqueue]") {
  BareHost bare{small_host(4)};
  std::string order;
  os::Workqueue queue{bare.host, 4};
  OrderedItem a{bare, order, 'a', ns(500)};
  bare.client("client", [&](Context& ctx) -> Task<> {
    queue.queue(ctx, a.work);
    co_await os::sleep_until(ctx, at(ns(200)));
    CHECK_FALSE(a.work.is_queued());
    CHECK(queue.queue(ctx, a.work));
  });
  bare.run();
  CHECK(order == "aAaA");
}

TEST_CASE("a kworker starts an item after its wake latency, and the next without another", "[os][workqueue]") {
  BareHost bare{small_host(2)};
  std::vector<Picoseconds> starts;
  os::Workqueue queue{bare.host, 1};
  struct Noter {
    static Task<> run(void* starts, Context& ctx) {
      static_cast<std::vector<Picoseconds>*>(starts)->push_back(ctx.now().time_since_epoch());
      ctx.charge(cost(ns(50)));
      co_await ctx.step();
    }
  };
  os::Work first{&Noter::run, &starts, 0, 0};
  os::Work second{&Noter::run, &starts, 0, 0};
  bare.client("client", [&](Context& ctx) -> Task<> {
    queue.queue(ctx, first);
    queue.queue(ctx, second);
    co_return;
  });
  bare.run();
  REQUIRE(starts.size() == 2);
  CHECK(starts[0] == ns(15 + 20 + 5));
  CHECK(starts[1] == starts[0] + ns(50));
}

TEST_CASE("flush sleeps until the workqueue is idle", "[os][workqueue]") {
  BareHost bare{small_host(4)};
  std::string order;
  os::Workqueue queue{bare.host, 1};
  OrderedItem a{bare, order, 'a', ns(500)};
  bare.client("client", [&](Context& ctx) -> Task<> {
    queue.queue(ctx, a.work);
    co_await queue.flush(ctx);
    order += "!";
  });
  bare.run();
  CHECK(order == "aA!");
}

TEST_CASE("who flushes an item is woken when it is cancelled", "[os][workqueue]") {
  BareHost bare{small_host(4)};
  std::string order;
  os::Workqueue queue{bare.host, 1};
  OrderedItem a{bare, order, 'a', us(500)};
  OrderedItem b{bare, order, 'b', us(1)};
  bare.client("client", [&](Context& ctx) -> Task<> {
    queue.queue(ctx, a.work);
    queue.queue(ctx, b.work);
    co_await queue.flush(ctx, b.work);
    order += "!";
  });
  bare.client("canceller", [&](Context& ctx) -> Task<> {
    co_await os::sleep_until(ctx, SimTime{us(10)});
    CHECK(queue.cancel(b.work));
  });
  bare.run();
  CHECK(order == "a!A");
}

TEST_CASE("a mutex is handed over in order of arrival", "[os][mutex]") {
  BareHost bare{small_host(4)};
  os::Mutex mutex{bare.host.lockdep().lock_class("test")};
  std::string order;
  for (const char name : {'a', 'b', 'c'}) {
    bare.client(std::string{name}, [&, name](Context& ctx) -> Task<> {
      co_await os::sleep_until(ctx, at(ns(100 + (name - 'a'))));
      co_await mutex.lock(ctx);
      order += name;
      ctx.charge(cost(ns(50)));
      co_await ctx.step();
      mutex.unlock(ctx);
    });
  }
  bare.run();
  CHECK(order == "abc");
  CHECK_FALSE(mutex.is_locked());
}

TEST_CASE("mutexes held to the end of a scope come back in the order in which they came", "[os][mutex]") {
  BareHost bare{small_host(1)};
  const os::LockClass lock = bare.host.lockdep().lock_class("test", true);
  os::Mutex first{lock};
  os::Mutex second{lock};
  std::string order;
  const auto waiter = [&](char name, os::Mutex& mutex) {
    bare.client(std::string{name}, [&, name](Context& ctx) -> Task<> {
      co_await os::sleep_until(ctx, at(ns(100)));
      co_await mutex.lock(ctx);
      order += name;
      mutex.unlock(ctx);
    });
  };
  bare.client("holder", [&](Context& ctx) -> Task<> {
    {
      os::HeldMutexes held{ctx};
      co_await first.lock(ctx);
      held.adopt(first);
      co_await second.lock(ctx);
      held.adopt(second);
      co_await os::sleep_until(ctx, at(ns(500)));
      CHECK(order.empty());
    }
    CHECK(ctx.held_locks.size() == 0);
  });
  waiter('b', second);
  waiter('a', first);
  bare.run();
  CHECK(order == "ab");
  CHECK_FALSE(first.is_locked());
  CHECK_FALSE(second.is_locked());
}

TEST_CASE("a thread that a violation cuts off, or the end of the host, gives no mutex back", "[os][mutex]") {
  const bool violated = GENERATE(false, true);
  std::optional<os::Mutex> mutex;
  {
    BareHost bare{small_host(2)};
    mutex.emplace(bare.host.lockdep().lock_class("test"));
    bare.client("holder", [&](Context& ctx) -> Task<> {
      os::HeldMutexes held{ctx};
      co_await mutex->lock(ctx);
      held.adopt(*mutex);
      co_await os::sleep_until(ctx, at(ns(100)));
      if (violated) violate("test", "the holder fails");
    });
    bare.client("waiter", [&](Context& ctx) -> Task<> { co_await mutex->lock(ctx); });
    if (violated) {
      CHECK(violation_of(bare) == "test");
    } else {
      bare.run_until(ns(50));
    }
    CHECK(bare.timeline.empty() == violated);  // nobody was woken
  }
  CHECK(mutex->is_locked());
}

TEST_CASE("a sleeping lock in a hard interrupt is sleeping in atomic context", "[os][checks]") {
  BareHost bare{small_host(1)};
  os::Mutex mutex{bare.host.lockdep().lock_class("test")};
  bare.host.request_irq(0, "test", 0, [&](Context& ctx) -> Task<> { co_await mutex.lock(ctx); });
  bare.run_until(ns(0));
  bare.host.deliver_interrupt(0);
  CHECK(violation_of(bare) == "sleeping_in_atomic");
}

TEST_CASE("a step inside a spinlock section is sleeping in atomic context", "[os][checks]") {
  BareHost bare{small_host(1)};
  const os::LockClass lock = bare.host.lockdep().lock_class("spin");
  bare.client("a", [&](Context& ctx) -> Task<> {
    const os::SpinSection section{ctx, lock};
    ctx.charge(cost(ns(1)));
    co_await ctx.step();
  });
  CHECK(violation_of(bare) == "sleeping_in_atomic");
}

TEST_CASE("two locks taken in both orders are a lock-order violation, also when nothing hangs", "[os][checks]") {
  for (const bool both_orders : {false, true}) {
    BareHost bare{small_host(1)};
    os::Mutex a{bare.host.lockdep().lock_class("lock a")};
    os::Mutex b{bare.host.lockdep().lock_class("lock b")};
    bare.client("client", [&](Context& ctx) -> Task<> {
      co_await a.lock(ctx);
      co_await b.lock(ctx);
      b.unlock(ctx);
      a.unlock(ctx);
      os::Mutex& first = both_orders ? b : a;
      os::Mutex& second = both_orders ? a : b;
      co_await first.lock(ctx);
      co_await second.lock(ctx);
      second.unlock(ctx);
      first.unlock(ctx);
    });
    CHECK(violation_of(bare) == (both_orders ? "lock_order" : "none"));
  }
}

TEST_CASE("a lock that a hard interrupt takes may not be held with interrupts on", "[os][checks]") {
  using os::SpinKind;
  const auto violation = [](SpinKind in_irq, SpinKind elsewhere, bool inside = false) {
    BareHost bare{small_host(1)};
    const os::LockClass lock = bare.host.lockdep().lock_class("lock");
    const os::LockClass outer = bare.host.lockdep().lock_class("outer");
    bare.host.request_irq(0, "test", 0, [&](Context& ctx) -> Task<> {
      {
        const os::SpinSection section{ctx, inside ? outer : lock, in_irq};
      }
      co_await ctx.step();
    });
    bare.client("client", [&](Context& ctx) -> Task<> {
      {
        const os::SpinSection section{ctx, lock, elsewhere};
      }
      if (inside) {
        const os::SpinSection outer_section{ctx, outer, SpinKind::irq};
        const os::SpinSection section{ctx, lock, elsewhere};
      }
      co_await ctx.step();
    });
    bare.run_until(ns(0));
    bare.host.deliver_interrupt(0);
    return violation_of(bare);
  };
  CHECK(violation(SpinKind::plain, SpinKind::plain) == "lock_irq");
  CHECK(violation(SpinKind::irq, SpinKind::plain) == "lock_irq");
  CHECK(violation(SpinKind::plain, SpinKind::irq) == "none");  // spin_lock() is enough where they are off
  CHECK(violation(SpinKind::fence, SpinKind::wait) == "none");
  // What is taken inside a lock that an interrupt takes is waited for by that interrupt.
  CHECK(violation(SpinKind::irq, SpinKind::plain, true) == "lock_irq");
  CHECK(violation(SpinKind::irq, SpinKind::irq, true) == "none");
}

TEST_CASE("a plain lock inside a section with interrupts off is taken with interrupts off", "[os][checks]") {
  BareHost bare{small_host(1)};
  const os::LockClass lock = bare.host.lockdep().lock_class("lock");
  const os::LockClass outer = bare.host.lockdep().lock_class("outer");
  bare.host.request_irq(0, "test", 0, [&](Context& ctx) -> Task<> {
    {
      const os::SpinSection section{ctx, lock};
    }
    co_await ctx.step();
  });
  bare.client("client", [&](Context& ctx) -> Task<> {
    {
      const os::SpinSection outer_section{ctx, outer, os::SpinKind::irq};
      const os::SpinSection section{ctx, lock};
    }
    co_await ctx.step();
  });
  bare.run_until(ns(0));
  bare.host.deliver_interrupt(0);
  CHECK(violation_of(bare) == "none");
}

TEST_CASE("waiting for a fence inside a signalling section is a possible deadlock", "[os][checks]") {
  for (const bool signalling : {false, true}) {
    BareHost bare{small_host(1)};
    sched::FenceArena fences;
    bare.client("client", [&](Context& ctx) -> Task<> {
      const sched::FenceRef fence = fences.create(ctx, fences.new_context(), 1, 0, 0);
      fence->signal(ctx, Errno::ok);
      if (signalling) ctx.begin_signalling();
      co_await sched::wait(ctx, fence);
      if (signalling) ctx.end_signalling();
    });
    CHECK(violation_of(bare) == (signalling ? "fence_wait_in_signalling" : "none"));
  }
}
