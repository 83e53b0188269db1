// SPDX-License-Identifier: MIT
// dma_fence_chain and the timelines of drm_syncobj: one opaque fence, a hop for each fence waited for in turn.
#include <string>
#include <vector>

#include "scheduler/syncobj.h"
#include "tests/support/bare_host.h"
#include "tests/support/catch.h"

using namespace gpusim;
using os::Context;
using os::Task;
using sched::FenceRef;

namespace {

/// Points 1, 2 and 3 of a timeline, of which `signals` are signalled one microsecond after another, in that order.
struct Hops {
  std::vector<std::uint32_t> interrupts;  // taken when each of them had signalled, and all its hops were through
  Picoseconds woken{0};
};

Hops hops_of(const std::vector<std::size_t>& signals) {
  os::HostSpec spec = test::small_host(2);
  spec.irq_entry = Cost{ns(50), 6};
  spec.irq_exit = Cost{ns(20), 7};
  test::BareHost bare{spec};
  struct Interrupts final : trace::Listener {
    void on_event(const trace::Event& event) override {
      if (event.kind == trace::EventKind::irq_handler_entry) ++taken;
    }
    std::uint32_t taken = 0;
  } interrupts;
  bare.recorder.attach_to_all(interrupts);
  sched::FenceArena fences;
  Hops hops;
  {
    sched::Syncobj timeline{fences};
    std::vector<FenceRef> members;
    FenceRef point;
    bare.client("waiter", [&](Context& ctx) -> Task<> {
      for (std::uint64_t i = 1; i <= 3; ++i) {
        members.push_back(fences.create(ctx, fences.new_context(), 1, 0, 0));
        timeline.add_point(ctx, i, members.back());
      }
      point = timeline.find_fence(3).value();
      (void)co_await sched::wait(ctx, point);
      hops.woken = ctx.now().time_since_epoch();
    });
    bare.client("signaller", [&](Context& ctx) -> Task<> {
      for (std::size_t i = 0; i < signals.size(); ++i) {
        co_await os::sleep_until(ctx, SimTime{us(1) * static_cast<std::int64_t>(i + 1)});
        members[signals[i] - 1]->signal(ctx, Errno::ok);
        co_await os::sleep_until(ctx, ctx.now() + ns(500));
        hops.interrupts.push_back(interrupts.taken);
      }
    });
    bare.run();
  }
  CHECK(fences.live() == 0);
  return hops;
}

}  // namespace

TEST_CASE("a wait through a chain takes one interrupt more for each fence found unsignalled in turn",
          "[fence][chain]") {
  // The newest last: it is waited for from the start, and the others have signalled by then.
  CHECK(hops_of({1, 2, 3}).interrupts == std::vector<std::uint32_t>{0, 0, 1});
  // From the newest back: each is found open when the one after it has signalled.
  CHECK(hops_of({3, 2, 1}).interrupts == std::vector<std::uint32_t>{1, 2, 3});
  CHECK(hops_of({2, 3, 1}).interrupts == std::vector<std::uint32_t>{0, 1, 2});
}

TEST_CASE("the waiter of a chain wakes an interrupt's entry and its own wake-up after the last signal",
          "[fence][chain]") {
  // Signal at 3 us plus the signaller's wake-up of 10 ns and switch (it has its CPU for itself: none), then the
  // irq_work's entry of 50 ns on its CPU, then the waiter's wake-up of 10 ns.
  CHECK(hops_of({1, 2, 3}).woken == us(3) + ns(10) + ns(50) + ns(10));
}

TEST_CASE("a point stands for all before it, is found by number, and signals in one fence context", "[fence][chain]") {
  test::BareHost bare{test::small_host(1)};
  sched::FenceArena fences;
  {
    sched::Syncobj timeline{fences};
    bare.client("client", [&](Context& ctx) -> Task<> {
      CHECK(timeline.find_fence(0).error() == Errno::inval);
      const FenceRef three = fences.create(ctx, fences.new_context(), 1, 0, 0);
      const FenceRef seven = fences.create(ctx, fences.new_context(), 1, 0, 0);
      timeline.add_point(ctx, 3, three);
      timeline.add_point(ctx, 7, seven);
      CHECK(timeline.find_fence(8).error() == Errno::inval);
      const FenceRef node3 = timeline.find_fence(1).value();
      const FenceRef node7 = timeline.find_fence(4).value();
      CHECK(node3->seqno() == 3);
      CHECK(node7->seqno() == 7);
      CHECK(node3->context() == node7->context());
      CHECK(node3->context() != three->context());
      CHECK(timeline.find_fence(0).value().get() == node7.get());
      seven->signal(ctx, Errno::ok);
      CHECK_FALSE(node7->is_signaled());
      three->signal(ctx, Errno::ok);
      CHECK(node7->is_signaled());
      CHECK(node3->is_signaled());

      // Not above: the kernel prints a debug message, and the node begins a context with a number that is not below.
      timeline.add_point(ctx, 5, fences.create(ctx, fences.new_context(), 1, 0, 0));
      CHECK(timeline.unordered_points() == 1);
      const FenceRef unordered = timeline.find_fence(0).value();
      CHECK(unordered->context() != node7->context());
      CHECK(unordered->seqno() == 7);

      const FenceRef binary = fences.create(ctx, fences.new_context(), 1, 0, 0);
      timeline.replace_fence(ctx, binary);
      CHECK(timeline.find_fence(0).value().get() == binary.get());
      CHECK(timeline.find_fence(1).error() == Errno::inval);
      co_return;
    });
    bare.run();
  }
  CHECK(fences.live() == 0);
}
