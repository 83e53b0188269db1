// SPDX-License-Identifier: MIT
// A ring that two clients share, completed by two contexts at a time, against a device that does nothing by itself.
#include "host_driver/hardware_queue.h"

#include <array>
#include <cstddef>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/choosing_host.h"
#include "tests/support/fake_device.h"

using namespace gpusim;
using os::Context;
using os::Task;

namespace {

struct IdleOwner final : drv::DeviceOwner, drv::HardwareQueue::Owner {
  void mark_active(drv::HardwareQueue&) override {}
  void forget_queue(drv::ExecQueue&) override {}
  [[nodiscard]] bool has_rings_by_level(std::uint32_t) const override { return false; }
  [[nodiscard]] std::vector<sched::SubmissionDomain*> schedulers_for(std::uint32_t, std::uint32_t) const override {
    return {};
  }
  void start_reset(Context&) override {}
  [[nodiscard]] Task<> reset_here(Context&, drv::ResetReason) override { co_return; }
  void on_firmware_event(Context&, const drv::Message&) override {}
  [[nodiscard]] bool takes(sched::Job&) const override { return true; }
  [[nodiscard]] sched::RunResult refuse(Context&, sched::Job&) override { return {}; }
  void on_progress(Context&) override {}
};

struct PlainJob final : sched::Job {
  using Job::Job;
};

struct SharedRingScene {
  explicit SharedRingScene(test::ChoosingHost& host)
      : device{host.timeline},
        state{host.host, device, abi::DeviceDescriptor{}, test::free_driver(), fences, owner},
        queue{state, owner, {QueueId{1}, 1, 1, 0}} {}

  [[nodiscard]] PlainJob job_of(sched::SubmissionQueue& client, std::uint64_t id) {
    const std::uint32_t record = state.jobs.allocate({});
    state.jobs[record].submission = &client;
    return PlainJob{{.id = JobId{id}, .driver_job = record}};
  }
  void complete(std::uint64_t value) {
    device.store_value(0, queue.ring().context_address() + offsetof(abi::QueueContext, completed), value);
  }

  test::FakeDevice device;
  sched::FenceArena fences;
  IdleOwner owner;
  drv::DeviceState state;
  drv::HardwareQueue queue;
  std::array<test::FakeQueue, 2> clients;
};

}  // namespace

TEST_CASE("two contexts signal for two clients: each client's jobs are done when its own fence is through",
          "[driver][explore]") {
  // Each signal takes a microsecond between bit and callbacks.
  test::ChoosingHost host{
      test::small_host(3),
      {{ChoiceKind::race, "dma_fence.signaled_bit", 0, 0, 3}, {ChoiceKind::race, "dma_fence.signaled_bit", 0, 1, 3}}};
  SharedRingScene s{host};
  PlainJob first = s.job_of(s.clients[0], 1);
  PlainJob refused = s.job_of(s.clients[1], 2);
  PlainJob next = s.job_of(s.clients[1], 3);
  std::vector<sched::FenceRef> fences;
  host.host.spawn_client("first", [&](Context& ctx) -> Task<> {
    sched::RunResult result = co_await s.queue.run_job(ctx, first);
    fences.push_back(result.fence);
    fences.push_back(s.queue.refuse(ctx, refused, Errno::canceled));
    CHECK_FALSE(s.queue.has_signalled_those_before(next));
    s.complete(1);
    co_await os::sleep_until(ctx, SimTime{us(1)});
    co_await s.queue.complete_reached(ctx);
  });
  host.host.spawn_client("second", [&](Context& ctx) -> Task<> {
    co_await os::sleep_until(ctx, SimTime{us(1) + ns(500)});
    co_await s.queue.complete_reached(ctx);
    CHECK(s.queue.has_signalled_those_before(next));
    CHECK(s.queue.has_signalled_all());
  });
  bool looked = false;
  host.host.spawn_client("looker", [&](Context& ctx) -> Task<> {
    co_await os::sleep_until(ctx, SimTime{us(2) + ns(250)});
    // The first is through, the second is not.
    CHECK(fences[1]->is_signaled());
    CHECK_FALSE(s.queue.has_signalled_those_before(next));
    CHECK(s.queue.has_signalled_those_before(first));
    CHECK_FALSE(s.queue.has_signalled_all());
    looked = true;
  });
  host.run();
  CHECK(looked);
  fences.clear();
}

TEST_CASE("a refused job stays out of a ring that is written again, and ends in its turn", "[driver]") {
  test::ChoosingHost host{test::small_host(1), {}};
  SharedRingScene s{host};
  PlainJob guilty = s.job_of(s.clients[0], 1);
  PlainJob refused = s.job_of(s.clients[1], 2);
  PlainJob innocent = s.job_of(s.clients[1], 3);
  std::vector<sched::FenceRef> fences;
  host.host.spawn_client("timeout", [&](Context& ctx) -> Task<> {
    sched::RunResult first = co_await s.queue.run_job(ctx, guilty);
    fences.push_back(first.fence);
    fences.push_back(s.queue.refuse(ctx, refused, Errno::canceled));
    sched::RunResult last = co_await s.queue.run_job(ctx, innocent);
    fences.push_back(last.fence);
    CHECK(s.queue.ring().written() == 2);
    s.queue.write_again(ctx, guilty);
    CHECK(s.queue.ring().written() == 3);  // the innocent one alone
    co_await s.queue.complete_reached(ctx);
    CHECK(fences[0]->error() == Errno::time);
    CHECK(fences[1]->is_signaled());
    CHECK(fences[1]->error() == Errno::canceled);
    CHECK_FALSE(fences[2]->is_signaled());
    s.complete(3);
    co_await s.queue.complete_reached(ctx);
    CHECK(fences[2]->is_signaled());
    CHECK(fences[2]->error() == Errno::ok);
  });
  host.run();
  CHECK(fences.size() == 3);
  fences.clear();
}
