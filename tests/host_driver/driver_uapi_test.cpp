// SPDX-License-Identifier: MIT
// The ioctls' errors, against a submission component and a device that do nothing by themselves.
#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "host_driver/driver.h"
#include "tests/support/bare_host.h"
#include "tests/support/catch.h"
#include "tests/support/fake_device.h"

using namespace gpusim;

namespace {

using test::FakeDevice;
using test::FakeQueue;

class FakeDomain final : public sched::SubmissionDomain {
 public:
  std::uint32_t credit_limit() const override { return 1; }
  std::uint32_t credits_in_flight() const override { return 0; }
  os::Task<> stop(os::Context&) override { co_return; }
  os::Task<> start(os::Context&, Errno) override { co_return; }
  void trigger_timeout(os::Context&) override {}
};

class FakeFactory final : public drv::QueueFactory {
 public:
  sched::SubmissionDomain& create_scheduler(QueueId, const std::string&, std::uint32_t, sched::SchedulerOps&,
                                            os::Workqueue&) override {
    return domains.emplace_back();
  }
  sched::SubmissionQueue& create_entity(QueueId, const drv::QueueParams&, std::span<sched::SubmissionDomain* const>,
                                        sched::QueueOps&) override {
    return queues.emplace_back();
  }
  sched::SubmissionQueue& create_queue(QueueId, const drv::QueueParams&, std::uint32_t, sched::SubmissionBackend&,
                                       os::Workqueue&) override {
    return queues.emplace_back();
  }
  std::deque<FakeQueue> queues;
  std::deque<FakeDomain> domains;
};

abi::DeviceDescriptor two_ids() {
  abi::DeviceDescriptor device;
  device.engine_count = 1;
  device.max_queues = 2;
  return device;
}

os::HostSpec host_with_syscalls() {
  os::HostSpec spec = test::small_host(1);
  spec.syscall_exit = Cost{us(1), 6};
  return spec;
}

abi::DeviceDescriptor two_engines() {
  abi::DeviceDescriptor device = two_ids();
  device.engine_count = 2;
  return device;
}

using Members = std::vector<drv::GangMember>;

// (g++ 12 does not take such lists inside of a coroutine.)
std::vector<Members> odd_gangs(QueueId leader, QueueId second, QueueId of_other_client) {
  return {{{second, 1}},                                          // good: the fake has no memory
          {{leader, 1}},                                          // the leader's queue
          {{second, 1}, {second, 1}},                             // twice the same
          {{of_other_client, 1}},                                 //
          {{QueueId{99}, 1}},                                     // no queue
          {{second, abi::kEndless}},                              // nobody could end it
          {{second, 1}, {second, 1}, {second, 1}, {second, 1}}};  // five with the leader
}

drv::DriverSpec shared_rings() {
  drv::DriverSpec spec = test::free_driver();
  spec.rings = drv::Rings::shared;
  spec.kill_way = drv::KillWay::entity;
  return spec;
}

struct UapiScene {
  explicit UapiScene(const abi::DeviceDescriptor& descriptor = two_ids(),
                     const drv::DriverSpec& spec = test::free_driver())
      : driver{host.host, device, descriptor, spec, fences, factory} {}

  test::BareHost host{host_with_syscalls()};
  FakeDevice device{host.timeline};
  sched::FenceArena fences;
  FakeFactory factory;
  drv::Driver driver;

  [[nodiscard]] os::Task<Result<QueueId>> create(os::Context& ctx, std::uint32_t mask, std::uint32_t client = 0) {
    drv::QueueParams params;
    params.name = "q";
    params.client = ClientId{client};
    params.engine_mask = mask;
    co_return co_await driver.create_queue(ctx, params);
  }
  [[nodiscard]] os::Task<Errno> exec(os::Context& ctx, QueueId queue) {
    drv::ExecArgs args;
    args.queue = queue;
    const Result<drv::ExecResult> result = co_await driver.exec(ctx, args);
    co_return result.ok() ? Errno::ok : result.error();
  }
  [[nodiscard]] os::Task<Errno> exec_gang(os::Context& ctx, QueueId leader, std::vector<drv::GangMember> members) {
    drv::ExecArgs args;
    args.queue = leader;
    args.members = members;
    const Result<drv::ExecResult> result = co_await driver.exec(ctx, args);
    co_return result.ok() ? Errno::ok : result.error();
  }
};

}  // namespace

TEST_CASE("a failed create pays for the way out, too, ids run out", "[driver]") {
  UapiScene s;
  std::vector<Errno> errors;
  s.host.client("c", [&](os::Context& ctx) -> os::Task<> {
    for (const std::uint32_t mask : {2U, 1U, 1U, 1U}) {
      const SimTime begin = ctx.now();
      const Result<QueueId> created = co_await s.create(ctx, mask);
      errors.push_back(created.ok() ? Errno::ok : created.error());
      CHECK(ctx.now() - begin >= us(1));
    }
  });
  s.host.run();
  CHECK(errors == std::vector{Errno::inval, Errno::ok, Errno::ok, Errno::nospc});
}

TEST_CASE("a queue that is killed while a change of its priority waits for room ends behind that", "[driver]") {
  UapiScene s;
  QueueId queue{};
  bool is_waiting = false;
  s.host.client("changes", [&](os::Context& ctx) -> os::Task<> {
    const Result<QueueId> created = co_await s.create(ctx, 1);
    queue = created.value();
    // The device takes no message in: of three dwords each there is room for 341.
    for (std::uint32_t i = 0; i < 341; ++i) co_await s.driver.set_priority(ctx, queue, i % 2);
    is_waiting = true;
    co_await s.driver.set_priority(ctx, queue, 2);
    CHECK(s.factory.queues[0].closed == 1);
  });
  s.host.client("kills", [&](os::Context& ctx) -> os::Task<> {
    while (!is_waiting) co_await os::sleep_until(ctx, ctx.now() + us(10));
    co_await os::sleep_until(ctx, ctx.now() + ms(1));
    co_await s.driver.kill_queue(ctx, queue);
    CHECK(s.factory.queues[0].closed == 0);
    // The channel is the first that the driver has allocated.
    s.device.store_value(0, offsetof(abi::ChannelDescriptor, to_firmware_head), std::uint32_t{341 * 3});
  });
  s.host.run();
  CHECK(s.factory.queues[0].closed == 1);
}

TEST_CASE("killing a queue cancels what has not run and closes it: the handle is gone", "[driver]") {
  UapiScene s;
  Errno after = Errno::ok;
  s.host.client("c", [&](os::Context& ctx) -> os::Task<> {
    const Result<QueueId> created = co_await s.create(ctx, 1);
    co_await s.driver.kill_queue(ctx, created.value());
    co_await s.driver.kill_queue(ctx, created.value());  // the handle is gone: no effect
    after = co_await s.exec(ctx, created.value());
  });
  s.host.run();
  CHECK(s.factory.queues[0].kills == std::vector{Errno::canceled});
  CHECK(s.factory.queues[0].closed == 1);
  CHECK(after == Errno::inval);
}

TEST_CASE("without a device every ioctl says so before anything of a job exists", "[driver]") {
  UapiScene s;
  std::vector<Errno> errors;
  s.host.client("c", [&](os::Context& ctx) -> os::Task<> {
    const Result<QueueId> created = co_await s.create(ctx, 1);
    errors.push_back(co_await s.exec(ctx, created.value()));  // the fake's own
    s.driver.device_gone(ctx);
    errors.push_back(co_await s.exec(ctx, created.value()));
    errors.push_back((co_await s.create(ctx, 1)).error());
  });
  s.host.run();
  CHECK(errors == std::vector{Errno::nomem, Errno::nodev, Errno::nodev});
  CHECK(s.factory.queues[0].prepared == 1);
  CHECK(s.factory.queues[0].kills == std::vector{Errno::nodev});
}

TEST_CASE("a gang has two to four jobs of known work, each of another queue of one client, on rings that are shared",
          "[driver]") {
  std::vector<Errno> errors;
  const auto ask = [&](UapiScene& s) {
    s.host.client("c", [&](os::Context& ctx) -> os::Task<> {
      const QueueId one = (co_await s.create(ctx, 1)).value();
      const QueueId two = (co_await s.create(ctx, 2)).value();
      const QueueId other = (co_await s.create(ctx, 2, 1)).value();
      for (const auto& gang : odd_gangs(one, two, other)) errors.push_back(co_await s.exec_gang(ctx, one, gang));
    });
    s.host.run();
  };
  UapiScene shared{two_engines(), shared_rings()};
  ask(shared);
  CHECK(errors ==
        std::vector{Errno::nomem, Errno::inval, Errno::inval, Errno::inval, Errno::inval, Errno::inval, Errno::inval});
  CHECK(shared.factory.queues[1].prepared == 1);
  CHECK(shared.factory.queues[0].prepared == 0);

  errors.clear();
  abi::DeviceDescriptor device = two_engines();
  device.max_queues = 3;
  UapiScene own{device};
  ask(own);
  CHECK(errors == std::vector<Errno>(7, Errno::inval));
}

TEST_CASE("limits of a queue change at run time only if it was made for that, and not on rings that are shared",
          "[driver]") {
  struct Row {
    drv::Rings rings;
    drv::QueueLimits limits;
    Errno error;
  };
  for (const Row& row : {Row{drv::Rings::own, {}, Errno::inval}, Row{drv::Rings::own, {.may_change = true}, Errno::ok},
                         Row{drv::Rings::own, {.quantum = us(7)}, Errno::ok},
                         Row{drv::Rings::own, {.preempt_timeout = us(7)}, Errno::ok},
                         Row{drv::Rings::shared, {.may_change = true}, Errno::inval}}) {
    UapiScene s{two_ids(), row.rings == drv::Rings::shared ? shared_rings() : test::free_driver()};
    std::vector<Errno> errors;
    s.host.client("c", [&](os::Context& ctx) -> os::Task<> {
      drv::QueueParams params;
      params.name = "q";
      params.engine_mask = 1;
      params.limits = row.limits;
      const Result<QueueId> created = co_await s.driver.create_queue(ctx, params);
      drv::QueueLimits limits;
      limits.quantum = us(3);
      errors.push_back(co_await s.driver.set_limits(ctx, QueueId{99}, limits));
      errors.push_back(co_await s.driver.set_limits(ctx, created.value(), limits));
      co_await s.driver.close_queue(ctx, created.value());
      errors.push_back(co_await s.driver.set_limits(ctx, created.value(), limits));
    });
    s.host.run();
    CHECK(errors == std::vector{Errno::inval, row.error, Errno::inval});
  }
}
