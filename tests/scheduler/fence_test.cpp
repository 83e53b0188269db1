// SPDX-License-Identifier: MIT
// dma_fence and dma_resv: one signal, callbacks, references, what readers and writers wait for.
#include <array>
#include <string>
#include <vector>

#include "base/invariant.h"
#include "scheduler/fence.h"
#include "scheduler/reservation.h"
#include "tests/support/bare_host.h"
#include "tests/support/catch.h"
#include "tests/support/choosing_host.h"
#include "tests/support/violation.h"

using namespace gpusim;
using os::Context;
using os::Task;
using sched::FenceRef;

namespace {

struct CallCounter final : sched::FenceCallback {
  int calls = 0;
  sched::FenceRelay on_fence_signaled(Context&, sched::Fence&) override {
    ++calls;
    return {};
  }
};

template <class Body>
void in_task(Body body) {
  test::BareHost bare{test::small_host(1)};
  bool ran = false;
  bare.client("client", [&](Context& ctx) -> Task<> {
    co_await body(ctx);
    ran = true;
  });
  bare.run();
  CHECK(ran);
}

template <class Body>
void in_thread(Body body) {
  in_task([&](Context& ctx) -> Task<> {
    body(ctx);
    co_return;
  });
}

/// Ends a job, as a component does: the fence of another signals in the callback.
struct Ends final : sched::FenceCallback, sched::FenceRelayer {
  FenceRef finished;
  int after = 0;
  sched::FenceRelay on_fence_signaled(Context&, sched::Fence& fence) override {
    return {finished, fence.error(), this, nullptr};
  }
  sched::FenceRelay after_signal(Context&, const sched::FenceRelay&) override {
    ++after;
    return {};
  }
};

}  // namespace

TEST_CASE("a fence calls back once, and refuses callbacks after it has signalled", "[fence]") {
  sched::FenceArena fences;
  in_task([&](Context& ctx) -> Task<> {
    const FenceRef fence = fences.create(ctx, 1, 1, 0, 0);
    CallCounter first;
    CallCounter second;
    CallCounter late;
    CHECK(fence->add_callback(ctx, first));
    CHECK(fence->add_callback(ctx, second));
    const bool removed = fence->remove_callback(ctx, second);
    const bool again = fence->remove_callback(ctx, second);
    CHECK(removed);
    CHECK_FALSE(again);
    fence->signal(ctx, Errno::io);
    CHECK(first.calls == 1);
    CHECK(second.calls == 0);
    CHECK_FALSE(fence->add_callback(ctx, late));
    CHECK(fence->error() == Errno::io);
    co_return;
  });
  CHECK(fences.live() == 0);
}

TEST_CASE("signal, add and remove take the fence's lock, each its cost, a look and a refused callback take none",
          "[fence]") {
  os::HostSpec spec = test::small_host(1);
  spec.irq_spinlock_op = Cost{ns(7), 0};
  test::BareHost bare{spec};
  sched::FenceArena fences{{.init = {ns(100), 0}, .signal = {ns(200), 0}, .add_callback = {ns(400), 0}}};
  std::vector<Picoseconds> costs;
  bare.client("client", [&](Context& ctx) -> Task<> {
    SimTime last = ctx.now();
    const auto pay = [&]() -> Task<> {
      co_await ctx.step();
      costs.push_back(ctx.now() - last);
      last = ctx.now();
    };
    const FenceRef fence = fences.create(ctx, 1, 1, 0, 0);
    CallCounter counter;
    CallCounter late;
    co_await pay();
    CHECK(fence->add_callback(ctx, counter));
    co_await pay();
    const bool removed = fence->remove_callback(ctx, counter);
    CHECK(removed);
    co_await pay();
    fence->signal(ctx, Errno::ok);
    co_await pay();
    CHECK(fence->is_signaled());
    CHECK_FALSE(fence->add_callback(ctx, late));
    co_await pay();
  });
  bare.run();
  CHECK(costs == std::vector{ns(100), ns(407), ns(7), ns(207), ns(0)});
  CHECK(bare.host.counters().fence_locks == 3);
  CHECK(bare.host.counters().spin_locks == 0);
}

TEST_CASE("the fence of a job signals under the lock of the hardware's, never the other way round", "[fence]") {
  sched::FenceArena fences;
  in_thread([&](Context& ctx) {
    const FenceRef hardware = fences.create(ctx, 1, 1, 7, 0, sched::FenceLock::driver);
    Ends job;
    job.finished = fences.create(ctx, 2, 1, 7, 1, sched::FenceLock::job);
    CHECK(hardware->add_callback(ctx, job));
    hardware->signal(ctx, Errno::io);
    CHECK(job.finished->error() == Errno::io);
    CHECK(job.after == 1);
    // A finished fence whose callback signals a hardware fence closes the circle.
    const FenceRef finished = fences.create(ctx, 2, 2, 7, 2, sched::FenceLock::job);
    Ends wrong;
    wrong.finished = fences.create(ctx, 1, 2, 7, 0, sched::FenceLock::driver);
    CHECK(finished->add_callback(ctx, wrong));
    CHECK(test::oracle_of([&] { finished->signal(ctx, Errno::ok); }) == "lock_order");
  });
}

TEST_CASE("between the bit and the callbacks others see a fence that has signalled, the finished fence's, too",
          "[fence][explore]") {
  // Value 3 takes a microsecond: at the first signal asked, the hardware's, or at the second, the finished one's.
  for (const std::uint32_t window : {0U, 1U}) {
    test::ChoosingHost host{test::small_host(2), {{ChoiceKind::race, "dma_fence.signaled_bit", 0, window, 3}}};
    sched::FenceArena fences;
    FenceRef hardware;
    Ends job;
    CallCounter waiter;
    std::string seen;
    host.host.spawn_client("signaller", [&](Context& ctx) -> Task<> {
      hardware = fences.create(ctx, 1, 1, 7, 0, sched::FenceLock::driver);
      job.finished = fences.create(ctx, 2, 1, 7, 1, sched::FenceLock::job);
      CHECK(hardware->add_callback(ctx, job));
      CHECK(job.finished->add_callback(ctx, waiter));
      co_await os::sleep_until(ctx, SimTime{us(1)});
      co_await hardware->signaling(ctx, Errno::ok);
    });
    host.host.spawn_client("looker", [&](Context& ctx) -> Task<> {
      co_await os::sleep_until(ctx, SimTime{us(1) + ns(500)});
      CallCounter late;
      seen = std::string{hardware->is_signaled() ? "hardware " : ""} +
             (job.finished->is_signaled() ? "finished " : "") + (waiter.calls != 0 ? "called " : "") +
             (job.after != 0 ? "after" : "");
      CHECK_FALSE(hardware->add_callback(ctx, late));
      // Takes the lock, and so comes back when the signaller is through with all that it has to do.
      const bool removed = hardware->remove_callback(ctx, job);
      CHECK_FALSE(removed);
      CHECK(job.after == 1);
      CHECK(waiter.calls == 1);
    });
    host.run();
    CHECK(seen == (window == 0 ? "hardware " : "hardware finished "));
    hardware.reset();
    job.finished.reset();
  }
}

TEST_CASE("hardware fences of one context signal one after the other: the second waits for the first one's callbacks",
          "[fence][explore]") {
  for (const std::uint32_t window : {0U, 1U}) {
    test::ChoosingHost host{test::small_host(2), {{ChoiceKind::race, "dma_fence.signaled_bit", 0, window, 3}}};
    sched::FenceArena fences;
    std::vector<FenceRef> hardware;
    std::array<Ends, 2> jobs;
    CallCounter waiter;
    host.host.spawn_client("first", [&](Context& ctx) -> Task<> {
      for (std::uint64_t i = 0; i < 2; ++i) {
        hardware.push_back(fences.create(ctx, 1, i + 1, 7, 0, sched::FenceLock::driver));
        jobs[i].finished = fences.create(ctx, 2, i + 1, 7, i + 1, sched::FenceLock::job);
        CHECK(hardware[i]->add_callback(ctx, jobs[i]));
      }
      CHECK(jobs[0].finished->add_callback(ctx, waiter));
      co_await os::sleep_until(ctx, SimTime{us(1)});
      co_await hardware[0]->signaling(ctx, Errno::ok);
      CHECK(jobs[0].after == 1);
    });
    host.host.spawn_client("second", [&](Context& ctx) -> Task<> {
      co_await os::sleep_until(ctx, SimTime{us(1) + ns(500)});
      CHECK(waiter.calls == 0);
      hardware[1]->signal(ctx, Errno::ok);
      CHECK(waiter.calls == 1);
      CHECK(jobs[0].after == 1);
      CHECK(jobs[1].after == 1);
    });
    host.run();
    hardware.clear();
    for (Ends& job : jobs) job.finished.reset();
  }
}

TEST_CASE("a waiter sleeps until the signal and gets the fence's error", "[fence]") {
  test::BareHost bare{test::small_host(2)};
  sched::FenceArena fences;
  FenceRef fence;
  Picoseconds woken{0};
  bare.client("waiter", [&](Context& ctx) -> Task<> {
    fence = fences.create(ctx, 1, 1, 0, 0);
    CHECK(co_await sched::wait(ctx, fence) == Errno::canceled);
    woken = ctx.now().time_since_epoch();
  });
  bare.client("signaller", [&](Context& ctx) -> Task<> {
    co_await os::sleep_until(ctx, at(us(1)));
    fence->signal(ctx, Errno::canceled);
  });
  bare.run();
  // The signaller: its timer, wake-up. The waiter: wake-up; each had its CPU for itself.
  CHECK(woken == us(1) + ns(10) + ns(10));
  fence.reset();
  CHECK_NOTHROW(fences.check_empty());
}

TEST_CASE("a reference that is never dropped is named at the end", "[fence]") {
  sched::FenceArena fences;
  FenceRef leaked;
  in_thread([&](Context& ctx) { leaked = fences.create(ctx, 4, 2, 0, 17); });
  try {
    fences.check_empty();
    FAIL("the leak was not found");
  } catch (const InvariantViolation& violation) {
    CHECK(violation.oracle() == "reference_counts");
    CHECK(std::string{violation.what()}.find("4:2 (finished fence of job 17)") != std::string::npos);
  }
}

TEST_CASE("a reader waits for the writers, a writer for the readers too, each replaces what the kernel replaces",
          "[reservation]") {
  sched::FenceArena fences;
  in_thread([&](Context& ctx) {
    const FenceRef writer = fences.create(ctx, 1, 1, 0, 0);
    const FenceRef reader_a = fences.create(ctx, 2, 1, 0, 0);
    const FenceRef reader_a2 = fences.create(ctx, 2, 2, 0, 0);
    const FenceRef reader_b = fences.create(ctx, 3, 1, 0, 0);
    const FenceRef next_writer = fences.create(ctx, 4, 1, 0, 0);
    sched::Reservation buffer;
    const auto waits = [&](bool write) {
      std::vector<FenceRef> out;
      buffer.collect(write, out);
      std::vector<const sched::Fence*> pointers;
      for (const FenceRef& fence : out) pointers.push_back(fence.get());
      return pointers;
    };
    CHECK(waits(true).empty());
    buffer.add(writer, true);
    CHECK(waits(false) == std::vector<const sched::Fence*>{writer.get()});
    buffer.add(reader_a, false);
    buffer.add(reader_b, false);
    buffer.add(reader_a2, false);  // a later one of the same context takes the earlier one's place
    CHECK(waits(false) == std::vector<const sched::Fence*>{writer.get()});
    CHECK(waits(true) == std::vector<const sched::Fence*>{writer.get(), reader_a2.get(), reader_b.get()});
    // A writer of another context drops nobody: it is one more.
    buffer.add(next_writer, true);
    CHECK(waits(false) == std::vector<const sched::Fence*>{writer.get(), next_writer.get()});
    CHECK(waits(true) ==
          std::vector<const sched::Fence*>{writer.get(), reader_a2.get(), reader_b.get(), next_writer.get()});
    // One of a reader's own context takes that reader's place, since its usage is the stronger one.
    const FenceRef writes_b = fences.create(ctx, 3, 2, 0, 0);
    buffer.add(writes_b, true);
    CHECK(waits(false) == std::vector<const sched::Fence*>{writer.get(), writes_b.get(), next_writer.get()});
    // A reader does not take a writer's, not even its own context's.
    const FenceRef reads_b = fences.create(ctx, 3, 3, 0, 0);
    buffer.add(reads_b, false);
    CHECK(waits(false) == std::vector<const sched::Fence*>{writer.get(), writes_b.get(), next_writer.get()});
    CHECK(waits(true).back() == reads_b.get());
    // Nor an earlier fence a later one's. The first that has signalled makes room for anything.
    const FenceRef early = fences.create(ctx, 4, 0, 0, 0);
    buffer.add(early, true);
    CHECK(waits(true).size() == 6);
    writer->signal(ctx, Errno::ok);
    const FenceRef mover = fences.create(ctx, 9, 1, 0, 0);
    buffer.add(mover, sched::Usage::kernel);
    CHECK(waits(true).size() == 6);
    CHECK(waits(true).front() == mover.get());
  });
}
