// SPDX-License-Identifier: MIT
// Who runs the work of submission queues.
#include <memory>
#include <string>
#include <vector>

#include "os/workqueue.h"
#include "tests/support/bare_host.h"
#include "tests/support/catch.h"

using namespace gpusim;
using os::Context;
using os::ForSubmission;
using os::SubmitWorkers;
using os::Task;
using test::BareHost;
using test::cost;

namespace {

/// An item that runs for 100 ns; notes when it began, when it ended and who ran it.
struct TimedItem {
  explicit TimedItem(std::uint32_t queue) : work{&run, this, os::WorkKind{0}, queue} {}
  static Task<> run(void* self, Context& ctx) {
    auto& item = *static_cast<TimedItem*>(self);
    item.began = ctx.now().time_since_epoch();
    item.by = static_cast<os::Thread&>(ctx).name();
    ctx.charge(cost(ns(100)));
    co_await ctx.step();
    item.ended = ctx.now().time_since_epoch();
  }
  os::Work work;
  Picoseconds began{0};
  Picoseconds ended{0};
  std::string by;
};

os::HostSpec host_with(SubmitWorkers workers, std::uint32_t cpus = 8) {
  os::HostSpec spec = test::free_host();
  spec.cpus = cpus;
  spec.worker_wake = cost(ns(20));
  spec.submit_workers = workers;
  return spec;
}

struct Queues {
  explicit Queues(const os::HostSpec& spec, std::vector<std::uint32_t> priorities) : bare{spec} {
    for (const std::uint32_t priority : priorities) {
      queues.push_back(std::make_unique<os::Workqueue>(bare.host, ForSubmission{priority}));
      items.emplace_back();
      for (int i = 0; i < 2; ++i) items.back().push_back(std::make_unique<TimedItem>(1));
    }
  }
  /// Queues both items of each queue at 1 us.
  void run() {
    bare.client("pusher", [this](Context& ctx) -> Task<> {
      co_await os::sleep_until(ctx, SimTime{us(1)});
      for (std::size_t queue = 0; queue < queues.size(); ++queue) {
        for (auto& item : items[queue]) queues[queue]->queue(ctx, item->work);
      }
    });
    bare.run();
    for (auto& queue : queues) CHECK(queue->is_idle());
  }
  BareHost bare;
  std::vector<std::unique_ptr<os::Workqueue>> queues;
  std::vector<std::vector<std::unique_ptr<TimedItem>>> items;
};

}  // namespace

TEST_CASE("an ordered workqueue for each queue: one item at a time, queues beside each other", "[os][workers]") {
  Queues rig{host_with(SubmitWorkers::unbound), {1, 1}};
  rig.run();
  for (const auto& items : rig.items) {
    CHECK(items[0]->began == us(1) + ns(20));
    CHECK(items[1]->began == us(1) + ns(120));
    CHECK(items[1]->by == items[0]->by);
  }
  CHECK(rig.items[0][0]->by == "kworker/u:0");
  CHECK(rig.items[1][0]->by == "kworker/u:1");
}

TEST_CASE("a workqueue that all queues share is not ordered: items of one queue overlap", "[os][workers]") {
  Queues rig{host_with(SubmitWorkers::shared), {1}};
  rig.run();
  CHECK(rig.items[0][0]->began == us(1) + ns(20));
  CHECK(rig.items[0][1]->began == us(1) + ns(20));
  CHECK(rig.items[0][1]->by != rig.items[0][0]->by);
}

TEST_CASE("a kthread_worker for each queue runs its items, and nothing else does", "[os][workers]") {
  Queues rig{host_with(SubmitWorkers::kthread), {1, 1}};
  os::Workqueue other{rig.bare.host, 1};
  TimedItem elsewhere{0};
  rig.bare.client("other", [&](Context& ctx) -> Task<> {
    co_await os::sleep_until(ctx, SimTime{us(1)});
    other.queue(ctx, elsewhere.work);
  });
  rig.run();
  for (std::size_t queue = 0; queue < 2; ++queue) {
    const auto& items = rig.items[queue];
    CHECK(items[0]->by == "submit/" + std::to_string(queue));
    CHECK(items[1]->by == items[0]->by);
    CHECK(items[1]->began == items[0]->ended);
  }
  CHECK(elsewhere.by == "kworker/u:0");
}

TEST_CASE("queues of one priority share a kthread_worker, which runs one item after the other", "[os][workers]") {
  Queues rig{host_with(SubmitWorkers::kthread_per_priority), {0, 2, 2}};
  rig.run();
  CHECK(rig.items[0][0]->by == "submit/p0");
  CHECK(rig.items[1][0]->by == "submit/p2");
  CHECK(rig.items[2][0]->by == "submit/p2");
  CHECK(rig.items[0][0]->began == us(1) + ns(20));
  CHECK(rig.items[1][0]->began == us(1) + ns(20));
  Picoseconds last{0};
  for (std::size_t queue = 1; queue < 3; ++queue) {
    for (const auto& item : rig.items[queue]) last = std::max(last, item->ended);
  }
  CHECK(last == us(1) + ns(20 + 4 * 100));
}

TEST_CASE("on a busy CPU real-time and high-priority workers come first, normal ones wait for the slice's end",
          "[os][workers]") {
  const auto began = [](SubmitWorkers workers, os::SchedClass kthread_class) {
    os::HostSpec spec = host_with(workers, 1);
    spec.kthread_class = kthread_class;
    spec.timeslice = cost(ms(1));
    Queues rig{spec, {1}};
    for (int i = 0; i < 2; ++i) {
      rig.bare.client("hog" + std::to_string(i), [](Context& ctx) -> Task<> {
        co_await os::sleep_until(ctx, SimTime{us(2)});
        ctx.charge(cost(ms(10)));
        co_await ctx.step();
      });
    }
    const os::Thread::Body push = [&](Context& ctx) -> Task<> {
      co_await os::sleep_until(ctx, SimTime{us(2)});
      rig.queues[0]->queue(ctx, rig.items[0][0]->work);
    };
    rig.bare.host.spawn("pusher", os::ContextKind::task, os::SchedClass::fifo, cost(ns(0)), push);
    rig.bare.run();
    return rig.items[0][0]->began;
  };
  const SimTime queued{us(2)};
  CHECK(SimTime{began(SubmitWorkers::kthread, os::SchedClass::fifo)} == queued + ns(20));
  CHECK(SimTime{began(SubmitWorkers::kthread, os::SchedClass::normal)} >= queued + ms(1));
  CHECK(SimTime{began(SubmitWorkers::unbound, os::SchedClass::normal)} >= queued + ms(1));
  // Its slice is 1/87, so its deadline is earlier; and it weighs so much that what the hog has run is above the
  // average.
  CHECK(SimTime{began(SubmitWorkers::highpri, os::SchedClass::normal)} < queued + us(1));
}
