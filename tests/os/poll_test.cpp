// SPDX-License-Identifier: MIT
// Threads that poll: when they look, what ends it, and that the end of all that could happen is seen.
#include "os/poll.h"

#include <vector>

#include "tests/support/bare_host.h"
#include "tests/support/catch.h"

using namespace gpusim;
using os::Context;
using os::Task;
using test::BareHost;
using test::cost;
using test::small_host;

namespace {
constexpr os::BlockedOn kValue{os::BlockedOn::Kind::other, "a value", 0, 0};
}

TEST_CASE("a thread that polls sees a value with the first look that ends after it", "[os][poll]") {
  BareHost bare{small_host(2)};
  const Picoseconds pause = GENERATE(ps(0), ns(100));
  bool value = false;
  SimTime written{};
  SimTime seen{};
  bare.client("a", [&](Context& ctx) -> Task<> {
    co_await os::poll(ctx, {.look = cost(ns(7)), .pause = pause}, kValue, [&] { return value; });
    seen = ctx.now();
  });
  bare.client("b", [&](Context& ctx) -> Task<> {
    co_await os::sleep_until(ctx, SimTime{ns(500)});
    value = true;
    written = ctx.now();
  });
  bare.run();
  CHECK(seen >= written);
  // A look that has just missed it, and of one that pauses the pause, its wake-up (10 ns) and a switch (5 ns).
  const Picoseconds longest = pause.count() == 0 ? ns(7) : pause + ns(10) + ns(5) + ns(7);
  CHECK(seen - written <= longest);
}

TEST_CASE("a kill ends a poll", "[os][poll]") {
  BareHost bare{small_host(2)};
  const Picoseconds pause = GENERATE(ps(0), ns(1'000));
  SimTime seen{};
  os::Thread& polls = bare.client("a", [&](Context& ctx) -> Task<> {
    co_await os::poll(ctx, {.look = cost(ns(10)), .pause = pause}, kValue, [] { return false; });
    seen = ctx.now();
  });
  bare.client("b", [&](Context& ctx) -> Task<> {
    co_await os::sleep_until(ctx, SimTime{ns(50)});
    polls.kill();
  });
  bare.run();
  CHECK(seen >= SimTime{ns(65)});
  CHECK(seen < SimTime{ns(100)});
}

TEST_CASE("threads that poll for what nobody will write sleep in the end, so that the run has one", "[os][poll]") {
  BareHost bare{small_host(2)};
  bool first = false;
  std::vector<os::Thread*> threads;
  // Three on two CPUs. What the second one looks for, the first one would write.
  for (const int number : {0, 1, 2}) {
    threads.push_back(
        &bare.client(std::string(1, static_cast<char>('a' + number)), [&, number](Context& ctx) -> Task<> {
          co_await os::poll(ctx, {.look = cost(ns(10)), .pause = number == 2 ? ns(30) : ps(0)}, kValue,
                            [&, number] { return number == 1 && first; });
          first = true;
        }));
  }
  bare.run();
  CHECK_FALSE(first);
  for (const os::Thread* thread : threads) {
    CHECK(thread->state() == os::ThreadState::blocked);
    CHECK(thread->blocked_on().what == kValue.what);
  }
}
