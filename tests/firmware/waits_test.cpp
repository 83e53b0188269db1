// SPDX-License-Identifier: MIT
// Waits in the ring (abi::EntryWaits): which entries an engine gets, what is watched, and what becomes of slots.
#include <array>
#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "firmware/main/null_hal.h"
#include "tests/support/catch.h"
#include "tests/support/firmware_messages.h"

using namespace gpusim;
using WaitOrders = std::vector<std::string>;

namespace {

constexpr std::uint64_t kWaitsChannel = 0x10'0000;
constexpr std::uint32_t kWaitsEntries = 256;

struct WaitHal : fw::NullHal {
  std::uint32_t read32(std::uint64_t address) {
    ++reads;
    return memory[address];
  }
  void write32(std::uint64_t address, std::uint32_t value) { memory[address] = value; }
  void watch(std::uint32_t queue, std::uint64_t address, std::uint32_t value) {
    orders.push_back("watch " + std::to_string(queue) + " for " + std::to_string(value));
    watched[queue] = address;
  }
  void unwatch(std::uint32_t queue) { orders.push_back("unwatch " + std::to_string(queue)); }
  void note_wait(std::uint32_t queue, bool waits) {
    orders.push_back(std::to_string(queue) + (waits ? " waits" : " goes on"));
  }
  void engine_run(std::uint32_t engine, const fw::RunRequest& request) {
    orders.push_back("run " + std::to_string(request.queue) + " to " + std::to_string(request.write_index));
    runs[engine] = request;
  }
  void engine_extend(std::uint32_t, std::uint32_t index) { orders.push_back("extend to " + std::to_string(index)); }

  test::WordMemory memory;
  std::map<std::uint32_t, std::uint64_t> watched;
  std::map<std::uint32_t, fw::RunRequest> runs;
  WaitOrders orders;
  std::uint32_t reads = 0;
};

struct WaitScene {
  explicit WaitScene(std::uint32_t slots) : core{hal, make(slots), queues, engines} {
    core.set_channel(kWaitsChannel);
    for (std::uint32_t queue = 1; queue <= 3; ++queue) {
      send({abi::message_header(abi::Action::register_queue, 11), queue, 3, 1 | abi::kHasWaits, context(queue), 0,
            ring_of(queue), 0, kWaitsEntries, 0, queue});
    }
    (void)orders();
  }
  static abi::DeviceDescriptor make(std::uint32_t slots) {
    abi::DeviceDescriptor device;
    device.engine_count = 2;
    device.slots = slots;
    device.max_queues = 7;
    return device;
  }
  static std::uint32_t context(std::uint32_t queue) { return 0x1000 * queue; }
  static std::uint32_t ring_of(std::uint32_t queue) { return 0x100'0000 * queue; }

  void send(const std::vector<std::uint32_t>& words) {
    test::write_message(hal.memory, kWaitsChannel, tail, words);
    REQUIRE(core.has_message());
    core.on_message();
    serve();
  }
  void disable(std::uint32_t queue) {
    send({abi::message_header(abi::Action::disable_queue, 2, abi::MessageType::request, 5), queue});
  }
  /// The flags of the last answer.
  std::uint32_t flags() {
    const std::uint32_t end = hal.memory[kWaitsChannel + offsetof(abi::ChannelDescriptor, to_host_tail)];
    return hal.memory[kWaitsChannel + abi::kToHostOffset + 4ULL * (end - 1)];
  }
  /// The entry waits until `other` has come to `value`, too.
  void wait(std::uint32_t queue, std::uint32_t index, std::uint32_t other, std::uint32_t value) {
    const std::uint64_t place = abi::entry_waits_address(ring_of(queue), kWaitsEntries, index);
    std::uint32_t& count = hal.memory[place + offsetof(abi::EntryWaits, count)];
    hal.memory[place] = index;
    const std::uint64_t at = place + offsetof(abi::EntryWaits, waits) + count++ * sizeof(abi::RingWait);
    hal.memory[at] = context(other);
    hal.memory[at + offsetof(abi::RingWait, value)] = value;
  }
  void ring(std::uint32_t queue, std::uint32_t write_index) {
    hal.memory[context(queue) + offsetof(abi::QueueContext, write_index)] = write_index;
    core.on_doorbell(queue);
    serve();
  }
  /// The fence value of `queue` is `value`; those that watch it see it.
  void reach(std::uint32_t queue, std::uint32_t value) {
    hal.memory[context(queue)] = value;
    for (const auto& [waiter, address] : std::map{hal.watched}) {
      if (address != context(queue)) continue;
      hal.watched.erase(waiter);
      core.on_wait_over(waiter);
    }
    serve();
  }
  void empty(std::uint32_t engine, std::uint32_t read_index) {
    const fw::RunRequest& run = hal.runs.at(engine);
    core.on_engine_empty({engine, run.queue, run.run, read_index});
    serve();
  }
  void serve() {
    for (std::uint32_t e = core.engine_to_serve(); e != fw::kNoEngine; e = core.engine_to_serve()) core.pick(e);
  }
  WaitOrders orders() { return std::exchange(hal.orders, {}); }

  WaitHal hal;
  std::array<fw::QueueRecord, 8> queues{};
  std::array<fw::EngineRecord, 2> engines{};
  std::uint32_t tail = 0;
  fw::RunList<WaitHal> core;
};

}  // namespace

TEST_CASE("waits: an entry that waits is given to no engine until the value is in memory", "[firmware]") {
  WaitScene scene{0};
  scene.wait(1, 0, 2, 7);
  scene.ring(1, 1);
  CHECK(scene.orders() == WaitOrders{"watch 1 for 7", "1 waits"});
  scene.reach(2, 6);  // the hardware would not say so
  CHECK(scene.orders() == WaitOrders{"watch 1 for 7"});
  scene.reach(2, 7);
  CHECK(scene.orders() == WaitOrders{"1 goes on", "run 1 to 1"});
}

TEST_CASE("waits: a value that is there already, or that has been passed, is not waited for", "[firmware]") {
  WaitScene scene{0};
  scene.reach(2, 3);
  scene.wait(1, 0, 2, 3);
  scene.wait(1, 1, 2, 2);
  scene.wait(1, 2, 3, 0xffff'fff0);  // modulo 2^32: below 0
  scene.ring(1, 3);
  CHECK(scene.orders() == WaitOrders{"run 1 to 3"});
}

TEST_CASE("waits: entries ahead of the one that waits are executed, and the engine is told when it may go on",
          "[firmware]") {
  WaitScene scene{0};
  scene.wait(1, 2, 2, 1);
  scene.ring(1, 4);
  CHECK(scene.orders() == WaitOrders{"watch 1 for 1", "run 1 to 2"});
  scene.reach(2, 1);
  CHECK(scene.orders() == WaitOrders{"extend to 4"});
  // Off its engine before the value comes.
  scene.wait(1, 4, 2, 2);
  scene.ring(1, 5);
  CHECK(scene.orders() == WaitOrders{"watch 1 for 2"});
  scene.empty(0, 4);
  CHECK(scene.orders() == WaitOrders{"1 waits"});
  scene.reach(2, 2);
  CHECK(scene.orders() == WaitOrders{"1 goes on", "run 1 to 5"});
}

TEST_CASE("waits: all waits of an entry count, one after the other", "[firmware]") {
  WaitScene scene{0};
  scene.wait(1, 0, 2, 4);
  scene.wait(1, 0, 3, 5);
  scene.ring(1, 1);
  CHECK(scene.orders() == WaitOrders{"watch 1 for 4", "1 waits"});
  scene.reach(2, 4);
  CHECK(scene.orders() == WaitOrders{"watch 1 for 5"});
  scene.reach(3, 5);
  CHECK(scene.orders() == WaitOrders{"1 goes on", "run 1 to 1"});
}

TEST_CASE("waits: what another entry waited for in the same place of the ring is not this one's", "[firmware]") {
  WaitScene scene{0};
  scene.wait(1, 0, 2, 1);
  scene.ring(1, 1);
  scene.reach(2, 1);
  scene.hal.memory[scene.context(2)] = 0;
  for (std::uint32_t next = 2; next <= kWaitsEntries + 1; ++next) {
    scene.ring(1, next);
    scene.empty(0, next);
  }
  CHECK(scene.queues[1].read_index == kWaitsEntries + 1);
}

TEST_CASE("waits: a queue that waits keeps its slot only until the queue that it waits for needs one", "[firmware]") {
  WaitScene scene{1};
  // Each waits for the other's entry before: with one slot, and no order that suits.
  scene.wait(1, 1, 2, 1);
  scene.wait(2, 1, 1, 2);
  scene.ring(1, 2);
  CHECK(scene.orders() == WaitOrders{"watch 1 for 1", "run 1 to 1"});
  scene.ring(2, 2);
  CHECK(scene.orders() == WaitOrders{"watch 2 for 2"});  // no slot yet
  scene.empty(0, 1);
  CHECK(scene.orders() == WaitOrders{"1 waits", "run 2 to 1"});
  CHECK_FALSE(scene.queues[1].has_slot);
  scene.reach(2, 1);  // while queue 2 has the slot, and its engine has not reported yet
  CHECK(scene.orders() == WaitOrders{"1 goes on"});
  scene.empty(0, 1);
  CHECK(scene.orders() == WaitOrders{"2 waits", "run 1 to 2"});
  scene.reach(1, 2);
  scene.empty(0, 2);
  CHECK(scene.orders() == WaitOrders{"2 goes on", "run 2 to 2"});
}

TEST_CASE("waits: a queue that is disabled watches nothing, says that it waits, and looks anew when it is enabled",
          "[firmware]") {
  WaitScene scene{0};
  scene.wait(1, 0, 2, 1);
  scene.ring(1, 1);
  (void)scene.orders();
  scene.disable(1);
  CHECK(scene.orders() == WaitOrders{"unwatch 1", "1 goes on"});
  CHECK(scene.flags() == (abi::kHasWork | abi::kWaits));
  scene.core.on_wait_over(1);  // that was under way
  CHECK(scene.orders().empty());
  scene.send({abi::message_header(abi::Action::enable_queue, 2), 1});
  CHECK(scene.orders() == WaitOrders{"watch 1 for 1", "1 waits"});
  scene.disable(1);
  scene.reach(2, 1);
  (void)scene.orders();
  scene.send({abi::message_header(abi::Action::enable_queue, 2), 1});
  CHECK(scene.orders() == WaitOrders{"run 1 to 1"});
}

TEST_CASE("waits: a turn looks at 64 entries at most, and at the others when those are done", "[firmware]") {
  WaitScene scene{0};
  scene.wait(1, 100, 2, 1);
  scene.ring(1, 200);
  CHECK(scene.orders() == WaitOrders{"run 1 to 64"});
  scene.empty(0, 64);
  CHECK(scene.orders() == WaitOrders{"watch 1 for 1", "run 1 to 100"});
  scene.reach(2, 1);
  CHECK(scene.orders() == WaitOrders{"extend to 164"});
  // However many waits an entry says that it has.
  const std::uint64_t place = abi::entry_waits_address(WaitScene::ring_of(3), kWaitsEntries, 0);
  scene.hal.memory[place + offsetof(abi::EntryWaits, count)] = 0xffff'ffff;
  scene.hal.reads = 0;
  scene.ring(3, 1);
  CHECK(scene.hal.reads == 1 + 2 + 4 * abi::kMaxEntryWaits);
}

TEST_CASE("waits: a queue that is registered without them has none, whatever stands behind its ring", "[firmware]") {
  WaitScene scene{0};
  scene.send({abi::message_header(abi::Action::register_queue, 11), 4, 3, 1, WaitScene::context(4), 0,
              WaitScene::ring_of(4), 0, kWaitsEntries, 0, 4});
  scene.wait(4, 0, 2, 1);
  scene.ring(4, 1);
  CHECK(scene.orders() == WaitOrders{"run 4 to 1"});
}
