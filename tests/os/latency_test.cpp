// SPDX-License-Identifier: MIT
// Latencies that are drawn: exact quantiles, and streams that do not disturb each other.
#include "os/latency.h"

#include <map>
#include <string>
#include <vector>

#include "tests/support/bare_host.h"
#include "tests/support/catch.h"

using namespace gpusim;
using os::Context;
using os::Latency;
using os::Task;

namespace {

const Latency kSkewed{{{0, ns(10)}, {5'000, ns(20)}, {9'900, ns(40)}, {10'000, ns(140)}}, 7};

constexpr std::uint64_t share(std::uint64_t of_64) { return of_64 << 58U; }

/// How long each of ten wake-ups of each client took, by client.
std::map<std::string, std::vector<Picoseconds>> wake_ups(int clients, std::uint64_t seed) {
  os::HostSpec spec = test::free_host();
  spec.cpus = 16;
  spec.task_wake = kSkewed;
  test::BareHost bare{spec, seed};
  std::map<std::string, std::vector<Picoseconds>> found;
  for (int client = 0; client < clients; ++client) {
    const std::string name = "client" + std::to_string(client);
    bare.client(name, [&found, name](Context& ctx) -> Task<> {
      for (int i = 1; i <= 10; ++i) {
        const SimTime when{us(i)};
        co_await os::sleep_until(ctx, when);
        found[name].push_back(ctx.now() - when);
      }
    });
  }
  bare.run();
  return found;
}

}  // namespace

TEST_CASE("a distribution has its quantiles and is linear between them", "[os][latency]") {
  CHECK(kSkewed.value == ns(20));
  CHECK(kSkewed.at(0) == ns(10));
  CHECK(kSkewed.at(share(16)) == ns(15));  // a quarter
  CHECK(kSkewed.at(share(32)) == ns(20));
  CHECK(kSkewed.at(share(48)) == ps(30'204));  // 20 + 20 * 25 / 49
  CHECK(kSkewed.at(~std::uint64_t{0}) == ns(140) - ps(1));
}

TEST_CASE("draws follow the distribution, and a constant draws nothing", "[os][latency]") {
  Prng draws{1, "test"};
  int below_median = 0;
  int in_tail = 0;
  for (int i = 0; i < 100'000; ++i) {
    const Picoseconds drawn = kSkewed.draw(draws);
    REQUIRE((drawn >= ns(10) && drawn < ns(140)));
    below_median += drawn < ns(20) ? 1 : 0;
    in_tail += drawn >= ns(40) ? 1 : 0;
  }
  CHECK(std::abs(below_median - 50'000) < 1'000);  // six standard deviations
  CHECK(std::abs(in_tail - 1'000) < 200);

  Prng used{1, "test"};
  Prng fresh{1, "test"};
  CHECK(Latency{Cost{ns(5), 1}}.draw(used) == ns(5));
  CHECK(used.next() == fresh.next());
}

TEST_CASE("one thread more shifts no other's draws, another seed all", "[os][latency]") {
  const auto few = wake_ups(3, 1);
  auto more = wake_ups(4, 1);
  CHECK(more.erase("client3") == 1);
  CHECK(more == few);
  CHECK(few.at("client0") != few.at("client1"));
  CHECK(wake_ups(3, 2) != few);
}

TEST_CASE("what was drawn is what is charged", "[os][latency]") {
  os::HostSpec spec = test::free_host();
  spec.task_wake = kSkewed;
  test::BareHost bare{spec};
  Picoseconds begun{0};
  bare.client("a", [&](Context& ctx) -> Task<> {
    begun = ctx.now().time_since_epoch();
    co_await ctx.step();
  });
  bare.run();
  CHECK(begun >= ns(10));
  CHECK(bare.ledger.totals().at(7) == begun);
}

TEST_CASE("each interrupt of a vector is delivered after a delay of its own", "[os][latency]") {
  os::HostSpec spec = test::free_host();
  spec.irq_delivery = kSkewed;
  test::BareHost bare{spec};
  std::vector<Picoseconds> delays;
  bare.host.request_irq(0, "test", 0, [&](Context& ctx) -> Task<> {
    delays.push_back(ctx.now().time_since_epoch() % us(1));
    co_await ctx.step();
  });
  for (int i = 0; i < 4; ++i) {
    bare.run_until(us(i));
    bare.host.deliver_interrupt(0);
  }
  bare.run();
  REQUIRE(delays.size() == 4);
  for (const Picoseconds delay : delays) CHECK((delay >= ns(10) && delay < ns(140)));
  CHECK(delays[0] != delays[1]);
}
