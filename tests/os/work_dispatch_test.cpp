// SPDX-License-Identifier: MIT
// Delayed work, when kernel timers expire, cancelling and flushing of work items, and the models of how an item gets to
// run.
#include <string>
#include <vector>

#include "os/delayed_work.h"
#include "tests/support/bare_host.h"
#include "tests/support/catch.h"

using namespace gpusim;
using os::Context;
using os::Task;
using test::BareHost;

namespace {

/// Notes when it began and, if it takes time, when it ended: "a@30 ".
struct LoggedItem {
  LoggedItem(BareHost& host, std::string& the_log, char letter, Picoseconds duration = Picoseconds{0})
      : bare{&host}, log{&the_log}, name{letter}, time{duration} {}
  static Task<> run(void* self, Context& ctx) {
    auto& item = *static_cast<LoggedItem*>(self);
    item.note(item.name, ctx);
    if (item.again != nullptr) std::exchange(item.again, nullptr)->queue(ctx, item.work);
    if (item.time.count() == 0) co_return;
    co_await os::sleep_until(ctx, ctx.now() + item.time);
    item.note(static_cast<char>(item.name - 'a' + 'A'), ctx);
  }
  void note(char what, Context& ctx) const {
    *log += what;
    *log += '@' + std::to_string(ctx.now().time_since_epoch() / ns(1)) + ' ';
  }

  BareHost* bare;
  std::string* log;
  char name;
  Picoseconds time;
  os::Workqueue* again = nullptr;  ///< queues itself on it, once
  os::Work work{&LoggedItem::run, this, 0, 0};
};

/// Only the hop of a work item (20 ns) and the wake-up of a sleeper (10 ns) take time.
os::HostSpec hop_host(os::WorkDispatch dispatch) {
  os::HostSpec spec = test::free_host();
  spec.cpus = 2;
  spec.timeslice = test::cost(ms(1));
  spec.worker_wake = test::cost(ns(20));
  spec.task_wake = test::cost(ns(10));
  spec.work_dispatch = dispatch;
  return spec;
}

/// a, b, c queued at 10 ns on an ordered queue; a takes 100 ns.
std::string three_items(os::WorkDispatch dispatch, std::uint32_t max_active) {
  BareHost bare{hop_host(dispatch)};
  std::string log;
  os::Workqueue queue{bare.host, max_active};
  LoggedItem a{bare, log, 'a', ns(100)};
  LoggedItem b{bare, log, 'b'};
  LoggedItem c{bare, log, 'c'};
  bare.client("client", [&](Context& ctx) -> Task<> {
    for (LoggedItem* item : {&a, &b, &c}) CHECK(queue.queue(ctx, item->work));
    CHECK_FALSE(queue.queue(ctx, b.work));
    co_await ctx.step();
  });
  bare.run();
  CHECK(queue.is_idle());
  return log;
}

}  // namespace

TEST_CASE("each item is due a hop after it was queued, or after the one before", "[os][workqueue]") {
  CHECK(three_items(os::WorkDispatch::pipelined, 1) == "a@30 A@130 b@130 c@130 ");
  CHECK(three_items(os::WorkDispatch::serial, 1) == "a@30 A@130 b@150 c@170 ");
  CHECK(three_items(os::WorkDispatch::pipelined, 256) == "a@30 b@30 c@30 A@130 ");
  CHECK(three_items(os::WorkDispatch::serial, 256) == "a@30 b@30 c@30 A@130 ");
}

TEST_CASE("an item may be queued again once it has begun, and never runs twice at a time", "[os][workqueue]") {
  for (const os::WorkDispatch dispatch : {os::WorkDispatch::pipelined, os::WorkDispatch::serial}) {
    BareHost bare{hop_host(dispatch)};
    std::string log;
    os::Workqueue queue{bare.host, 256};
    LoggedItem a{bare, log, 'a', ns(100)};
    a.again = &queue;
    bare.client("client", [&](Context& ctx) -> Task<> {
      queue.queue(ctx, a.work);
      co_await ctx.step();
    });
    bare.run();
    CHECK(log == "a@30 A@130 a@130 A@230 ");
  }
}

TEST_CASE("a cancelled item does not run, and the next does not wait for it", "[os][workqueue]") {
  for (const os::WorkDispatch dispatch : {os::WorkDispatch::pipelined, os::WorkDispatch::serial}) {
    BareHost bare{hop_host(dispatch)};
    std::string log;
    os::Workqueue queue{bare.host, 1};
    LoggedItem a{bare, log, 'a'};
    LoggedItem b{bare, log, 'b'};
    bare.client("client", [&](Context& ctx) -> Task<> {
      queue.queue(ctx, a.work);
      queue.queue(ctx, b.work);
      co_await os::sleep_until(ctx, ctx.now() + ns(5));
      CHECK(queue.cancel(a.work));
      CHECK_FALSE(queue.cancel(a.work));
      co_await queue.flush(ctx);
      log += "idle@" + std::to_string(ctx.now().time_since_epoch() / ns(1));
    });
    bare.run();
    CHECK(log == "b@30 idle@40");
  }
}

TEST_CASE("cancel_sync and flush of an item wait for its end", "[os][workqueue]") {
  for (const auto dispatch : {os::WorkDispatch::pool, os::WorkDispatch::pipelined}) {
    BareHost bare{hop_host(dispatch)};
    std::string log;
    os::Workqueue queue{bare.host, 1};
    LoggedItem a{bare, log, 'a', ns(100)};
    bool was_queued = true;
    bool runs_after = true;
    bare.client("client", [&](Context& ctx) -> Task<> {
      queue.queue(ctx, a.work);
      co_await os::sleep_until(ctx, ctx.now() + ns(60));
      was_queued = co_await queue.cancel_sync(ctx, a.work);
      runs_after = log.find('A') == std::string::npos;
      queue.queue(ctx, a.work);
      co_await queue.flush(ctx, a.work);
      log += '.';
    });
    bare.run();
    CHECK_FALSE(was_queued);
    CHECK_FALSE(runs_after);
    CHECK(log.back() == '.');
    CHECK(std::count(log.begin(), log.end(), 'A') == 2);
  }
}

TEST_CASE("what is due at one moment happens in the order in which it was planned", "[os][workqueue]") {
  BareHost bare{hop_host(os::WorkDispatch::pipelined)};
  std::string log;
  os::Workqueue queue{bare.host, 1};
  os::Workqueue other{bare.host, 1};
  LoggedItem a{bare, log, 'a'};
  LoggedItem b{bare, log, 'b'};
  bare.client("client", [&](Context& ctx) -> Task<> {
    queue.queue(ctx, a.work);
    co_await os::sleep_until(ctx, ctx.now() + ns(20));  // planned after a's hop, before b is queued: runs after a
    log += "| ";
    co_await ctx.step();
  });
  bare.client("second", [&](Context& ctx) -> Task<> {
    other.queue(ctx, b.work);
    co_await ctx.step();
  });
  bare.run();
  CHECK(log == "a@30 | b@30 ");
}

TEST_CASE("kernel timers expire exactly, at jiffies, or at the wheel's slots", "[os][timer]") {
  using os::TimerGranularity;
  const SimTime now{us(7'302)};
  const auto expiry = [&](Picoseconds delay, TimerGranularity granularity) {
    return os::timer_expiry(now, delay, granularity).time_since_epoch();
  };
  CHECK(expiry(us(200'000), TimerGranularity::exact) == us(207'302));
  CHECK(expiry(us(200'000), TimerGranularity::jiffy) == ms(207));
  CHECK(expiry(us(1'500), TimerGranularity::jiffy) == ms(9));  // delays are whole jiffies, rounded up
  CHECK(expiry(ms(5), TimerGranularity::wheel) == ms(13));
  CHECK(expiry(ms(62), TimerGranularity::wheel) == ms(70));
  CHECK(expiry(ms(63), TimerGranularity::wheel) == ms(72));  // slots of 8 ms
  CHECK(expiry(ms(200), TimerGranularity::wheel) == ms(208));
  CHECK(expiry(ms(504), TimerGranularity::wheel) == ms(512));  // of 64 ms
}

TEST_CASE("a delayed item is armed, moved, taken off and run", "[os][timer]") {
  BareHost bare{hop_host(os::WorkDispatch::pipelined)};
  std::string log;
  os::Workqueue queue{bare.host, 256};
  LoggedItem a{bare, log, 'a', ns(100)};
  os::DelayedWork delayed{queue, &LoggedItem::run, &a, 0, 0};
  bare.client("client", [&](Context& ctx) -> Task<> {  // at 10 ns
    CHECK_FALSE(delayed.modify(ctx, ns(100)));
    CHECK(delayed.is_armed());
    CHECK(delayed.expiry().time_since_epoch() == ns(110));
    CHECK(delayed.modify(ctx, ns(50)));  // 60
    co_await os::sleep_until(ctx, SimTime{ns(70)});
    CHECK_FALSE(delayed.is_armed());
    CHECK(delayed.is_pending());         // expired, its hop is not over
    CHECK(delayed.modify(ctx, ns(30)));  // taken off again: 100
    co_await os::sleep_until(ctx, SimTime{ns(130)});
    log += "| ";  // it runs since 120
    CHECK_FALSE(co_await delayed.cancel_sync(ctx));
    log += "end@" + std::to_string(ctx.now().time_since_epoch() / ns(1)) + ' ';
    CHECK_FALSE(delayed.modify(ctx, Picoseconds{0}));  // at once: no timer, one hop
    CHECK(delayed.cancel(ctx));
    CHECK_FALSE(delayed.modify(ctx, ns(10)));
    CHECK(delayed.cancel(ctx));
    CHECK_FALSE(delayed.is_pending());
  });
  bare.run();
  CHECK(log == "a@120 | A@220 end@230 ");
}

TEST_CASE("a wait with a deadline ends at what comes first", "[os][wait]") {
  BareHost bare{hop_host(os::WorkDispatch::pipelined)};
  os::WaitQueue waiters;
  bool holds = false;
  std::string log;
  for (const Picoseconds deadline : {ns(100), ns(300)}) {
    bare.client("waiter", [&, deadline](Context& ctx) -> Task<> {
      const bool held = co_await waiters.wait_until(ctx, {}, SimTime{deadline}, [&] { return holds; });
      log += (held ? "yes@" : "no@") + std::to_string(ctx.now().time_since_epoch() / ns(1)) + ' ';
    });
  }
  bare.client("waker", [&](Context& ctx) -> Task<> {
    co_await os::sleep_until(ctx, SimTime{ns(50)});
    waiters.wake_all(ctx);  // the condition does not hold yet
    co_await os::sleep_until(ctx, SimTime{ns(200)});
    holds = true;
    waiters.wake_all(ctx);
  });
  bare.run();
  CHECK(log == "no@100 yes@210 ");
  CHECK_FALSE(waiters.has_sleepers());
}
