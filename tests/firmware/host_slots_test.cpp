// SPDX-License-Identifier: MIT
// The firmware whose slots the host gives: who is picked, and what the host is told.
#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "base/time.h"
#include "firmware/main/null_hal.h"
#include "firmware/runlist/host_slots.h"
#include "tests/support/catch.h"
#include "tests/support/firmware_messages.h"

using namespace gpusim;

namespace {

struct SlotsHal : fw::NullHal {
  std::uint32_t read32(std::uint64_t address) { return memory[address]; }
  void write32(std::uint64_t address, std::uint32_t value) { memory[address] = value; }
  void engine_run(std::uint32_t engine, const fw::RunRequest& request) { runs[engine] = request; }
  void engine_preempt(std::uint32_t engine) { leaving.insert(engine); }
  void note_slot(std::uint32_t queue, std::uint32_t, bool granted) {
    if (granted) {
      holders.insert(queue);
    } else {
      holders.erase(queue);
    }
  }
  void note_refused(std::uint32_t, abi::Refusal reason) { refusals.push_back(reason); }
  void start_idle_timer(std::uint32_t queue) { timers.insert(queue); }
  void stop_idle_timer(std::uint32_t queue) { timers.erase(queue); }

  test::WordMemory memory;
  std::set<std::uint32_t> timers;
  std::map<std::uint32_t, fw::RunRequest> runs;
  std::set<std::uint32_t> leaving;
  std::set<std::uint32_t> holders;
  std::vector<abi::Refusal> refusals;
};

struct SlotsScene {
  static constexpr std::uint64_t kChannelAt = 0x100'0000;

  explicit SlotsScene(std::uint32_t slots, Picoseconds hysteresis = {}) {
    device.engine_count = 1;
    device.slots = slots;
    device.idle_hysteresis_ps = static_cast<std::uint64_t>(hysteresis.count());
    core.emplace(hal, device, queues, engines);
    core->set_channel(kChannelAt);
  }
  void send(const std::vector<std::uint32_t>& words) {
    test::write_message(hal.memory, kChannelAt, tail, words);
    REQUIRE(core->has_message());
    core->on_message();
    settle();
  }
  void order(abi::Action action, std::uint32_t queue) {
    const auto type = abi::answer_dwords(action) == 0 ? abi::MessageType::fast_request : abi::MessageType::request;
    send({abi::message_header(action, 2, type, 7), queue});
  }
  void set_level(std::uint32_t queue, std::uint32_t level) {
    send({abi::message_header(abi::Action::set_priority, 3), queue, level});
  }
  /// Registers a queue that has work.
  void start(std::uint32_t queue, std::uint32_t level = 1) {
    hal.memory[context(queue) + offsetof(abi::QueueContext, write_index)] = 1;
    send({abi::message_header(abi::Action::register_queue, 11), queue, 1, level, context(queue), 0, 0x8000, 0, 4, 0,
          100 + queue});
  }
  void settle() {
    for (;;) {
      if (core->engine_to_serve() != fw::kNoEngine) {
        core->pick(0);
      } else if (core->has_more()) {
        core->go_on();
      } else if (saves && !hal.leaving.empty()) {
        leave();
      } else {
        return;
      }
    }
  }
  void leave() {
    hal.leaving.clear();
    core->on_engine_saved({0, hal.runs.at(0).queue, hal.runs.at(0).run, hal.runs.at(0).read_index, false});
  }
  void empty() {
    core->on_engine_empty({0, hal.runs.at(0).queue, hal.runs.at(0).run, hal.runs.at(0).write_index, false});
    settle();
  }
  /// Of the firmware, as they came.
  [[nodiscard]] std::vector<abi::Action> said() {
    std::vector<abi::Action> actions;
    const std::uint32_t end = hal.memory[kChannelAt + offsetof(abi::ChannelDescriptor, to_host_tail)];
    for (std::uint32_t at = 0; at != end;) {
      const std::uint32_t header = hal.memory[kChannelAt + abi::kToHostOffset + std::uint64_t{at} * 4];
      actions.push_back(abi::message_action(header));
      at += abi::message_dwords(header);
    }
    return actions;
  }
  static std::uint32_t context(std::uint32_t queue) { return 0x1000 * queue; }

  SlotsHal hal;
  abi::DeviceDescriptor device;
  std::array<fw::QueueRecord, 16> queues{};
  std::array<fw::EngineRecord, 1> engines{};
  std::optional<fw::RunList<SlotsHal, fw::HostSlots>> core;
  std::uint32_t tail = 0;
  bool saves = true;  ///< an engine gives its queue up at once
};
static_assert(fw::Policy<fw::HostSlots, SlotsHal> && fw::SlotsByHost<fw::HostSlots<SlotsHal>>);

}  // namespace

TEST_CASE("host slots: a queue with work runs when the host enables it, and not before") {
  SlotsScene scene{2};
  scene.start(1);
  scene.core->on_doorbell(1);
  scene.settle();
  CHECK(scene.hal.holders.empty());
  CHECK(scene.hal.runs.empty());
  scene.order(abi::Action::enable_queue, 1);
  CHECK(scene.hal.holders == std::set<std::uint32_t>{1});
  CHECK(scene.hal.runs.at(0).queue == 1);
}

TEST_CASE("host slots: of the holders the first in their order has the engine, by level and then as they came") {
  SlotsScene scene{4};
  for (std::uint32_t queue = 1; queue <= 4; ++queue) scene.start(queue, queue == 4 ? 0 : 2);
  for (const std::uint32_t queue : {2U, 1U, 3U}) scene.order(abi::Action::enable_queue, queue);
  CHECK(scene.hal.runs.at(0).queue == 2);
  scene.order(abi::Action::enable_queue, 4);
  CHECK(scene.hal.runs.at(0).queue == 4);
  scene.empty();
  CHECK(scene.hal.runs.at(0).queue == 2);
}

TEST_CASE("host slots: a new level puts a holder behind the others of it, and an enable behind those of its own") {
  SlotsScene scene{3};
  for (std::uint32_t queue = 1; queue <= 3; ++queue) {
    scene.start(queue);
    scene.order(abi::Action::enable_queue, queue);
  }
  scene.order(abi::Action::enable_queue, 1);
  CHECK(scene.hal.runs.at(0).queue == 2);
  scene.set_level(2, 3);
  CHECK(scene.hal.runs.at(0).queue == 3);
  scene.set_level(1, 0);
  CHECK(scene.hal.runs.at(0).queue == 1);
}

TEST_CASE("host slots: a disable takes the slot when the queue is off its engine, and is answered then") {
  SlotsScene scene{1};
  scene.start(1);
  scene.start(2);
  scene.order(abi::Action::enable_queue, 1);
  scene.saves = false;
  scene.order(abi::Action::disable_queue, 1);
  CHECK(scene.hal.holders == std::set<std::uint32_t>{1});
  CHECK(scene.said().empty());
  scene.leave();
  CHECK(scene.hal.holders.empty());
  CHECK(scene.said() == std::vector{abi::Action::disable_queue});
  scene.order(abi::Action::enable_queue, 2);
  CHECK(scene.hal.runs.at(0).queue == 2);
}

TEST_CASE("host slots: a queue without a slot is refused one if none is free, and stays disabled") {
  SlotsScene scene{1};
  scene.start(1);
  scene.start(2);
  scene.order(abi::Action::enable_queue, 1);
  scene.order(abi::Action::enable_queue, 2);
  CHECK(scene.hal.refusals == std::vector{abi::Refusal::no_slot});
  scene.empty();
  CHECK(scene.hal.runs.at(0).queue == 1);
  scene.order(abi::Action::disable_queue, 1);
  scene.order(abi::Action::enable_queue, 2);
  CHECK(scene.hal.runs.at(0).queue == 2);
}

TEST_CASE("host slots: the host is told when a holder has nothing left to do, which keeps its slot") {
  SlotsScene scene{1};
  scene.start(1);
  scene.order(abi::Action::enable_queue, 1);
  scene.empty();
  CHECK(scene.said() == std::vector{abi::Action::queue_idle});
  CHECK(scene.hal.holders == std::set<std::uint32_t>{1});
}

TEST_CASE("host slots: with a hysteresis the host is told of an idle holder when its timer has expired") {
  SlotsScene scene{2, us(800)};
  scene.start(1);
  scene.order(abi::Action::enable_queue, 1);
  scene.empty();
  CHECK(scene.said().empty());
  CHECK(scene.hal.timers == std::set<std::uint32_t>{1});
  scene.hal.timers.clear();
  scene.core->on_idle_timer(1);
  CHECK(scene.said() == std::vector{abi::Action::queue_idle});
}

TEST_CASE("host slots: work within the hysteresis ends it, and so does a disable") {
  SlotsScene scene{2, us(800)};
  scene.start(1);
  scene.order(abi::Action::enable_queue, 1);
  scene.empty();
  scene.hal.memory[SlotsScene::context(1) + offsetof(abi::QueueContext, write_index)] = 2;
  scene.core->on_doorbell(1);
  CHECK(scene.hal.timers.empty());
  scene.core->on_idle_timer(1);  // that was in the FIFO
  CHECK(scene.said().empty());
  scene.settle();
  scene.empty();
  CHECK(scene.hal.timers == std::set<std::uint32_t>{1});
  scene.order(abi::Action::disable_queue, 1);
  CHECK(scene.hal.timers.empty());
  CHECK(scene.said() == std::vector{abi::Action::disable_queue});
}
