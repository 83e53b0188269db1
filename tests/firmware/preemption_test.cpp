// SPDX-License-Identifier: MIT
// Whom the run-list preempts for whom, when the engines that queues may run on overlap: nobody waits behind a queue of
// a lower level without an engine, or a slot, that is coming.
#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/prng.h"
#include "firmware/main/null_hal.h"
#include "tests/support/catch.h"
#include "tests/support/firmware_messages.h"

using namespace gpusim;
using abi::Action;
using abi::MessageType;
using fw::EngineState;
using fw::QueueState;

namespace {

constexpr std::uint32_t kQueues = 16;  // ids 1 to 15
constexpr std::uint32_t kEngines = 4;  // of one class
constexpr std::uint64_t kPreemptionChannel = 0x10'0000;

struct OrderHal : fw::NullHal {
  std::uint32_t read32(std::uint64_t address) { return memory[address]; }
  void write32(std::uint64_t address, std::uint32_t value) { memory[address] = value; }
  void engine_run(std::uint32_t engine, const fw::RunRequest& request) {
    orders.push_back("run " + std::to_string(request.queue) + " @" + std::to_string(engine));
    runs.at(engine) = request;
  }
  void engine_extend(std::uint32_t engine, std::uint32_t write_index) { runs.at(engine).write_index = write_index; }
  void engine_preempt(std::uint32_t engine) { orders.push_back("preempt @" + std::to_string(engine)); }

  test::WordMemory memory;
  std::array<fw::RunRequest, kEngines> runs{};
  std::vector<std::string> orders;
};

class PreemptionScene {
 public:
  explicit PreemptionScene(std::uint32_t slots = 0) : core_{hal_, device(slots), queues, engines} {
    core_.set_channel(kPreemptionChannel);
  }

  void add(std::uint32_t queue, std::uint32_t level, std::uint32_t mask) {
    masks[queue] = mask;
    send({abi::message_header(Action::register_queue, 11), queue, mask, level, context(queue), 0, 0x8000, 0, 8,
          hal_.memory[write_index(queue)], queue});
  }
  /// Another entry.
  void ring(std::uint32_t queue) {
    ++hal_.memory[write_index(queue)];
    core_.on_doorbell(queue);
    settle();
  }
  void set_priority(std::uint32_t queue, std::uint32_t level) {
    send({abi::message_header(Action::set_priority, 3), queue, level});
  }
  void request(Action action, std::uint32_t queue) {
    const auto type = abi::answer_dwords(action) != 0 ? MessageType::request : MessageType::fast_request;
    send({abi::message_header(action, 2, type), queue});
  }
  void saved(std::uint32_t engine, std::uint32_t entries = 0) {
    core_.on_engine_saved(report(engine, hal_.runs.at(engine).read_index + entries));
    settle();
  }
  void empty(std::uint32_t engine) {
    spent &= ~(1U << engine);  // if it has been sent more meanwhile, it goes on with a new quantum
    core_.on_engine_empty(report(engine, hal_.runs.at(engine).write_index));
    settle();
  }
  /// The engine's report of being empty, before it was sent more.
  void was_empty(std::uint32_t engine) {
    spent &= ~(1U << engine);
    core_.on_engine_empty(report(engine, hal_.runs.at(engine).write_index - 1));
    settle();
  }
  void quantum_over(std::uint32_t engine) {
    core_.on_quantum_over(report(engine, hal_.runs.at(engine).read_index));
    if (engines[engine].state == EngineState::running) spent |= 1U << engine;
    settle();
  }
  void preempt_timeout(std::uint32_t engine) {
    core_.on_preempt_timeout(report(engine, 0));
    settle();
  }
  [[nodiscard]] std::vector<std::string> orders() { return std::exchange(hal_.orders, {}); }

  /// A queue that waits for an engine though one of its engines runs a lower one, and none is coming; 0: there is none.
  [[nodiscard]] std::uint32_t starved_of_engine() const {
    for (std::uint32_t queue = 1; queue < kQueues; ++queue) {
      if (queues[queue].state != QueueState::runnable) continue;
      bool is_lower = false;
      bool is_coming = false;
      for (std::uint32_t e = 0; e < kEngines; ++e) {
        if ((masks[queue] >> e & 1) == 0) continue;
        is_lower = is_lower || gives_way(e, queues[queue].priority);
        is_coming = is_coming || comes_for(e, queues[queue].priority);
      }
      if (is_lower && !is_coming) return queue;
    }
    return 0;
  }
  /// The same for slots.
  [[nodiscard]] std::uint32_t starved_of_slot() const {
    for (std::uint32_t queue = 1; queue < kQueues; ++queue) {
      if (queues[queue].state != QueueState::waiting) continue;
      bool is_coming = false;
      bool is_lower = std::ranges::any_of(queues, [&](const fw::QueueRecord& holder) {
        const bool is_runnable = holder.state == QueueState::runnable && holder.priority > queues[queue].priority;
        return holder.has_slot && (holder.state == QueueState::idle || is_runnable);
      });
      for (std::uint32_t e = 0; e < kEngines; ++e) {
        is_lower = is_lower || gives_way(e, queues[queue].priority);
        is_coming = is_coming || comes_for(e, queues[queue].priority);
      }
      if (is_lower && !is_coming) return queue;
    }
    return 0;
  }

  std::array<fw::QueueRecord, kQueues> queues{};
  std::array<fw::EngineRecord, kEngines> engines{};
  std::array<std::uint32_t, kQueues> masks{};
  std::uint32_t spent = 0;  ///< engines whose queue has used its quantum up

 private:
  static abi::DeviceDescriptor device(std::uint32_t slots) {
    abi::DeviceDescriptor device;
    device.engine_count = kEngines;
    for (std::uint8_t i = 0; i < kEngines; ++i) device.engines[i] = {abi::EngineClass::compute, i};
    device.slots = slots;
    device.max_queues = kQueues - 1;
    device.preempt_timeout_ps = 1;
    return device;
  }
  static std::uint32_t context(std::uint32_t queue) { return 0x1000 * queue; }
  static std::uint64_t write_index(std::uint32_t queue) {
    return context(queue) + offsetof(abi::QueueContext, write_index);
  }

  /// It runs a queue that one of that level preempts.
  [[nodiscard]] bool gives_way(std::uint32_t engine, std::uint32_t level) const {
    if (engines[engine].state != EngineState::running) return false;
    const std::uint32_t running = queues[engines[engine].queue].priority;
    return running > level || (running == level && (spent >> engine & 1) != 0);
  }
  /// Its queue is leaving, and will not be back before one of that level.
  [[nodiscard]] bool comes_for(std::uint32_t engine, std::uint32_t level) const {
    if (engines[engine].state != EngineState::preempting) return false;
    const fw::QueueRecord& leaving = queues[engines[engine].queue];
    return leaving.state == QueueState::disabling || leaving.priority >= level;
  }

  void send(const std::vector<std::uint32_t>& words) {
    test::write_message(hal_.memory, kPreemptionChannel, tail_, words);
    while (core_.has_message()) core_.on_message();
    // The host takes in what it is sent.
    hal_.memory[kPreemptionChannel + offsetof(abi::ChannelDescriptor, to_host_head)] =
        hal_.memory[kPreemptionChannel + offsetof(abi::ChannelDescriptor, to_host_tail)];
    settle();
  }
  void settle() {
    for (std::uint32_t e = core_.engine_to_serve(); e != fw::kNoEngine; e = core_.engine_to_serve()) {
      core_.pick(e);
      spent &= ~(1U << e);
    }
  }
  [[nodiscard]] fw::EngineReport report(std::uint32_t engine, std::uint32_t read_index) const {
    const fw::RunRequest& run = hal_.runs.at(engine);
    return {engine, run.queue, run.run, read_index, true};
  }

  OrderHal hal_;
  fw::RunList<OrderHal> core_;
  std::uint32_t tail_ = 0;
};

/// What a driver and engines could do, at random.
class RandomEvents {
 public:
  RandomEvents(std::uint64_t seed, PreemptionScene& scene) : random_{seed, "events"}, scene_{scene} {}

  void next() {
    const std::uint32_t engine = below(kEngines);
    if (below(2) == 0 && scene_.engines[engine].state != EngineState::idle) return of_engine(engine);
    of_queue(1 + below(kQueues - 1));
  }

 private:
  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_.uniform(0, limit - 1)); }

  void of_engine(std::uint32_t engine) {
    const fw::EngineRecord& record = scene_.engines[engine];
    if (record.state == EngineState::preempting) {
      return below(10) == 0 ? scene_.preempt_timeout(engine) : scene_.saved(engine);
    }
    switch (below(4)) {
      case 0:
        return scene_.quantum_over(engine);
      case 1:
        return scene_.was_empty(engine);
      default:
        return scene_.empty(engine);
    }
  }
  void of_queue(std::uint32_t queue) {
    const fw::QueueRecord& record = scene_.queues[queue];
    if (record.state == QueueState::unregistered) {
      return scene_.add(queue, below(abi::kPriorityLevels), 1 + below((1 << kEngines) - 1));
    }
    if (record.state == QueueState::disabled) {
      return scene_.request(below(2) == 0 ? Action::enable_queue : Action::deregister_queue, queue);
    }
    switch (below(12)) {
      case 0:
        return scene_.request(Action::disable_queue, queue);
      case 1:
        return scene_.request(Action::terminate_queue, queue);
      case 2:
      case 3:
        return scene_.set_priority(queue, below(abi::kPriorityLevels));
      default:
        if (record.write_index - record.read_index < 8) scene_.ring(queue);
    }
  }

  Prng random_;
  PreemptionScene& scene_;
};

using Orders = std::vector<std::string>;

}  // namespace

TEST_CASE("a queue that was pushed off by a higher one takes the engine of a lower one", "[firmware]") {
  PreemptionScene s;
  s.add(1, 2, 2);  // low
  s.add(2, 1, 3);  // mid, where it likes
  s.add(3, 0, 1);  // high
  s.ring(2);
  s.ring(1);
  CHECK(s.orders() == Orders{"run 2 @0", "run 1 @1"});
  s.ring(3);
  CHECK(s.orders() == Orders{"preempt @0"});
  s.saved(0);
  CHECK(s.orders() == Orders{"run 3 @0", "preempt @1"});
  s.saved(1);
  CHECK(s.orders() == Orders{"run 2 @1"});
}

TEST_CASE("a waiting queue that is raised has one engine left for it, not two", "[firmware]") {
  PreemptionScene s;
  for (const std::uint32_t queue : {1U, 2U}) s.add(queue, 2, 3);
  s.add(3, 1, 3);
  for (const std::uint32_t queue : {1U, 2U, 3U}) s.ring(queue);
  CHECK(s.orders() == Orders{"run 1 @0", "run 2 @1", "preempt @0"});
  s.set_priority(3, 0);
  CHECK(s.orders().empty());
}

TEST_CASE("a queue that is being disabled brings its slot, whatever its level", "[firmware]") {
  PreemptionScene s{2};
  s.add(1, 0, 1);
  s.add(2, 2, 2);
  s.add(3, 1, 2);
  for (const std::uint32_t queue : {1U, 2U}) s.ring(queue);
  s.request(Action::disable_queue, 1);
  CHECK(s.orders() == Orders{"run 1 @0", "run 2 @1", "preempt @0"});
  s.ring(3);
  CHECK(s.orders().empty());
  s.saved(0);
  CHECK(s.orders() == Orders{"preempt @1"});  // it has its slot, and wants its engine
}

TEST_CASE("a slot that a higher queue takes from one for which it was coming is asked of another", "[firmware]") {
  PreemptionScene s{2};
  for (const std::uint32_t queue : {1U, 2U}) s.add(queue, 2, 3);
  s.add(3, 1, 3);
  s.add(4, 0, 3);
  for (const std::uint32_t queue : {1U, 2U, 3U}) s.ring(queue);
  CHECK(s.orders() == Orders{"run 1 @0", "run 2 @1", "preempt @0"});
  s.ring(4);
  CHECK(s.orders() == Orders{"preempt @1"});
}

TEST_CASE("a queue that went empty and was sent more has a new quantum: the next of its level waits for its end",
          "[firmware]") {
  PreemptionScene s;
  for (const std::uint32_t queue : {1U, 2U}) s.add(queue, 1, 1);
  s.ring(1);
  s.quantum_over(0);
  s.ring(1);
  s.was_empty(0);
  (void)s.orders();
  s.ring(2);
  CHECK(s.orders().empty());
  s.quantum_over(0);
  CHECK(s.orders() == Orders{"preempt @0"});
}

TEST_CASE("nobody waits behind a queue of a lower level without an engine or a slot that is coming, whatever happens",
          "[firmware]") {
  for (const std::uint32_t slots : {0U, 1U, 2U, 3U, 5U, 9U}) {
    PreemptionScene scene{slots};
    RandomEvents random{slots, scene};
    for (int i = 0; i < 200'000; ++i) {
      random.next();
      if (const std::uint32_t queue = scene.starved_of_engine(); queue != 0) {
        FAIL("slots " << slots << ", event " << i << ": queue " << queue << " waits for an engine");
      }
      if (const std::uint32_t queue = scene.starved_of_slot(); queue != 0) {
        FAIL("slots " << slots << ", event " << i << ": queue " << queue << " waits for a slot");
      }
    }
  }
}
