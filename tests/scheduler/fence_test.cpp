// SPDX-License-Identifier: MIT
// dma_fence and dma_resv: one signal, callbacks, references, what readers and writers wait for.
#include <vector>

#include "base/invariant.h"
#include "scheduler/fence.h"
#include "scheduler/reservation.h"
#include "tests/support/bare_host.h"
#include "tests/support/catch.h"

using namespace gpusim;
using os::Context;
using os::Task;
using sched::FenceRef;

namespace {

struct Counter final : sched::FenceCallback {
  int calls = 0;
  void on_fence_signaled(Context&, sched::Fence&) override { ++calls; }
};

template <class Body>
void in_thread(Body body) {
  test::BareHost bare{test::small_host(1)};
  bool ran = false;
  bare.client("client", [&](Context& ctx) -> Task<> {
    body(ctx);
    ran = true;
    co_return;
  });
  bare.run();
  CHECK(ran);
}

}  // namespace

TEST_CASE("a fence calls back once, and refuses callbacks after it has signalled", "[fence]") {
  sched::FenceArena fences;
  in_thread([&](Context& ctx) {
    const FenceRef fence = fences.create(ctx, 1, 1, 0, 0);
    Counter first;
    Counter second;
    Counter late;
    CHECK(fence->add_callback(first));
    CHECK(fence->add_callback(second));
    CHECK(fence->remove_callback(second));
    CHECK_FALSE(fence->remove_callback(second));
    fence->signal(ctx, Errno::io);
    CHECK(first.calls == 1);
    CHECK(second.calls == 0);
    CHECK_FALSE(fence->add_callback(late));
    CHECK(fence->error() == Errno::io);
  });
  CHECK(fences.live() == 0);
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

TEST_CASE("a reader waits for the last writer, a writer for the last writer and all readers since", "[reservation]") {
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
    buffer.add(next_writer, true);
    CHECK(waits(true) == std::vector<const sched::Fence*>{next_writer.get()});
  });
}
