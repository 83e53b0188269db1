// SPDX-License-Identifier: MIT
// How normal threads share CPUs: who preempts whom at a wake-up, and when. Switches and wake-ups are free here.
#include <string>
#include <vector>

#include "tests/support/bare_host.h"
#include "tests/support/catch.h"

using namespace gpusim;
using os::Context;
using os::Task;
using test::BareHost;
using test::cost;

namespace {

os::HostSpec one_cpu(std::uint32_t cpus = 1) {
  os::HostSpec spec = test::free_host();
  spec.cpus = cpus;
  spec.timeslice = cost(ns(100));
  return spec;
}

Task<> run(Context& ctx, Picoseconds time) {
  ctx.charge(cost(time));
  co_await ctx.step();
}

os::Thread::Body hog(Picoseconds time, Picoseconds* end = nullptr) {
  return [time, end](Context& ctx) -> Task<> {
    co_await run(ctx, time);
    if (end != nullptr) *end = ctx.now().time_since_epoch();
  };
}

/// At each of `wake_ups` it wakes and runs 10 ns; `waits` gets how long it had to wait for the CPU.
os::Thread::Body light(std::vector<Picoseconds> wake_ups, std::vector<Picoseconds>& waits) {
  return [wake_ups = std::move(wake_ups), &waits](Context& ctx) -> Task<> {
    for (const Picoseconds when : wake_ups) {
      co_await os::sleep_until(ctx, SimTime{when});
      waits.push_back(ctx.now() - SimTime{when});
      co_await run(ctx, ns(10));
    }
  };
}

}  // namespace

TEST_CASE("a woken thread that is owed nothing waits for the slice's end", "[os][fair]") {
  BareHost bare{one_cpu()};
  std::vector<Picoseconds> waits;
  bare.client("light", light({ns(30)}, waits));
  bare.client("hog", hog(ns(500)));
  bare.run();
  // The hog began at 0; 100 ns later its slice is over.
  CHECK(waits == std::vector{ns(70)});
}

TEST_CASE("a woken thread that is owed more than the running one had preempts it", "[os][fair]") {
  BareHost bare{one_cpu()};
  std::vector<Picoseconds> waits;
  Picoseconds end{0};
  bare.client("light", light({ns(30), ns(150), ns(260)}, waits));
  bare.client("hog", hog(ns(500), &end));
  bare.run();
  // From 30 to 100 it waited while the hog had 70: at 110 its own 10 are 30 below the average of 70 and 10. So it is
  // eligible at 150 and the hog, which has gone on from 70, is not; and again at 260.
  CHECK(waits == std::vector{ns(70), ns(0), ns(0)});
  CHECK(end == ns(500 + 3 * 10));
}

TEST_CASE("what a thread is owed is used up by running", "[os][fair]") {
  BareHost bare{one_cpu()};
  std::vector<Picoseconds> waits;
  std::vector<Picoseconds> wake_ups{ns(30)};
  for (int i = 1; i <= 8; ++i) wake_ups.push_back(ns(100 + 20 * i));
  bare.client("light", light(wake_ups, waits));
  bare.client("hog", hog(ns(1'000)));
  bare.run();
  // It is owed 30 after its first run. Each further run takes 5 of them: its own 10 less the average's rise by 5. The
  // seventh finds it owed nothing, and the hog's slice not over.
  REQUIRE(waits.size() == 9);
  for (std::size_t i = 1; i <= 6; ++i) CHECK(waits[i] == ns(0));
  CHECK(waits[7] > ns(0));
}

TEST_CASE("a thread that ran while nobody waited is owed nothing afterwards", "[os][fair]") {
  BareHost bare{one_cpu(2)};
  std::vector<Picoseconds> waits;
  bare.client("light", light({ns(10), ns(40), ns(130)}, waits));  // first on the idle CPU
  bare.client("hog0", hog(ns(1'000)));
  bare.host.spawn("hog1", os::ContextKind::task, os::SchedClass::normal, cost(ns(100)), hog(ns(1'000)));
  bare.run();
  // hog0 runs from 0, hog1 from 100: the first slice that ends after 130 is of either at 200.
  CHECK(waits == std::vector{ns(0), ns(0), ns(70)});
}

TEST_CASE("of several that wait the one with the earliest deadline is next, and each gets its share", "[os][fair]") {
  BareHost bare{one_cpu(2)};
  std::vector<Picoseconds> ends(5);
  for (std::size_t i = 0; i < ends.size(); ++i) bare.client("hog" + std::to_string(i), hog(ns(1'000), &ends[i]));
  bare.run();
  // 5,000 ns of work on two CPUs. No one ends before the others have had all but a slice or two.
  for (const Picoseconds end : ends) CHECK((end >= ns(2'100) && end <= ns(2'600)));
}

TEST_CASE("an interrupt takes nothing of the slice that it interrupts", "[os][fair]") {
  os::HostSpec spec = one_cpu();
  spec.irq_entry = cost(ns(40));
  BareHost bare{spec};
  bare.host.request_irq(0, "test", 0, [](Context& ctx) -> Task<> { co_await ctx.step(); });
  Picoseconds first{0};
  Picoseconds second{0};
  bare.client("first", hog(ns(150), &first));
  bare.client("second", hog(ns(150), &second));
  bare.run_until(ns(50));
  bare.host.deliver_interrupt(0);
  bare.run();
  CHECK(first == ns(140 + 100 + 50));
  CHECK(second == ns(340));
}

TEST_CASE("drawn background load keeps to its means and begins anywhere in its period", "[os][load]") {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    os::HostSpec spec = test::free_host();
    spec.cpus = 64;
    spec.background = {32, cost(us(300)), us(1'000)};
    BareHost bare{spec, seed};
    bare.run_until(ms(100));
    std::uint64_t cycles = bare.host.counters().wake_ups;
    // 32 threads for 100 periods: 3,200 periods, and the wake-up at the start and the one at the end of the phase.
    CAPTURE(seed, cycles);
    CHECK(cycles > 3'000);
    CHECK(cycles < 3'600);
  }
}

TEST_CASE("what background threads burn is charged to their parameter", "[os][load]") {
  os::HostSpec spec = test::free_host();
  spec.background = {1, Cost{us(300), 9}, us(1'000), os::LoadTimes::fixed};
  BareHost bare{spec};
  bare.run_until(us(2'500));
  CHECK(bare.ledger.totals().at(9) == us(3 * 300));
  CHECK(bare.ledger.totals().at(0) == Picoseconds{0});
}

TEST_CASE("a background thread's times do not depend on how many others there are", "[os][load]") {
  const auto begins = [](std::uint32_t threads) {
    os::HostSpec spec = test::free_host();
    spec.cpus = 16;
    spec.background = {threads, cost(us(300)), us(1'000)};
    BareHost bare{spec};
    std::vector<SimTime> found;
    struct Taker final : trace::Listener {
      explicit Taker(std::vector<SimTime>& to) : times{to} {}
      void on_event(const trace::Event& event) override {
        const auto wakeup = trace::as<trace::sched_wakeup>(event);
        if (wakeup && wakeup->woken == 1) times.push_back(event.time);
      }
      std::vector<SimTime>& times;
    } taker{found};
    bare.recorder.attach_to_all(taker);
    bare.run_until(ms(20));
    return found;
  };
  CHECK(begins(4).size() > 10);
  CHECK(begins(4) == begins(5));
}
