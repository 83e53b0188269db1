// SPDX-License-Identifier: MIT
// The order in which the firmware's loop does things, against a FIFO that the test fills.
#include "firmware/main/null_hal.h"

#include <array>
#include <cstddef>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/catch.h"

using namespace gpusim;
using fw::Step;

namespace {

constexpr std::uint64_t kLoopChannel = 0x4000;

/// Notes in `log` what touches pending bits, memory that the host writes, and engines.
struct LoopHal : fw::NullHal {
  bool next_event(fw::Event& event) {
    if (fifo.empty()) return false;
    event = fifo.front();
    fifo.pop_front();
    return true;
  }
  void clear_doorbell(std::uint32_t queue) { log.push_back("clear doorbell " + std::to_string(queue)); }
  void clear_notification() { log.emplace_back("clear notification"); }
  void notify_again() {
    log.emplace_back("notify again");
    fifo.push_back({Step::message, fw::kNil, {}});
  }
  std::uint64_t channel_address() const { return kLoopChannel; }

  std::uint32_t read32(std::uint64_t address) {
    if (address == kLoopChannel + offsetof(abi::ChannelDescriptor, to_firmware_tail)) log.emplace_back("read tail");
    if (address % 64 == offsetof(abi::QueueContext, write_index) && address < kLoopChannel)
      log.emplace_back("read index");
    return memory[address / 4];
  }
  void write32(std::uint64_t address, std::uint32_t value) { memory[address / 4] = value; }
  void engine_run(std::uint32_t, const fw::RunRequest& request) {
    log.push_back("run " + std::to_string(request.queue));
  }
  void engine_preempt(std::uint32_t) { log.emplace_back("preempt"); }
  void note_refused(std::uint32_t, abi::Refusal) { log.emplace_back("refuse"); }

  std::array<std::uint32_t, 0x4000> memory{};
  std::deque<fw::Event> fifo;
  std::vector<std::string> log;
};

template <template <class> class P>
struct LoopSceneOf {
  LoopSceneOf() : firmware{hal, device(), queues, engines} {}
  static abi::DeviceDescriptor device() {
    abi::DeviceDescriptor device;
    device.engine_count = 1;
    device.max_queues = 3;
    return device;
  }
  /// Puts a registration into the buffer. Priority 1.
  void add(std::uint32_t queue) {
    for (const std::uint32_t word : {abi::message_header(abi::Action::register_queue, 11), queue, 1U, 1U, 64 * queue,
                                     0U, 0x8000U, 0U, 4U, 0U, queue}) {
      hal.memory[(kLoopChannel + abi::kToFirmwareOffset) / 4 + tail++] = word;
    }
    hal.memory[(kLoopChannel + offsetof(abi::ChannelDescriptor, to_firmware_tail)) / 4] = tail;
  }
  void write(std::uint32_t queue, std::uint32_t index) {
    hal.memory[(64 * queue + offsetof(abi::QueueContext, write_index)) / 4] = index;
  }
  /// What the loop does until it sleeps.
  std::vector<Step> run() {
    std::vector<Step> steps;
    for (auto turn = firmware.turn(); turn; turn = firmware.turn()) steps.push_back(turn->step);
    return steps;
  }
  std::vector<std::string> log() { return std::exchange(hal.log, {}); }

  LoopHal hal;
  std::array<fw::QueueRecord, 4> queues{};
  std::array<fw::EngineRecord, 1> engines{};
  fw::Main<LoopHal, P> firmware;
  std::uint32_t tail = 0;
};
using LoopScene = LoopSceneOf<fw::RoundRobin>;

/// Has two more turns' work after each tick.
template <class H>
struct SlowPolicy : fw::RoundRobin<H> {
  using fw::RoundRobin<H>::RoundRobin;
  void on_tick() { left = 2; }
  [[nodiscard]] bool has_more() const { return left != 0; }
  void go_on() { --left; }
  int left = 0;
};
using Log = std::vector<std::string>;
using Steps = std::vector<Step>;

}  // namespace

TEST_CASE("firmware loop: without an event it sleeps, and one event is one turn", "[firmware]") {
  LoopScene s;
  CHECK(s.run().empty());
  s.hal.fifo.push_back({Step::doorbell, 1, {}});
  CHECK(s.run() == Steps{Step::doorbell});
}

TEST_CASE("firmware loop: pending bits are cleared before memory is read", "[firmware]") {
  LoopScene s;
  s.add(1);
  s.hal.fifo.push_back({Step::message, 0, {}});
  CHECK(s.run() == Steps{Step::message, Step::empty_look});
  CHECK(s.log() ==
        Log{"clear notification", "read tail", "notify again", "read index", "clear notification", "read tail"});
  s.hal.fifo.push_back({Step::doorbell, 1, {}});
  CHECK(s.run() == Steps{Step::doorbell});
  CHECK(s.log() == Log{"clear doorbell 1", "read index"});
}

TEST_CASE("firmware loop: an idle engine comes before the next event, messages take turns with other events",
          "[firmware]") {
  LoopScene s;
  s.add(1);
  s.add(2);
  s.write(1, 1);
  s.hal.fifo.push_back({Step::message, 0, {}});
  s.hal.fifo.push_back({Step::doorbell, 1, {}});
  // The first registration finds work; the engine gets it before the doorbell is served, and that before the second
  // one.
  CHECK(s.run() == Steps{Step::message, Step::pick, Step::doorbell, Step::message, Step::empty_look});
}

TEST_CASE("firmware loop: a message that makes no sense has no action", "[firmware]") {
  LoopScene s;
  s.add(9);
  s.hal.fifo.push_back({Step::message, 0, {}});
  const auto turn = s.firmware.turn();
  REQUIRE(turn);
  CHECK(turn->step == Step::message);
  CHECK(turn->action == abi::Action::padding);
  CHECK(s.hal.log.back() == "refuse");
}

TEST_CASE("firmware loop: what the policy has left is done before the next event, a turn each", "[firmware]") {
  LoopSceneOf<SlowPolicy> s;
  s.add(1);
  s.write(1, 1);
  s.hal.fifo.push_back({Step::tick, 0, {}});
  s.hal.fifo.push_back({Step::message, 0, {}});
  s.hal.fifo.push_back({Step::tick, 0, {}});
  CHECK(s.run() == Steps{Step::tick, Step::tick, Step::tick, Step::message, Step::pick, Step::tick, Step::tick,
                         Step::tick, Step::empty_look});
}
