// SPDX-License-Identifier: MIT
// The run-list processor against a machine that does nothing by itself: the test plays host and engines.
#include "firmware/main/null_hal.h"

#include <cstddef>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/firmware_messages.h"

using namespace gpusim;
using fw::EngineReport;

namespace {

/// Notes the firmware's orders as texts, and holds memory by words.
struct FakeHal : fw::NullHal {
  std::uint32_t read32(std::uint64_t address) { return memory[address]; }
  void write32(std::uint64_t address, std::uint32_t value) { memory[address] = value; }
  void raise_reply_interrupt() { ++interrupts; }
  void engine_run(std::uint32_t engine, const fw::RunRequest& request) {
    note("run " + std::to_string(request.queue), engine);
    runs[engine] = request;
  }
  void engine_extend(std::uint32_t engine, std::uint32_t) { note("extend", engine); }
  void engine_preempt(std::uint32_t engine) { note("preempt", engine); }
  void engine_reset(std::uint32_t engine) { note("reset", engine); }
  void start_preempt_timer(std::uint32_t engine, std::uint32_t, std::uint32_t) { note("timer", engine); }
  void stop_preempt_timer(std::uint32_t engine) { note("stop", engine); }
  void note_refused(std::uint32_t queue, abi::Refusal reason) { refused.emplace_back(queue, reason); }

  void note(const std::string& what, std::uint32_t engine) { orders.push_back(what + " @" + std::to_string(engine)); }
  test::WordMemory memory;
  std::map<std::uint32_t, fw::RunRequest> runs;  ///< by engine, the last
  std::vector<std::string> orders;
  std::vector<std::pair<std::uint32_t, abi::Refusal>> refused;
  int interrupts = 0;
};

constexpr std::uint64_t kChannel = 0x10'0000;

struct Scene {
  explicit Scene(std::uint32_t slots, std::uint32_t engine_count = 2, std::uint64_t preempt_timeout = 1)
      : device{make(slots, engine_count, preempt_timeout)},
        core{hal, device, queues, std::span{engines}.first(engine_count)} {
    core.set_channel(kChannel);
  }
  static abi::DeviceDescriptor make(std::uint32_t slots, std::uint32_t engine_count, std::uint64_t preempt_timeout) {
    abi::DeviceDescriptor device;
    device.engine_count = engine_count;
    device.slots = slots;
    device.max_queues = 7;
    device.preempt_timeout_ps = preempt_timeout;
    return device;
  }

  void send(const std::vector<std::uint32_t>& words) {
    test::write_message(hal.memory, kChannel, tail, words);
    REQUIRE(core.has_message());
    core.on_message();
    REQUIRE_FALSE(core.has_message());
    serve();
  }
  void add(std::uint32_t queue, std::uint32_t priority = 1, std::uint32_t mask = 3, std::uint32_t read_index = 0) {
    send({abi::message_header(abi::Action::register_queue, 11), queue, mask, priority, context(queue), 0, 0x8000, 0, 4,
          read_index, 100 + queue});
  }
  void ring(std::uint32_t queue, std::uint32_t write_index) {
    hal.memory[context(queue) + offsetof(abi::QueueContext, write_index)] = write_index;
    core.on_doorbell(queue);
    serve();
  }
  void set_priority(std::uint32_t queue, std::uint32_t level) {
    send({abi::message_header(abi::Action::set_priority, 3), queue, level});
  }
  void disable(std::uint32_t queue, std::uint16_t fence) {
    send({abi::message_header(abi::Action::disable_queue, 2, abi::MessageType::request, fence), queue});
  }
  void serve() {
    for (std::uint32_t e = core.engine_to_serve(); e != fw::kNoEngine; e = core.engine_to_serve()) core.pick(e);
  }
  [[nodiscard]] EngineReport report(std::uint32_t engine, std::uint32_t read_index, bool begun = false) {
    const fw::RunRequest& run = hal.runs.at(engine);
    return {engine, run.queue, run.run, read_index, begun};
  }
  void saved(std::uint32_t engine, std::uint32_t read_index) {
    core.on_engine_saved(report(engine, read_index, true));
    serve();
  }
  /// The messages that came back since the last call, word by word.
  std::vector<std::uint32_t> replies() {
    std::vector<std::uint32_t> words;
    const std::uint32_t end = hal.memory[kChannel + offsetof(abi::ChannelDescriptor, to_host_tail)];
    while (seen != end) words.push_back(hal.memory[kChannel + abi::kToHostOffset + 4ULL * seen++]);
    return words;
  }
  std::vector<std::string> orders() { return std::exchange(hal.orders, {}); }
  static std::uint32_t context(std::uint32_t queue) { return 0x1000 * queue; }

  FakeHal hal;
  abi::DeviceDescriptor device;
  std::array<fw::QueueRecord, 8> queues{};
  std::array<fw::EngineRecord, 2> engines{};
  fw::RunList<FakeHal> core;
  std::uint32_t tail = 0;
  std::uint32_t seen = 0;
};

using Orders = std::vector<std::string>;
using Words = std::vector<std::uint32_t>;

Words disabled(std::uint16_t fence, std::uint32_t queue, std::uint32_t read_index, std::uint32_t flags) {
  return {abi::message_header(abi::Action::disable_queue, 4, abi::MessageType::reply, fence), queue, read_index, flags};
}

}  // namespace

TEST_CASE("one waiting queue asks for one slot: a second holder is not preempted for it", "[firmware]") {
  Scene s{2};
  s.add(1, 2);
  s.add(2, 2);
  s.add(3, 1);
  s.ring(1, 1);
  s.ring(2, 1);
  (void)s.orders();
  s.ring(3, 1);
  CHECK(s.orders() == Orders{"preempt @0", "timer @0"});
  // The host rings again, and a lower queue comes: no other queue has to go.
  s.ring(3, 2);
  s.add(4, 2);
  s.ring(4, 1);
  CHECK(s.orders().empty());
  s.saved(0, 0);
  CHECK(s.orders() == Orders{"stop @0", "run 3 @0"});
}

TEST_CASE("two waiting queues ask for two slots", "[firmware]") {
  Scene s{2};
  for (const std::uint32_t queue : {1U, 2U}) s.add(queue, 2);
  for (const std::uint32_t queue : {3U, 4U}) s.add(queue, 1);
  s.ring(1, 1);
  s.ring(2, 1);
  (void)s.orders();
  s.ring(3, 1);
  s.ring(4, 1);
  CHECK(s.orders() == Orders{"preempt @0", "timer @0", "preempt @1", "timer @1"});
}

TEST_CASE("a queue that goes empty while it is preempted for a slot gives the slot up, though it has new work",
          "[firmware]") {
  Scene s{1, 1, 0};
  s.add(1, 2, 1);
  s.add(2, 0, 1);
  s.ring(1, 1);
  s.ring(2, 1);
  s.ring(1, 2);  // the engine leaves, and is not told
  (void)s.orders();
  s.core.on_engine_empty(s.report(0, 1));
  s.serve();
  CHECK(s.orders() == Orders{"run 2 @0"});
}

TEST_CASE("a queue that is raised while it waits for a slot has a holder of a lower level preempted", "[firmware]") {
  Scene s{1, 1, 0};
  s.add(1, 1, 1);
  s.add(2, 1, 1);
  s.ring(1, 1);
  s.ring(2, 1);
  (void)s.orders();
  s.set_priority(2, 0);
  CHECK(s.orders() == Orders{"preempt @0"});
  s.saved(0, 0);
  CHECK(s.orders() == Orders{"run 2 @0"});
}

TEST_CASE("a queue that is lowered while it runs goes at once for one that waits for its engine, or for its slot",
          "[firmware]") {
  const std::uint32_t slots = GENERATE(0U, 1U);
  CAPTURE(slots);
  Scene s{slots, 1, 0};
  s.add(1, 1, 1);
  s.add(2, 1, 1);
  s.ring(1, 1);
  s.ring(2, 1);
  (void)s.orders();
  s.set_priority(1, 2);
  CHECK(s.orders() == Orders{"preempt @0"});
  s.saved(0, 0);
  CHECK(s.orders() == Orders{"run 2 @0"});
}

TEST_CASE("a queue that is lowered while it runs goes on if no other wants its engine", "[firmware]") {
  Scene s{0, 1, 0};
  s.add(1, 0, 1);
  s.add(2, 2, 1);
  s.ring(1, 1);
  s.ring(2, 1);
  (void)s.orders();
  s.set_priority(1, 1);
  CHECK(s.orders().empty());
}

TEST_CASE("a queue that is raised while it leaves keeps what it has: another goes in its stead", "[firmware]") {
  const std::uint32_t slots = GENERATE(0U, 2U);
  CAPTURE(slots);
  Scene s{slots, 2, 0};
  for (const std::uint32_t queue : {1U, 2U}) s.add(queue, 2);
  s.add(3, 1);
  for (const std::uint32_t queue : {1U, 2U, 3U}) s.ring(queue, 1);
  CHECK(s.orders() == Orders{"run 1 @0", "run 2 @1", "preempt @0"});
  s.set_priority(1, 0);
  CHECK(s.orders() == Orders{"preempt @1"});
  s.saved(0, 0);
  CHECK(s.orders() == Orders{"run 1 @0"});
  s.saved(1, 0);
  CHECK(s.orders() == Orders{"run 3 @1"});
}

TEST_CASE("a holder that is lowered while it waits for an engine gives its slot to a queue of a higher level",
          "[firmware]") {
  Scene s{2, 1, 0};
  for (const std::uint32_t queue : {1U, 2U, 3U}) s.add(queue, 1, 1);
  for (const std::uint32_t queue : {1U, 2U, 3U}) s.ring(queue, 1);
  CHECK(s.queues[2].has_slot);
  s.set_priority(2, 2);
  CHECK_FALSE(s.queues[2].has_slot);
  CHECK(s.queues[3].has_slot);
}

TEST_CASE("a holder that is deregistered leaves its slot to the queue that waits for one", "[firmware]") {
  Scene s{2, 1, 0};
  for (const std::uint32_t queue : {1U, 2U, 3U}) s.add(queue, 1, 1);
  for (const std::uint32_t queue : {1U, 2U, 3U}) s.ring(queue, 1);
  s.send({abi::message_header(abi::Action::deregister_queue, 2, abi::MessageType::request, 1), 2});
  CHECK(s.queues[3].has_slot);
}

TEST_CASE("a queue that leaves in time stops the timer, one that does not loses its engine, and the host is told",
          "[firmware]") {
  Scene s{0, 1};
  s.add(1, 2, 1);
  s.add(2, 1, 1);
  s.ring(1, 3);
  (void)s.orders();
  s.ring(2, 1);
  CHECK(s.orders() == Orders{"preempt @0", "timer @0"});
  s.core.on_preempt_timeout(s.report(0, 0));
  s.serve();
  CHECK(s.orders() == Orders{"reset @0", "stop @0", "run 2 @0"});
  CHECK(s.replies() == Words{abi::message_header(abi::Action::reset_notify, 2, abi::MessageType::event), 1});
  CHECK(s.hal.interrupts == 1);
  // The lost queue neither runs nor can be enabled again.
  s.send({abi::message_header(abi::Action::enable_queue, 2), 1});
  s.ring(1, 4);
  s.core.on_engine_empty(s.report(0, 1));
  s.serve();
  CHECK(s.orders().empty());
  s.disable(1, 9);
  CHECK(s.replies() == disabled(9, 1, 0, abi::kHeadBegun | abi::kWasReset | abi::kHasWork));
}

TEST_CASE("a queue whose job has a page fault loses its engine at once, and the host is told", "[firmware]") {
  Scene s{0, 1};
  s.add(1, 2, 1);
  s.add(2, 2, 1);
  s.ring(1, 3);
  s.ring(2, 1);
  (void)s.orders();
  const EngineReport fault = s.report(0, 0, true);
  s.core.on_page_fault(fault);
  s.serve();
  CHECK(s.orders() == Orders{"reset @0", "run 2 @0"});
  const Words told{abi::message_header(abi::Action::page_fault, 2, abi::MessageType::event), 1};
  CHECK(s.replies() == told);
  // It comes too late, or again; and the queue cannot be enabled.
  s.core.on_page_fault(fault);
  s.send({abi::message_header(abi::Action::enable_queue, 2), 1});
  CHECK(s.orders().empty());
  CHECK(s.replies().empty());
  s.disable(1, 9);
  CHECK(s.replies() == disabled(9, 1, 0, abi::kHeadBegun | abi::kWasReset | abi::kHasWork));
  // One that was told to leave stops the timer; one that is being disabled gets its answer behind the message.
  s.core.on_engine_empty(s.report(0, 1));
  s.add(3, 1, 1);
  s.ring(3, 1);
  s.disable(3, 5);
  (void)s.orders();
  s.core.on_page_fault(s.report(0, 0, true));
  CHECK(s.orders() == Orders{"reset @0", "stop @0"});
  Words both{abi::message_header(abi::Action::page_fault, 2, abi::MessageType::event), 3};
  const Words answer = disabled(5, 3, 0, abi::kHeadBegun | abi::kWasReset | abi::kHasWork);
  both.insert(both.end(), answer.begin(), answer.end());
  CHECK(s.replies() == both);
}

TEST_CASE("an expiry that comes after the queue has left is ignored", "[firmware]") {
  Scene s{0, 1};
  s.add(1, 2, 1);
  s.add(2, 1, 1);
  s.ring(1, 1);
  s.ring(2, 1);
  const EngineReport late = s.report(0, 0);
  s.saved(0, 0);
  (void)s.orders();
  s.core.on_preempt_timeout(late);
  CHECK(s.orders().empty());
  CHECK(s.replies().empty());
}

TEST_CASE("without a preempt timeout nothing is timed", "[firmware]") {
  Scene s{0, 1, 0};
  s.add(1, 2, 1);
  s.add(2, 1, 1);
  s.ring(1, 1);
  (void)s.orders();
  s.ring(2, 1);
  CHECK(s.orders() == Orders{"preempt @0"});
}

TEST_CASE("a disable is answered when the queue is off: how far it got, and whether the next entry had begun",
          "[firmware]") {
  Scene s{0, 1};
  s.add(1, 1, 1);
  s.ring(1, 3);
  s.disable(1, 5);
  CHECK(s.replies().empty());
  s.saved(0, 2);
  CHECK(s.replies() == disabled(5, 1, 2, abi::kHeadBegun | abi::kHasWork));
  // Enabled again it goes on from there, with what was written meanwhile.
  s.hal.memory[Scene::context(1) + offsetof(abi::QueueContext, write_index)] = 4;
  (void)s.orders();
  s.send({abi::message_header(abi::Action::enable_queue, 2), 1});
  CHECK(s.orders() == Orders{"run 1 @0"});
  CHECK(s.hal.runs.at(0).read_index == 2);
  CHECK(s.hal.runs.at(0).write_index == 4);
}

TEST_CASE("a job that waits for its turn has not begun, and a lost doorbell is made good by enabling", "[firmware]") {
  Scene s{0, 1};
  s.add(1, 1, 1);
  s.add(2, 1, 1);
  s.ring(1, 1);
  s.ring(2, 1);
  s.disable(2, 6);
  CHECK(s.replies() == disabled(6, 2, 0, abi::kHasWork));
  s.add(3, 1, 1);
  s.hal.memory[Scene::context(3) + offsetof(abi::QueueContext, write_index)] = 1;  // no doorbell rang
  s.core.on_engine_empty(s.report(0, 1));
  s.serve();
  (void)s.orders();
  s.disable(3, 7);
  s.send({abi::message_header(abi::Action::enable_queue, 2), 3});
  CHECK(s.orders() == Orders{"run 3 @0"});
}

TEST_CASE("a queue whose registration got lost is unknown, and says so without harm", "[firmware]") {
  Scene s{0, 1};
  s.disable(4, 3);
  CHECK(s.replies() == disabled(3, 4, 0, abi::kUnknown));
  s.send({abi::message_header(abi::Action::enable_queue, 2), 4});
  s.send({abi::message_header(abi::Action::deregister_queue, 2, abi::MessageType::request, 4), 4});
  CHECK(s.replies() == Words{abi::message_header(abi::Action::deregister_queue, 2, abi::MessageType::reply, 4), 4});
  CHECK(s.orders().empty());
}

TEST_CASE("a queue that is registered again goes on behind the entries that are done", "[firmware]") {
  Scene s{0, 1};
  s.hal.memory[Scene::context(1) + offsetof(abi::QueueContext, write_index)] = 9;
  s.add(1, 1, 1, 7);
  CHECK(s.orders() == Orders{"run 1 @0"});
  CHECK(s.hal.runs.at(0).read_index == 7);
  CHECK(s.hal.runs.at(0).write_index == 9);
  CHECK(s.hal.runs.at(0).tag == 101);
}

TEST_CASE("the firmware flags a host that does not take its messages, and messages do not straddle the end",
          "[firmware]") {
  Scene s{0, 1};
  s.add(1, 1, 1);
  const std::uint64_t head = kChannel + offsetof(abi::ChannelDescriptor, to_host_head);
  const std::uint64_t status = kChannel + offsetof(abi::ChannelDescriptor, to_host_status);
  // One answer of 2 dwords, then answers of 4: the last before the end of the ring is filled up.
  s.send({abi::message_header(abi::Action::deregister_queue, 2, abi::MessageType::request, 1), 1});
  s.add(1, 1, 1);
  for (std::uint16_t i = 0; i < 1023; ++i) s.disable(1, i);
  CHECK(s.hal.memory[status] == 0);
  const std::uint32_t end = s.hal.memory[kChannel + offsetof(abi::ChannelDescriptor, to_host_tail)];
  CHECK(end == 2 + 1023 * 4);
  s.disable(1, 7);
  CHECK(s.hal.memory[status] == abi::kChannelOverflow);
  s.hal.memory[head] = end;
  s.disable(1, 8);
  CHECK(s.hal.memory[kChannel + abi::kToHostOffset + 4ULL * (abi::kToHostDwords - 1)] ==
        abi::message_header(abi::Action::padding, 1));
  CHECK(s.hal.memory[kChannel + abi::kToHostOffset] ==
        abi::message_header(abi::Action::disable_queue, 4, abi::MessageType::reply, 8));
}
