// SPDX-License-Identifier: MIT
// The firmware of a device on which doorbells reach the engine that their queue is on.
#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <vector>

#include "firmware/main/null_hal.h"
#include "tests/support/catch.h"
#include "tests/support/firmware_messages.h"

using namespace gpusim;

namespace {

struct RingHal : fw::NullHal {
  std::uint32_t read32(std::uint64_t address) { return memory[address]; }
  void write32(std::uint64_t address, std::uint32_t value) { memory[address] = value; }
  void engine_run(std::uint32_t, const fw::RunRequest& request) { runs.push_back(request); }
  void engine_extend(std::uint32_t, std::uint32_t write_index) { extensions.push_back(write_index); }
  void engine_preempt(std::uint32_t) { ++preemptions; }
  void note_refused(std::uint32_t, abi::Refusal reason) { refusals.push_back(reason); }
  void note_ready(std::uint32_t queue, std::uint32_t write_index, bool) { ready[queue] = write_index; }

  test::WordMemory memory;
  std::vector<fw::RunRequest> runs;
  std::vector<std::uint32_t> extensions;
  std::vector<abi::Refusal> refusals;
  std::map<std::uint32_t, std::uint32_t> ready;
  int preemptions = 0;
};

struct RingScene {
  static constexpr std::uint64_t kRingChannel = 0x100'0000;
  static constexpr std::uint32_t kEntries = 4;

  RingScene() {
    device.engine_count = 1;
    device.doorbell_route = abi::DoorbellRoute::direct;
    core.emplace(hal, device, queues, engines);
    core->set_channel(kRingChannel);
  }
  void write(std::uint32_t queue, std::uint32_t index) {
    hal.memory[0x1000 * queue + offsetof(abi::QueueContext, write_index)] = index;
  }
  void send(const std::vector<std::uint32_t>& words) {
    test::write_message(hal.memory, kRingChannel, tail, words);
    REQUIRE(core->has_message());
    core->on_message();
    serve();
  }
  void add(std::uint32_t queue) {
    send({abi::message_header(abi::Action::register_queue, 11), queue, 1, 1, 0x1000 * queue, 0, 0x8000, 0, kEntries, 0,
          100 + queue});
  }
  void serve() {
    while (core->engine_to_serve() != fw::kNoEngine) core->pick(0);
  }
  /// The engine has done what it knew of, up to this entry.
  void empty(std::uint32_t read_index) {
    core->on_engine_empty({0, hal.runs.back().queue, hal.runs.back().run, read_index, false});
    serve();
  }
  void save(std::uint32_t read_index) {
    core->on_engine_saved({0, hal.runs.back().queue, hal.runs.back().run, read_index, false});
    serve();
  }
  /// Of the last answer of the firmware, four words.
  [[nodiscard]] std::uint32_t answer(std::uint32_t word) {
    const std::uint32_t end = hal.memory[kRingChannel + offsetof(abi::ChannelDescriptor, to_host_tail)];
    return hal.memory[kRingChannel + abi::kToHostOffset + std::uint64_t{end - 4 + word} * 4];
  }

  RingHal hal;
  abi::DeviceDescriptor device;
  std::array<fw::QueueRecord, 16> queues{};
  std::array<fw::EngineRecord, 1> engines{};
  std::optional<fw::RunList<RingHal>> core;
  std::uint32_t tail = 0;
};

}  // namespace

TEST_CASE("direct doorbells: what an engine has done beyond what it was sent is believed", "[firmware]") {
  RingScene scene;
  scene.write(1, 1);
  scene.add(1);
  scene.write(1, 100);
  scene.empty(100);  // more than a ring
  CHECK(scene.hal.refusals.empty());
  CHECK(scene.queues[1].state == fw::QueueState::idle);
  CHECK(scene.hal.runs.size() == 1);
}

TEST_CASE("direct doorbells: entries whose doorbell did not reach the engine are found when it is empty",
          "[firmware]") {
  RingScene scene;
  scene.write(1, 1);
  scene.add(1);
  scene.write(1, 12);
  scene.empty(10);
  REQUIRE(scene.hal.runs.size() == 2);
  CHECK(scene.hal.runs.back().read_index == 10);
  CHECK(scene.hal.runs.back().write_index == 12);
  CHECK(scene.hal.ready.at(1) == 12);
}

TEST_CASE("direct doorbells: a queue that was preempted has in line what was written meanwhile", "[firmware]") {
  RingScene scene;
  scene.write(1, 1);
  scene.add(1);
  scene.write(1, 53);
  scene.save(50);
  REQUIRE(scene.hal.runs.size() == 2);
  CHECK(scene.hal.runs.back().read_index == 50);
  CHECK(scene.hal.runs.back().write_index == 53);
  CHECK(scene.hal.refusals.empty());
}

TEST_CASE("direct doorbells: an index that no ring can have is refused, and limited by the ring", "[firmware]") {
  RingScene scene;
  scene.write(1, 1);
  scene.add(1);
  scene.write(1, 10 + RingScene::kEntries + 1);
  scene.empty(10);
  CHECK(scene.hal.refusals == std::vector{abi::Refusal::bad_write_index});
  CHECK(scene.queues[1].write_index == 10 + RingScene::kEntries);
}

TEST_CASE("direct doorbells: one that the firmware gets late finds the engine far ahead", "[firmware]") {
  RingScene scene;
  scene.write(1, 1);
  scene.add(1);
  scene.write(1, 90);
  scene.core->on_doorbell(1);
  CHECK(scene.hal.refusals.empty());
  CHECK(scene.hal.extensions == std::vector<std::uint32_t>{90});
  // A report from before the extension is stale; one from behind it is not, whatever else the engine has done.
  scene.empty(89);
  CHECK(scene.queues[1].state == fw::QueueState::running);
  scene.write(1, 95);
  scene.empty(95);
  CHECK(scene.queues[1].state == fw::QueueState::idle);
}

TEST_CASE("direct doorbells: the answer to a disable says what is left, whoever was told of it", "[firmware]") {
  const bool has_more = GENERATE(false, true);
  RingScene scene;
  scene.write(1, 1);
  scene.add(1);
  scene.send({abi::message_header(abi::Action::disable_queue, 2, abi::MessageType::request, 7), 1});
  scene.write(1, has_more ? 10 : 8);
  scene.empty(8);
  CHECK(scene.answer(2) == 8);
  CHECK(scene.answer(3) == (has_more ? abi::kHasWork : 0U));
  CHECK(scene.hal.ready.count(1) == 1);
  CHECK(scene.hal.ready.at(1) == 1);
}
