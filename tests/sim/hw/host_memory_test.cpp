// SPDX-License-Identifier: MIT
// Host memory and store buffers: when each side sees a store.
#include <cstdint>

#include "base/invariant.h"
#include "sim/hw/host_memory.h"
#include "tests/support/catch.h"

using namespace gpusim;
using hw::HostMemory;

namespace {

constexpr std::uint16_t kCpu0 = 0;
constexpr std::uint16_t kCpu1 = 1;

void store(HostMemory& memory, std::uint16_t cpu, std::uint64_t address, std::uint64_t value) {
  memory.store(cpu, address, std::as_bytes(std::span{&value, 1}));
}
std::uint64_t load(HostMemory& memory, std::uint64_t address) {
  std::uint64_t value = 0;
  memory.load(address, std::as_writable_bytes(std::span{&value, 1}));
  return value;
}
std::uint64_t device_read(HostMemory& memory, std::uint64_t address) {
  std::uint64_t value = 0;
  memory.device_read(address, std::as_writable_bytes(std::span{&value, 1}));
  return value;
}

struct Watcher final : hw::MemoryWatcher {
  int told = 0;
  void on_memory_written(std::uint64_t) override { ++told; }
};

}  // namespace

TEST_CASE("a store is seen by CPUs at once, by the device when it has drained", "[memory]") {
  Timeline timeline;
  HostMemory memory{timeline, ns(100)};
  timeline.freeze();
  const std::uint64_t address = memory.allocate(8);
  store(memory, kCpu0, address, 7);
  CHECK(load(memory, address) == 7);
  CHECK(device_read(memory, address) == 0);
  timeline.run_until(at(ns(99)));
  CHECK(device_read(memory, address) == 0);
  timeline.run_until(at(ns(100)));
  CHECK(device_read(memory, address) == 7);
}

TEST_CASE("a barrier drains the stores of its own CPU and no other's", "[memory]") {
  Timeline timeline;
  HostMemory memory{timeline, ns(100)};
  timeline.freeze();
  const std::uint64_t a = memory.allocate(8);
  const std::uint64_t b = memory.allocate(8);
  store(memory, kCpu0, a, 1);
  store(memory, kCpu1, b, 2);
  memory.barrier(kCpu0);
  CHECK(device_read(memory, a) == 1);
  CHECK(device_read(memory, b) == 0);
}

TEST_CASE("stores of one CPU drain in order, the later value stands", "[memory]") {
  Timeline timeline;
  HostMemory memory{timeline, ns(100)};
  timeline.freeze();
  const std::uint64_t address = memory.allocate(8);
  store(memory, kCpu0, address, 1);
  timeline.run_until(at(ns(50)));
  store(memory, kCpu0, address, 2);
  CHECK(load(memory, address) == 2);
  timeline.run_until(at(ns(100)));
  CHECK(device_read(memory, address) == 1);
  timeline.run_until(at(ns(150)));
  CHECK(device_read(memory, address) == 2);
}

TEST_CASE("a watcher is told when the device could see the store, not before", "[memory]") {
  Timeline timeline;
  HostMemory memory{timeline, ns(100)};
  timeline.freeze();
  const std::uint64_t address = memory.allocate(8);
  Watcher watcher;
  memory.watch(address, watcher);
  store(memory, kCpu0, address, 1);
  CHECK(watcher.told == 0);
  timeline.run_until(at(ns(100)));
  CHECK(watcher.told == 1);
  memory.unwatch(address, watcher);
  store(memory, kCpu0, address, 2);
  memory.barrier(kCpu0);
  CHECK(watcher.told == 1);
}

TEST_CASE("memory is zero when it is handed out, also the second time, and pages come on first touch", "[memory]") {
  Timeline timeline;
  HostMemory memory{timeline, ns(0)};
  timeline.freeze();
  const std::uint64_t big = memory.allocate(1 << 20);
  CHECK(memory.pages_touched() == 0);
  store(memory, kCpu0, big + 5'000, 9);
  CHECK(memory.pages_touched() == 1);
  const std::uint64_t small = memory.allocate(64);
  store(memory, kCpu0, small, 5);
  memory.free(small, 64);
  CHECK(memory.allocate(64) == small);
  CHECK(load(memory, small) == 0);
}

TEST_CASE("an access outside allocated memory is a violation", "[memory]") {
  Timeline timeline;
  HostMemory memory{timeline, ns(0)};
  timeline.freeze();
  CHECK_THROWS_AS(device_read(memory, 0x1234), InvariantViolation);
}
