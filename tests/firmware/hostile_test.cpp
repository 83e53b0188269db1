// SPDX-License-Identifier: MIT
// The run-list processor among hosts and engines that say what they like. What makes no sense is refused, and said; no
// access is out of bounds (sanitizers), no handler goes on for ever, and who behaves is served all the same.
#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/prng.h"
#include "firmware/main/null_hal.h"
#include "tests/support/catch.h"

using namespace gpusim;
using abi::Action;
using abi::MessageType;
using abi::Refusal;

namespace {

constexpr std::uint32_t kHostileQueues = 8;  // ids 1 to 7
constexpr std::uint32_t kHostileEngines = 3;
constexpr std::uint64_t kHostileChannel = 0x4000;

/// Memory of 64 KiB, in which every address is somewhere; engines that remember what they were last told.
struct WideHal : fw::NullHal {
  std::uint32_t read32(std::uint64_t address) {
    ++accesses;
    return at(address);
  }
  void write32(std::uint64_t address, std::uint32_t value) {
    ++accesses;
    at(address) = value;
  }
  void engine_run(std::uint32_t engine, const fw::RunRequest& request) {
    CHECK(engine < kHostileEngines);
    CHECK(request.write_index - request.read_index <= request.ring_entries);
    runs.at(engine) = request;
  }
  void engine_extend(std::uint32_t engine, std::uint32_t write_index) { runs.at(engine).write_index = write_index; }
  void engine_preempt(std::uint32_t engine) { CHECK(engine < kHostileEngines); }
  void engine_reset(std::uint32_t engine) { CHECK(engine < kHostileEngines); }
  void start_preempt_timer(std::uint32_t engine, std::uint32_t, std::uint32_t) { CHECK(engine < kHostileEngines); }
  void stop_preempt_timer(std::uint32_t engine) { CHECK(engine < kHostileEngines); }
  void note_registered(std::uint32_t) { ++registered; }
  void note_refused(std::uint32_t queue, Refusal reason) { refused.emplace_back(queue, reason); }

  std::uint32_t& at(std::uint64_t address) { return memory[address / 4 % memory.size()]; }
  std::array<std::uint32_t, 0x4000> memory{};
  std::array<fw::RunRequest, kHostileEngines> runs{};
  std::vector<std::pair<std::uint32_t, Refusal>> refused;
  std::uint64_t accesses = 0;
  std::uint64_t registered = 0;
};
using Refused = std::vector<std::pair<std::uint32_t, Refusal>>;

struct HostileScene {
  explicit HostileScene(std::uint32_t slots = 0) : core{hal, device(slots), queues, engines} {
    core.set_channel(kHostileChannel);
  }
  static abi::DeviceDescriptor device(std::uint32_t slots) {
    abi::DeviceDescriptor device;
    device.engine_count = kHostileEngines;
    device.engines[0] = {abi::EngineClass::render, 0};
    device.engines[1] = {abi::EngineClass::copy, 0};
    device.engines[2] = {abi::EngineClass::copy, 1};
    device.slots = slots;
    device.max_queues = kHostileQueues - 1;
    device.preempt_timeout_ps = 1;
    return device;
  }

  void put(std::uint32_t word) { hal.at(kHostileChannel + abi::kToFirmwareOffset + 4ULL * (tail++ % 1024)) = word; }
  void set_tail(std::uint32_t value) {
    hal.at(kHostileChannel + offsetof(abi::ChannelDescriptor, to_firmware_tail)) = tail = value;
  }
  /// Has the firmware look at its buffer until it finds nothing; false: it found more than there is.
  bool serve() {
    // The host takes in what it is sent.
    hal.at(kHostileChannel + offsetof(abi::ChannelDescriptor, to_host_head)) =
        hal.at(kHostileChannel + offsetof(abi::ChannelDescriptor, to_host_tail));
    for (int messages = 0; core.has_message(); ++messages) {
      if (messages > 1024) return false;
      core.on_message();
    }
    for (std::uint32_t e = core.engine_to_serve(); e != fw::kNoEngine; e = core.engine_to_serve()) core.pick(e);
    return true;
  }
  Refused send(const std::vector<std::uint32_t>& words) {
    hal.refused.clear();
    for (const std::uint32_t word : words) put(word);
    set_tail(tail);
    CHECK(serve());
    return hal.refused;
  }
  static std::vector<std::uint32_t> registration(std::uint32_t queue, std::uint32_t engines, std::uint32_t priority = 1,
                                                 std::uint32_t entries = 4) {
    return {abi::message_header(Action::register_queue, 11),
            queue,
            engines,
            priority,
            context(queue),
            0,
            0x8000,
            0,
            entries,
            0,
            queue};
  }
  Refused ring(std::uint32_t queue, std::uint32_t write_index) {
    hal.refused.clear();
    hal.at(context(queue) + offsetof(abi::QueueContext, write_index)) = write_index;
    core.on_doorbell(queue);
    CHECK(serve());
    return hal.refused;
  }
  static std::uint32_t context(std::uint32_t queue) { return 0x40 * queue; }

  WideHal hal;
  std::array<fw::QueueRecord, kHostileQueues> queues{};
  std::array<fw::EngineRecord, kHostileEngines> engines{};
  fw::RunList<WideHal> core;
  std::uint32_t tail = 0;
};

}  // namespace

TEST_CASE("firmware: a message whose length or place is wrong is the last that is read", "[firmware]") {
  const auto breaks = [](const std::vector<std::uint32_t>& words) {
    HostileScene s;
    const Refused first = s.send(words);
    if (first != Refused{{0, Refusal::bad_message}}) return false;
    // Not even a good one behind it, and it is not said twice.
    return s.send(HostileScene::registration(1, 1)).empty() && s.hal.registered == 0;
  };
  CHECK(breaks({0x0000'0001, 1, 1}));                              // no dwords
  CHECK(breaks({abi::message_header(Action::schedule, 1), 1}));    // no queue
  CHECK(breaks({abi::message_header(Action::schedule, 3), 1}));    // more than was sent
  CHECK(breaks({abi::message_header(Action::padding, 1), 1, 1}));  // not at the ring's end
  CHECK_FALSE(breaks({abi::message_header(Action::schedule, 2), 1}));
  // Over the ring's end.
  HostileScene s;
  for (std::uint32_t sent = 0; sent < 1022; sent += 2)
    CHECK(s.send({abi::message_header(Action::schedule, 2), 1}).empty());
  CHECK(s.send({abi::message_header(Action::set_priority, 3), 1, 0}) == Refused{{0, Refusal::bad_message}});
  // More than the ring holds.
  HostileScene full;
  full.set_tail(5000);
  CHECK(full.serve());
  CHECK(full.hal.refused == Refused{{0, Refusal::bad_message}});
}

TEST_CASE("firmware: what is at the ring's end is skipped up to its end", "[firmware]") {
  HostileScene s;
  for (std::uint32_t sent = 0; sent < 1020; sent += 2)
    CHECK(s.send({abi::message_header(Action::schedule, 2), 1}).empty());
  for (int i = 0; i < 4; ++i) s.put(abi::message_header(Action::padding, 1));
  CHECK(s.send(HostileScene::registration(1, 1)).empty());
  CHECK(s.hal.registered == 1);
}

TEST_CASE("firmware: a message that makes no sense is refused, and the next one is read", "[firmware]") {
  HostileScene s;
  const auto refusal = [&](const std::vector<std::uint32_t>& words, Refusal reason) {
    return s.send(words) == Refused{{words[1], reason}};
  };
  const std::uint32_t engines_of_two = 0b011;
  CHECK(refusal({abi::message_header(static_cast<Action>(200), 2), 1}, Refusal::unknown_action));
  CHECK(refusal({abi::message_header(Action::reset_notify, 2), 1}, Refusal::unknown_action));
  CHECK(refusal({abi::message_header(Action::schedule, 3), 1, 0}, Refusal::bad_message));
  CHECK(refusal({abi::message_header(Action::disable_queue, 2), 1}, Refusal::bad_message));  // nobody waits for it
  CHECK(refusal({abi::message_header(Action::schedule, 2, MessageType::reply), 1}, Refusal::bad_message));
  CHECK(refusal({abi::message_header(Action::schedule, 2), 0}, Refusal::no_such_queue));
  CHECK(refusal({abi::message_header(Action::schedule, 2), kHostileQueues}, Refusal::no_such_queue));
  CHECK(refusal(HostileScene::registration(0, 1), Refusal::no_such_queue));
  CHECK(refusal(HostileScene::registration(1, 0), Refusal::bad_engines));
  CHECK(refusal(HostileScene::registration(1, 0b1000), Refusal::bad_engines));
  CHECK(refusal(HostileScene::registration(1, engines_of_two), Refusal::bad_engines));
  CHECK(refusal(HostileScene::registration(1, 0b110, 9), Refusal::bad_priority));
  CHECK(refusal(HostileScene::registration(1, 0b110, 1, 0), Refusal::bad_ring));
  CHECK(refusal(HostileScene::registration(1, 0b110, 1, 3), Refusal::bad_ring));
  CHECK(refusal(HostileScene::registration(1, 0b110, 1, 0x8000'0000), Refusal::bad_ring));
  std::vector<std::uint32_t> crooked = HostileScene::registration(1, 1);
  crooked[4] = 0x1003;
  CHECK(refusal(crooked, Refusal::bad_ring));
  CHECK(s.hal.registered == 0);

  CHECK(s.send(HostileScene::registration(1, 0b110)).empty());
  CHECK(s.hal.registered == 1);
  CHECK(refusal(HostileScene::registration(1, 0b110), Refusal::already_registered));
  CHECK(refusal({abi::message_header(Action::set_priority, 3), 1, 4}, Refusal::bad_priority));
  // More than four entries at once there cannot be.
  CHECK(s.ring(1, 5) == Refused{{1, Refusal::bad_write_index}});
  CHECK(s.ring(1, 4).empty());
  CHECK(s.hal.runs[1].write_index == 4);
  CHECK(refusal({abi::message_header(Action::deregister_queue, 2, MessageType::request), 1}, Refusal::still_on_engine));
  s.hal.refused.clear();
  s.core.on_engine_saved({1, 1, 1, 5, false});
  CHECK(s.hal.refused == Refused{{1, Refusal::bad_report}});
  s.core.on_doorbell(kHostileQueues);
  CHECK(s.hal.refused.back() == std::pair{kHostileQueues, Refusal::no_such_queue});
  s.core.on_quantum_over({kHostileEngines, 1, 1, 0, false});
  CHECK(s.hal.refused.back() == std::pair{0U, Refusal::bad_report});

  // The host is told: three dwords, an event.
  const std::uint32_t end = s.hal.at(kHostileChannel + offsetof(abi::ChannelDescriptor, to_host_tail));
  const auto sent = [&](std::uint32_t dword) {
    return s.hal.at(kHostileChannel + abi::kToHostOffset + 4ULL * (end - 3 + dword));
  };
  CHECK(sent(0) == abi::message_header(Action::refused, 3, MessageType::event));
  CHECK(sent(2) == static_cast<std::uint32_t>(Refusal::bad_report));
}

TEST_CASE("firmware: sets of engines are counted, and given back", "[firmware]") {
  fw::EngineSets sets;
  for (std::uint32_t n = 0; n < fw::EngineSets::kMaxSets; ++n) CHECK(sets.take(n + 1, 0) == n);
  CHECK(sets.take(0x100, 0) == fw::EngineSets::kNoSet);
  CHECK(sets.take(7, 0) == 6);
  sets.give_back(6);
  CHECK(sets.take(0x100, 0) == fw::EngineSets::kNoSet);
  CHECK((sets.with_engine(0) >> 6 & 1) == 1);
  sets.give_back(6);
  CHECK((sets.with_engine(0) >> 6 & 1) == 0);
  CHECK(sets.take(0x100, 2) == 6);
  CHECK(sets.with_engine(8) == 1U << 6);
  CHECK(sets.of_class(2) == 1U << 6);
  CHECK((sets.of_class(0) >> 6 & 1) == 0);
}

namespace {

/// Random words, of which many are almost right.
class Hostile {
 public:
  Hostile(HostileScene& scene, std::uint64_t seed) : s_{scene}, random_{seed, "hostile"} {}

  void step() {
    switch (below(8)) {
      case 0:
      case 1:
      case 2:
        return message();
      case 3:
        s_.hal.at(HostileScene::context(queue()) + offsetof(abi::QueueContext, write_index)) += any(6);
        return s_.core.on_doorbell(queue());
      case 4:
        return s_.core.on_engine_empty(report());
      case 5:
        return s_.core.on_engine_saved(report());
      case 6:
        return s_.core.on_quantum_over(report());
      default:
        return s_.core.on_preempt_timeout(report());
    }
  }

 private:
  std::uint32_t below(std::uint32_t count) { return static_cast<std::uint32_t>(random_.uniform(0, count - 1)); }
  /// Below `count`; one in 16 is any word.
  std::uint32_t any(std::uint32_t count) {
    if (below(16) == 0) return static_cast<std::uint32_t>(random_.next());
    return below(count);
  }
  std::uint32_t queue() { return any(kHostileQueues + 1); }
  fw::EngineReport report() {
    const std::uint32_t engine = any(kHostileEngines + 1);
    if (engine >= kHostileEngines || below(4) == 0) return {engine, queue(), any(9), any(20), true};
    const fw::RunRequest run = s_.hal.runs[engine];
    fw::EngineReport report{engine, run.queue, run.run, run.read_index + any(3), below(2) == 0};
    if (below(2) == 0) report.read_index = run.write_index;
    return report;
  }
  void message() {
    std::vector<std::uint32_t> words{0, queue()};
    const auto action = below(4) == 0 ? Action::register_queue : static_cast<Action>(any(abi::kActions + 1) & 0xff);
    if (action == Action::register_queue) {
      words = HostileScene::registration(queue(), any(8), any(5), 1U << below(4));
      if (below(32) == 0) words[2 + below(9)] = static_cast<std::uint32_t>(random_.next());
    }
    if (action == Action::set_priority) words.push_back(any(6));
    if (action == Action::set_limits) words.resize(6, any(6));
    const auto type = abi::answer_dwords(action) == 0 ? MessageType::fast_request : MessageType::request;
    const std::uint32_t length = below(256) == 0 ? any(64) : static_cast<std::uint32_t>(words.size());
    words[0] = abi::message_header(action, length, below(32) == 0 ? MessageType::event : type);
    while (s_.tail % 1024 + words.size() > 1024) s_.put(below(64) == 0 ? any(9) : 0);
    for (const std::uint32_t word : words) s_.put(word);
    s_.set_tail(below(512) == 0 ? s_.tail + any(3) : s_.tail);
  }

  HostileScene& s_;
  Prng random_;
};

/// What engines and queues say of each other is one thing.
void check_engines(const HostileScene& s) {
  for (std::uint32_t e = 0; e < kHostileEngines; ++e) {
    if (s.engines[e].state == fw::EngineState::idle) continue;
    const fw::QueueRecord& record = s.queues.at(s.engines[e].queue);
    CHECK(record.engine == e);
    CHECK((record.state == fw::QueueState::running || record.state == fw::QueueState::disabling));
  }
}

}  // namespace

TEST_CASE("firmware: a million random messages, doorbells and reports do no harm", "[firmware]") {
  std::uint64_t served = 0;
  std::uint64_t refused = 0;
  for (std::uint64_t seed = 0; seed < 10'000; ++seed) {
    HostileScene s{static_cast<std::uint32_t>(seed % 4)};
    Hostile hostile{s, seed};
    for (int i = 0; i < 100; ++i) {
      s.hal.accesses = 0;
      hostile.step();
      const bool ends = s.serve();
      check_engines(s);
      if (!ends || s.hal.accesses > 200) FAIL("seed " << seed << ", step " << i << ": " << s.hal.accesses);
    }
    served += s.hal.registered;
    refused += s.hal.refused.size();
  }
  // They are neither all right nor all wrong.
  CHECK(served > 10'000);
  CHECK(refused > 100'000);
}
