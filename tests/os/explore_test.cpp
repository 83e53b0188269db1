// SPDX-License-Identifier: MIT
// What an exploration may do to the modelled host, answer by answer; and that a host without choices is not touched.
#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/choosing_host.h"
#include "tests/support/violation.h"

using namespace gpusim;
using os::Context;
using os::Task;

namespace {

constexpr Picoseconds kStart = ns(15);  // 10 ns wake, 5 ns switch

SimTime when(Picoseconds time) { return SimTime{time}; }

}  // namespace

TEST_CASE("a step takes longer by choice, also one that has nothing to pay", "[explore]") {
  // Steps of the first thread: its number is 1. Value 3 adds 300 ns / 30 ns by the table's order: 1, 30, 300 ns.
  test::ChoosingHost host{test::small_host(1),
                          {{ChoiceKind::delay, "step", 1, 1, 2}, {ChoiceKind::delay, "step", 1, 2, 3}}};
  std::vector<SimTime> times;
  host.host.spawn_client("client", [&](Context& ctx) -> Task<> {
    ctx.charge(test::cost(ns(40)));
    co_await ctx.step();
    times.push_back(ctx.now());
    ctx.charge(test::cost(ns(40)));
    co_await ctx.step();
    times.push_back(ctx.now());
    co_await ctx.step();
    times.push_back(ctx.now());
  });
  host.run();
  CHECK(times == std::vector{when(kStart + ns(40)), when(kStart + ns(110)), when(kStart + ns(410))});
}

TEST_CASE("of the threads in line another one is taken by choice", "[explore]") {
  for (const std::uint32_t taken : {0U, 1U, 2U}) {
    Schedule schedule;
    if (taken != 0) schedule.push_back({ChoiceKind::order, "dispatch", 0, 0, taken});
    test::ChoosingHost host{test::small_host(1), schedule};
    std::string order;
    for (const char* name : {"a", "b", "c", "d"}) {
      host.host.spawn_client(name, [&order, name](Context& ctx) -> Task<> {
        ctx.charge(test::cost(ns(1)));
        co_await ctx.step();
        order += name;
      });
    }
    host.run();
    CHECK(order == std::vector<std::string>{"abcd", "acbd", "adbc"}[taken]);
  }
}

TEST_CASE("the last in line is taken and the line still ends", "[explore]") {
  test::ChoosingHost host{test::small_host(1),
                          {{ChoiceKind::order, "dispatch", 0, 0, 2}, {ChoiceKind::order, "dispatch", 0, 1, 1}}};
  std::string order;
  const auto body = [&order](const char* name) {
    return [&order, name](Context& ctx) -> Task<> {
      for (int i = 0; i < 2; ++i) {
        ctx.charge(test::cost(ns(150)));  // more than a time slice: back to the line
        co_await ctx.step();
        order += name;
      }
    };
  };
  for (const char* name : {"a", "b", "c"}) host.host.spawn_client(name, body(name));
  host.run();
  CHECK(order.size() == 6);
  for (const char name : {'a', 'b', 'c'}) CHECK(std::count(order.begin(), order.end(), name) == 2);
}

TEST_CASE("a thread goes to another idle CPU by choice", "[explore]") {
  test::ChoosingHost host{test::small_host(3), {{ChoiceKind::placement, "placement", 1, 0, 2}}};
  std::uint16_t cpu = 99;
  host.host.spawn_client("client", [&](Context& ctx) -> Task<> {
    cpu = ctx.cpu_number();
    co_return;
  });
  host.run();
  CHECK(cpu == 2);
}

TEST_CASE("wake-ups take longer by choice", "[explore]") {
  test::ChoosingHost host{test::small_host(1), {{ChoiceKind::wake, "wake", 1, 0, 2}}};
  SimTime began{};
  host.host.spawn_client("client", [&](Context& ctx) -> Task<> {
    began = ctx.now();
    co_return;
  });
  host.run();
  CHECK(began == when(kStart + us(1)));
}

TEST_CASE("interrupts come later, or twice, by choice", "[explore]") {
  const auto times_with = [](const Schedule& schedule) {
    test::ChoosingHost host{test::small_host(1), schedule};
    std::vector<SimTime> times;
    host.host.request_irq(4, "device", 0, [&](Context& ctx) -> Task<> {
      times.push_back(ctx.now());
      co_return;
    });
    host.host.deliver_interrupt(4);
    host.run();
    return times;
  };
  CHECK(times_with({}) == std::vector{when(ps(0))});
  CHECK(times_with({{ChoiceKind::interrupt, "interrupt", 5, 0, 3}}) == std::vector{when(us(5))});
  CHECK(times_with({{ChoiceKind::fault, "late_interrupt", 5, 0, 1}}) == std::vector{when(ms(2))});
  CHECK(times_with({{ChoiceKind::fault, "duplicate_interrupt", 5, 0, 1}}) == std::vector{when(ps(0)), when(ns(500))});
}

TEST_CASE("a race point is nothing in a normal run and lets others in by choice", "[explore]") {
  int shared = 0;
  std::vector<int> seen;
  const auto reader = [&](Context& ctx) -> Task<> {
    const int before = shared;
    co_await ctx.race_point("look_then_leap");
    seen = {before, shared};
  };
  const auto writer = [&](Context& ctx) -> Task<> {
    ctx.charge(test::cost(ns(40)));
    co_await ctx.step();
    shared = 1;
  };
  SECTION("normal") {
    test::BareHost host{test::small_host(2)};
    host.client("reader", reader);
    host.client("writer", writer);
    host.run();
    CHECK(seen == std::vector{0, 0});
  }
  SECTION("on another CPU, while it lasts") {
    test::ChoosingHost host{test::small_host(2), {{ChoiceKind::race, "look_then_leap", 0, 0, 2}}};
    host.host.spawn_client("reader", reader);
    host.host.spawn_client("writer", writer);
    host.run();
    CHECK(seen == std::vector{0, 1});
  }
  SECTION("on the same CPU, when it lasts for less than a time slice") {
    test::ChoosingHost host{test::small_host(1), {{ChoiceKind::race, "look_then_leap", 0, 0, 1}}};
    host.host.spawn_client("reader", reader);
    host.host.spawn_client("writer", writer);
    host.run();
    CHECK(seen == std::vector{0, 0});
  }
  SECTION("on the same CPU, preempted") {
    os::HostSpec spec = test::small_host(1);
    spec.timeslice = Cost{ms(3), 1};
    test::ChoosingHost host{spec, {{ChoiceKind::race, "look_then_leap", 0, 0, 7}}};
    host.host.spawn_client("reader", reader);
    host.host.spawn_client("writer", writer);
    host.run();
    CHECK(seen == std::vector{0, 1});
  }
}

TEST_CASE("a hard interrupt spends time at a race point, a spinlock section may hold none", "[explore]") {
  test::ChoosingHost host{test::small_host(1), {{ChoiceKind::race, "in_irq", 0, 0, 7}}};
  SimTime end{};
  host.host.request_irq(1, "device", 0, [&](Context& ctx) -> Task<> {
    co_await ctx.race_point("in_irq");
    end = ctx.now();
    const os::SpinSection section{ctx, ctx.host().lockdep().lock_class("a lock")};
    co_await ctx.race_point("in_section");
  });
  host.host.deliver_interrupt(1);
  CHECK(test::violation_of([&] { host.run(); }) == "sleeping_in_atomic: race point 'in_section' in a spinlock section");
  CHECK(end == when(us(20)));
}

TEST_CASE("the board says who runs", "[explore]") {
  test::ChoosingHost host{test::small_host(2), {}};
  std::vector<std::string> texts;
  host.host.request_irq(1, "device", 1, [&](Context& ctx) -> Task<> {
    ctx.charge(test::cost(ns(1)));
    co_await ctx.step();
    texts.push_back(to_text(host.actors.current()));
  });
  host.host.deliver_interrupt(1);
  host.host.spawn_client("client", [&](Context&) -> Task<> {
    texts.push_back(to_text(host.actors.current()));
    co_return;
  });
  host.run();
  CHECK(texts == std::vector<std::string>{"hard irq on cpu 1 at 1.000 ns", "client on cpu 0 at 15.000 ns"});
  CHECK(host.actors.current().name == nullptr);
}

TEST_CASE("memory that reclaim may wait for is not asked for where a fence's signal depends on it", "[explore]") {
  const auto ask = [](Context& ctx) { ctx.check_may_reclaim("kmalloc(GFP_KERNEL)"); };
  SECTION("a plain system call may") {
    test::BareHost host{test::small_host(1)};
    host.client("client", [&](Context& ctx) -> Task<> {
      ask(ctx);
      co_return;
    });
    CHECK_NOTHROW(host.run());
  }
  SECTION("a signalling section may not") {
    test::BareHost host{test::small_host(1)};
    host.client("client", [&](Context& ctx) -> Task<> {
      ctx.begin_signalling();
      ask(ctx);
      co_return;
    });
    const std::string text = test::violation_of([&] { host.run(); });
    CHECK(
        text.starts_with("reclaim_in_signalling: WARNING: possible circular locking dependency: kmalloc(GFP_KERNEL) "
                         "by client on cpu 0 at 15.000 ns in a fence signalling critical section"));
  }
  SECTION("a hard interrupt may not") {
    test::BareHost host{test::small_host(1)};
    host.host.request_irq(1, "device", 0, [&](Context& ctx) -> Task<> {
      ask(ctx);
      co_return;
    });
    host.host.deliver_interrupt(1);
    const std::string text = test::violation_of([&] { host.run(); });
    CHECK(text.find("by hard irq on cpu 0") != std::string::npos);
    CHECK(text.find("in a hard interrupt handler") != std::string::npos);
  }
}

TEST_CASE("an allocation fails by choice, never otherwise", "[explore]") {
  std::vector<bool> failed;
  const auto body = [&](Context& ctx) -> Task<> {
    for (int i = 0; i < 3; ++i) failed.push_back(ctx.allocation_fails("a_thing"));
    co_return;
  };
  SECTION("normal") {
    test::BareHost host{test::small_host(1)};
    host.client("client", body);
    host.run();
    CHECK(failed == std::vector{false, false, false});
  }
  SECTION("by choice") {
    test::ChoosingHost host{test::small_host(1), {{ChoiceKind::fault, "a_thing", 0, 1, 1}}};
    host.host.spawn_client("client", body);
    host.run();
    CHECK(failed == std::vector{false, true, false});
  }
}
