// SPDX-License-Identifier: MIT
// CPUs as a contended resource: steps, context switches, time slices, preemption, interrupts.
#include <map>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "tests/support/bare_host.h"
#include "tests/support/catch.h"
#include "traces/inspect/recording.h"

using namespace gpusim;
using os::Context;
using os::Task;
using test::BareHost;
using test::cost;
using test::small_host;

namespace {

constexpr Picoseconds kBegin = ns(15);  // wake-up and context switch of a client's thread

os::Thread::Body busy(std::map<std::string, Picoseconds>& ends, const std::string& name, Picoseconds time) {
  return [&ends, name, time](Context& ctx) -> Task<> {
    ctx.charge(cost(time));
    co_await ctx.step();
    ends[name] = ctx.now().time_since_epoch();
  };
}

}  // namespace

TEST_CASE("a thread begins after its wake latency and a context switch, and a step takes what was charged", "[os]") {
  BareHost bare{small_host(1)};
  std::map<std::string, Picoseconds> ends;
  bare.client("a", busy(ends, "a", ns(50)));
  bare.run();
  CHECK(ends["a"] == kBegin + ns(50));
}

TEST_CASE("charges add up and a step with nothing to pay takes no time", "[os]") {
  BareHost bare{small_host(1)};
  Picoseconds after_first{0};
  Picoseconds after_second{0};
  bare.client("a", [&](Context& ctx) -> Task<> {
    ctx.charge(cost(ns(3)));
    ctx.charge(cost(ns(4)));
    co_await ctx.step();
    after_first = ctx.now().time_since_epoch();
    co_await ctx.step();
    after_second = ctx.now().time_since_epoch();
  });
  bare.run();
  CHECK(after_first == kBegin + ns(7));
  CHECK(after_second == after_first);
}

TEST_CASE("two threads on two CPUs do not disturb each other, on one CPU they share it by time slice", "[os]") {
  std::map<std::string, Picoseconds> ends;
  {
    BareHost bare{small_host(2)};
    bare.client("a", busy(ends, "a", ns(150)));
    bare.client("b", busy(ends, "b", ns(150)));
    bare.run();
    CHECK(ends["a"] == kBegin + ns(150));
    CHECK(ends["b"] == kBegin + ns(150));
  }
  {
    BareHost bare{small_host(1)};
    bare.client("a", busy(ends, "a", ns(150)));
    bare.client("b", busy(ends, "b", ns(150)));
    bare.run();
    // 100 ns of a, 100 of b, 50 of a, 50 of b, and a switch before each, which is no part of the slice.
    CHECK(ends["a"] == ns(10 + 105 + 105 + 55));
    CHECK(ends["b"] == ns(10 + 105 + 105 + 55 + 55));
  }
}

TEST_CASE("threads get on by their slice even if the switch costs more", "[os]") {
  os::HostSpec spec = small_host(1);
  spec.timeslice = cost(ns(1));
  BareHost bare{spec};
  std::map<std::string, Picoseconds> ends;
  bare.client("a", busy(ends, "a", ns(3)));
  bare.client("b", busy(ends, "b", ns(3)));
  bare.run();
  // a b a b a b, each with 5 ns of switch and 1 ns of slice.
  CHECK(ends["a"] == ns(10 + 5 * 6));
  CHECK(ends["b"] == ns(10 + 6 * 6));
  CHECK(bare.ledger.totals()[5] == ns(6 * 5));
}

TEST_CASE("a thread that is preempted in the switch to it has no more to do than before", "[os]") {
  BareHost bare{small_host(1)};
  std::map<std::string, Picoseconds> ends;
  bare.client("normal", busy(ends, "normal", ns(50)));
  bare.host.spawn("fifo", os::ContextKind::task, os::SchedClass::fifo, cost(ns(12)), busy(ends, "fifo", ns(1)));
  bare.run();
  CHECK(ends["fifo"] == ns(12 + 5 + 1));
  CHECK(ends["normal"] == ns(12 + 5 + 1) + ns(5 + 50));  // not the 3 ns that were left of its first switch
}

TEST_CASE("a sum of charges stops at 26 days", "[os]") {
  BareHost bare{small_host(1)};
  Picoseconds end{0};
  bare.client("a", [&](Context& ctx) -> Task<> {
    for (int i = 0; i < 10'000; ++i) ctx.charge(Cost{ms(3'600'000), 9});
    co_await ctx.step();
    end = ctx.now().time_since_epoch();
  });
  bare.run();
  CHECK(end == kBegin + kLongestSum);
  CHECK(bare.ledger.totals()[9] == Picoseconds::max());
}

TEST_CASE("a lone thread is not cut by its time slice", "[os]") {
  BareHost bare{small_host(1)};
  std::map<std::string, Picoseconds> ends;
  bare.client("a", busy(ends, "a", us(10)));
  bare.run();
  CHECK(ends["a"] == kBegin + us(10));
}

TEST_CASE("a FIFO thread takes the CPU from a normal one, which goes on afterwards", "[os]") {
  BareHost bare{small_host(1)};
  std::map<std::string, Picoseconds> ends;
  bare.client("normal", busy(ends, "normal", ns(80)));
  bare.host.spawn("fifo", os::ContextKind::task, os::SchedClass::fifo, cost(ns(50)), busy(ends, "fifo", ns(20)));
  bare.run();
  CHECK(ends["fifo"] == ns(50 + 5 + 20));
  CHECK(ends["normal"] == kBegin + ns(80) + ns(5 + 20 + 5));
}

TEST_CASE("an interrupt stretches what it interrupts by its own time", "[os]") {
  os::HostSpec spec = small_host(1);
  spec.irq_delivery = cost(ns(40));
  spec.irq_entry = cost(ns(3));
  spec.irq_exit = cost(ns(2));
  BareHost bare{spec};
  std::map<std::string, Picoseconds> ends;
  Picoseconds handled{0};
  bare.host.request_irq(0, "test", 0, [&](Context& ctx) -> Task<> {
    CHECK(ctx.kind() == os::ContextKind::hard_irq);
    ctx.charge(cost(ns(10)));
    co_await ctx.step();
    handled = ctx.now().time_since_epoch();
  });
  bare.client("a", busy(ends, "a", ns(100)));
  bare.run_until(ns(0));
  bare.host.deliver_interrupt(0);
  bare.run();
  CHECK(handled == ns(40 + 3 + 10));
  CHECK(ends["a"] == kBegin + ns(100) + ns(3 + 10 + 2));
}

TEST_CASE("interrupts of one CPU run one after the other and a pending vector is one interrupt", "[os]") {
  os::HostSpec spec = small_host(1);
  spec.irq_entry = cost(ns(10));
  BareHost bare{spec};
  std::string order;
  for (const std::uint32_t vector : {0U, 1U}) {
    bare.host.request_irq(vector, "v", 0, [&order, vector](Context& ctx) -> Task<> {
      order += std::to_string(vector);
      co_await ctx.step();
    });
  }
  bare.run_until(ns(0));
  for (const std::uint32_t vector : {0U, 1U, 1U}) bare.host.deliver_interrupt(vector);
  bare.run();
  CHECK(order == "01");
}

TEST_CASE("a threaded interrupt runs its handler in a thread, after its wake latency", "[os]") {
  BareHost bare{small_host(2)};
  Picoseconds handled{0};
  os::ContextKind kind{};
  bare.host.request_threaded_irq(0, "test", 0, [&](Context& ctx) -> Task<> {
    kind = ctx.kind();
    handled = ctx.now().time_since_epoch();
    co_await ctx.step();
  });
  bare.run_until(us(1));
  bare.host.deliver_interrupt(0);
  bare.run();
  CHECK(kind == os::ContextKind::irq_thread);
  CHECK(handled == us(1) + ns(30));  // it was the last on its CPU: no switch
}

namespace {

/// Which CPU runs what from when, in ns: "b@1:30".
std::string places(const std::vector<trace::Event>& events, const trace::Names& names) {
  std::string text;
  for (const trace::Event& event : events) {
    const auto change = trace::as<trace::sched_switch>(event);
    if (!change || change->next == 0) continue;
    text += fmt::format("{}{}@{}:{}", text.empty() ? "" : " ", names.threads[change->next], change->cpu,
                        change->time.time_since_epoch() / ns(1));
  }
  return text;
}

struct Sleeper {
  os::Thread* thread = nullptr;
  os::Thread::Body body(Picoseconds time) {
    return [this, time](Context& ctx) -> Task<> {
      for (;;) {
        ctx.charge(cost(time));
        co_await ctx.step();
        co_await thread->blocked({os::BlockedOn::Kind::nothing, "the test", 0, 0});
      }
    };
  }
};

}  // namespace

TEST_CASE("a CPU that a woken thread has chosen is not idle for the next one", "[os]") {
  BareHost bare{small_host(2)};
  trace::EventKeeper tape;
  bare.recorder.attach_to_all(tape);
  std::map<std::string, Picoseconds> ends;
  // Both are woken at 0. a chooses CPU 0, b CPU 1, though b is the first to arrive.
  bare.host.spawn("a", os::ContextKind::task, os::SchedClass::normal, cost(ns(20)), busy(ends, "a", ns(50)));
  bare.host.spawn("b", os::ContextKind::task, os::SchedClass::normal, cost(ns(10)), busy(ends, "b", ns(50)));
  bare.run();
  CHECK(places(tape.events, bare.names) == "b@1:10 a@0:20");
}

TEST_CASE("a thread chooses its CPU when it is woken, and keeps to it if its last one gets idle meanwhile", "[os]") {
  BareHost bare{small_host(2)};
  trace::EventKeeper tape;
  bare.recorder.attach_to_all(tape);
  std::map<std::string, Picoseconds> ends;
  Sleeper sleeper;
  sleeper.thread = &bare.client("sleeper", sleeper.body(ns(1)));  // on CPU 0 from 10 ns, asleep at 16
  bare.run_until(ns(20));
  bare.host.spawn("a", os::ContextKind::task, os::SchedClass::normal, cost(ns(10)), busy(ends, "a", ns(10)));
  bare.run_until(ns(40));  // a has CPU 0 from 30 to 45
  sleeper.thread->wake();
  bare.run();
  CHECK(places(tape.events, bare.names) == "sleeper@0:10 a@0:30 sleeper@1:50");
}

TEST_CASE("a CPU that merely has an interrupt is idle: the thread comes on it when the interrupt ends", "[os]") {
  os::HostSpec spec = small_host(2);
  spec.irq_entry = cost(ns(40));
  BareHost bare{spec};
  trace::EventKeeper tape;
  bare.recorder.attach_to_all(tape);
  Sleeper sleeper;
  bare.host.request_irq(0, "test", 0, [](Context& ctx) -> Task<> { co_await ctx.step(); });
  sleeper.thread = &bare.client("sleeper", sleeper.body(ns(1)));
  bare.run_until(ns(100));
  bare.host.deliver_interrupt(0);  // CPU 0 until 140
  bare.run_until(ns(110));
  sleeper.thread->wake();
  bare.run_until(ns(1'000));
  CHECK(places(tape.events, bare.names) == "sleeper@0:10 sleeper@0:140");
  CHECK(bare.ledger.totals()[5] == ns(5));  // it comes back to a CPU that nobody else used: no switch
  // Wake-ups that take longer than the interrupt do not notice it.
  bare.host.deliver_interrupt(0);
  bare.run_until(ns(1'035));
  sleeper.thread->wake();
  bare.run();
  CHECK(places(tape.events, bare.names) == "sleeper@0:10 sleeper@0:140 sleeper@0:1045");
}

TEST_CASE("a thread that has to wait anyway takes a CPU whose thread is still on its way", "[os]") {
  BareHost bare{small_host(1)};
  std::map<std::string, Picoseconds> ends;
  bare.host.spawn("late", os::ContextKind::task, os::SchedClass::normal, cost(ns(80)), busy(ends, "late", ns(10)));
  bare.client("early", busy(ends, "early", ns(20)));
  bare.run();
  CHECK(ends["early"] == kBegin + ns(20));
  CHECK(ends["late"] == ns(80 + 5 + 10));
}

TEST_CASE("a FIFO thread that wakes during an interrupt goes before a normal one that came earlier", "[os]") {
  os::HostSpec spec = small_host(1);
  spec.irq_entry = cost(ns(100));
  BareHost bare{spec};
  std::map<std::string, Picoseconds> ends;
  bare.host.request_irq(0, "test", 0, [](Context& ctx) -> Task<> { co_await ctx.step(); });
  bare.run_until(ns(0));
  bare.host.deliver_interrupt(0);
  bare.client("normal", busy(ends, "normal", ns(50)));
  bare.host.spawn("fifo", os::ContextKind::task, os::SchedClass::fifo, cost(ns(50)), busy(ends, "fifo", ns(20)));
  bare.run();
  CHECK(ends["fifo"] == ns(100 + 5 + 20));
  CHECK(ends["normal"] == ns(100 + 5 + 20) + ns(5 + 50));
}

TEST_CASE("background load delays a client that has to share its CPU", "[os]") {
  os::HostSpec spec = small_host(1);
  spec.background = {1, cost(ns(400)), ns(500), os::LoadTimes::fixed};
  BareHost bare{spec};
  std::map<std::string, Picoseconds> ends;
  bare.client("a", busy(ends, "a", ns(300)));
  bare.run_until(us(10));
  REQUIRE(ends.count("a") == 1);
  CHECK(ends["a"] > kBegin + ns(300) + ns(200));
}

TEST_CASE("the summed charges stand in the ledger by parameter", "[os]") {
  BareHost bare{small_host(1)};
  bare.client("a", [](Context& ctx) -> Task<> {
    ctx.charge(Cost{ns(7), 9});
    ctx.charge(Cost{ns(8), 9});
    co_await ctx.step();
  });
  bare.run();
  REQUIRE(bare.ledger.totals().size() > 9);
  CHECK(bare.ledger.totals()[9] == ns(15));
  CHECK(bare.ledger.totals()[2] == ns(10));  // the wake-up
  CHECK(bare.ledger.totals()[5] == ns(5));   // the context switch
}
