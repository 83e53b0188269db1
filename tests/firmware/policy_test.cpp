// SPDX-License-Identifier: MIT
// Policies of the run-list beside the default: who has a slot and who is picked, tick by tick and quantum by quantum.
// The test plays a host whose queues always have work, and engines that save a context at once.
#include <cstddef>
#include <map>
#include <set>
#include <vector>

#include "firmware/main/null_hal.h"
#include "tests/firmware/example/fifo.h"
#include "tests/support/catch.h"
#include "tests/support/firmware_messages.h"

using namespace gpusim;

namespace {

struct PolicyHal : fw::NullHal {
  std::uint32_t read32(std::uint64_t address) { return memory[address]; }
  void write32(std::uint64_t address, std::uint32_t value) { memory[address] = value; }
  void engine_run(std::uint32_t engine, const fw::RunRequest& request) {
    runs[engine] = request;
    picked.push_back(request.queue);
  }
  void engine_preempt(std::uint32_t engine) { leaving.insert(engine); }
  void engine_renew(std::uint32_t) { ++renewals; }
  void run_tick(bool runs_now) { ticks = runs_now; }
  std::uint32_t outer_quantum() const { return outer; }
  void note_slot(std::uint32_t queue, std::uint32_t, bool granted) {
    if (granted) {
      residents.insert(queue);
    } else {
      residents.erase(queue);
    }
  }

  test::WordMemory memory;
  std::map<std::uint32_t, fw::RunRequest> runs;  ///< by engine, the last
  std::set<std::uint32_t> leaving;               ///< engines
  std::set<std::uint32_t> residents;             ///< queues
  std::vector<std::uint32_t> picked;             ///< queues
  std::uint32_t outer = 10;                      ///< quanta
  int renewals = 0;
  bool ticks = false;
};

template <template <class> class P>
struct PolicyScene {
  static constexpr std::uint64_t kChannelAt = 0x100'0000;

  explicit PolicyScene(std::uint32_t slots, std::uint32_t engine_count = 1, std::uint32_t outer_quantum = 10)
      : hal{.outer = outer_quantum},
        device{make(slots, engine_count)},
        core{hal, device, queues, std::span{engines}.first(engine_count)} {
    core.set_channel(kChannelAt);
  }
  static abi::DeviceDescriptor make(std::uint32_t slots, std::uint32_t engine_count) {
    abi::DeviceDescriptor device;
    device.engine_count = engine_count;
    device.slots = slots;
    device.max_queues = 31;
    return device;
  }

  /// Registers a queue, and gives it work.
  void start(std::uint32_t queue, std::uint32_t priority = 1, std::uint32_t process = 0) {
    send({abi::message_header(abi::Action::register_queue, 11), queue, (1U << device.engine_count) - 1,
          priority | abi::process_bits(process), context(queue), 0, 0x8000, 0, 4, 0, 100 + queue});
    ring(queue, 1);
  }
  void send(const std::vector<std::uint32_t>& words) {
    test::write_message(hal.memory, kChannelAt, tail, words);
    REQUIRE(core.has_message());
    core.on_message();
    settle();
  }
  void ring(std::uint32_t queue, std::uint32_t write_index) {
    hal.memory[context(queue) + offsetof(abi::QueueContext, write_index)] = write_index;
    core.on_doorbell(queue);
    settle();
  }
  void tick() {
    core.on_tick();
    settle();
  }
  void quantum_over(std::uint32_t engine = 0) {
    core.on_quantum_over(report(engine, 0));
    settle();
  }
  /// The engine's queue has done all its work.
  void empty(std::uint32_t engine) {
    core.on_engine_empty(report(engine, hal.runs.at(engine).write_index));
    settle();
  }
  void settle() {
    for (;;) {
      const std::uint32_t engine = core.engine_to_serve();
      if (engine != fw::kNoEngine) {
        core.pick(engine);
      } else if (core.has_more()) {
        core.go_on();
      } else if (!hal.leaving.empty()) {
        const std::uint32_t left = *hal.leaving.begin();
        hal.leaving.erase(left);
        core.on_engine_saved(report(left, hal.runs.at(left).read_index));
      } else {
        return;
      }
    }
  }
  [[nodiscard]] fw::EngineReport report(std::uint32_t engine, std::uint32_t read_index) {
    return {engine, hal.runs.at(engine).queue, hal.runs.at(engine).run, read_index, false};
  }
  [[nodiscard]] std::uint32_t running(std::uint32_t engine = 0) { return engines[engine].queue; }
  static std::uint32_t context(std::uint32_t queue) { return 0x1000 * queue; }

  PolicyHal hal;
  abi::DeviceDescriptor device;
  std::array<fw::QueueRecord, 32> queues{};
  std::array<fw::EngineRecord, 4> engines{};
  fw::RunList<PolicyHal, P> core;
  std::uint32_t tail = 0;
};

using TickScene = PolicyScene<fw::TickRotation>;
using WalkScene = PolicyScene<fw::ListWalk>;
using FifoScene = PolicyScene<fw::Fifo>;
static_assert(fw::Policy<fw::Fifo, PolicyHal>);
using Queues = std::vector<std::uint32_t>;

/// Lengths, in ticks, of the whole stretches in which something was so and was not so.
struct Stretches {
  std::set<int> with, without;
  void note(bool holds) {
    if (length != 0 && holds != was) {
      if (!first) (was ? with : without).insert(length);
      first = false;
      length = 0;
    }
    was = holds;
    ++length;
  }
  bool was = false, first = true;
  int length = 0;
};

using Lengths = std::set<int>;

}  // namespace

TEST_CASE("tick rotation: of G busy queues on S slots each waits G - S ticks, stays S and is first every G") {
  struct Row {
    int queues, slots;
  };
  // docs/reference/firmware.md, the table of rotation: (9, 8), (16, 8), (24, 8), (4, 3).
  for (const Row row : {Row{9, 8}, Row{16, 8}, Row{24, 8}, Row{4, 3}}) {
    INFO(row.queues << " on " << row.slots);
    TickScene scene{static_cast<std::uint32_t>(row.slots)};
    const auto count = static_cast<std::uint32_t>(row.queues);
    for (std::uint32_t queue = 1; queue <= count; ++queue) scene.start(queue);
    std::vector<Stretches> resident(count + 1), top(count + 1);
    for (int tick = 0; tick < 5 * row.queues; ++tick) {
      scene.tick();
      for (std::uint32_t queue = 1; queue <= count; ++queue) {
        resident[queue].note(scene.hal.residents.contains(queue));
        top[queue].note(scene.running() == queue);
      }
    }
    for (std::uint32_t queue = 1; queue <= count; ++queue) {
      INFO("queue " << queue);
      CHECK(resident[queue].without == Lengths{row.queues - row.slots});
      CHECK(resident[queue].with == Lengths{row.slots});
      CHECK(top[queue].with == Lengths{1});
      CHECK(top[queue].without == Lengths{row.queues - 1});
    }
  }
}

TEST_CASE("tick rotation: if all have slots nobody loses one, and the first place goes round") {
  TickScene scene{8};
  for (std::uint32_t queue = 1; queue <= 6; ++queue) scene.start(queue);
  for (const std::uint32_t first : {2U, 3U, 4U, 5U, 6U, 1U, 2U}) {
    scene.tick();
    CHECK(scene.running() == first);
    CHECK(scene.hal.residents.size() == 6);
  }
}

TEST_CASE("tick rotation: twelve low ones share the four slots that four high ones leave, and are never first") {
  TickScene scene{8};
  for (std::uint32_t queue = 1; queue <= 4; ++queue) scene.start(queue, 1);
  for (std::uint32_t queue = 5; queue <= 16; ++queue) scene.start(queue, 3);
  Stretches low;
  for (int tick = 0; tick < 60; ++tick) {
    scene.tick();
    for (std::uint32_t queue = 1; queue <= 4; ++queue) CHECK(scene.hal.residents.contains(queue));
    CHECK(scene.running() <= 4);
    low.note(scene.hal.residents.contains(7));
  }
  CHECK(low.without == Lengths{8});
  CHECK(low.with == Lengths{4});
}

TEST_CASE("tick rotation: eight high ones leave no slot for a low one") {
  TickScene scene{8};
  for (std::uint32_t queue = 1; queue <= 4; ++queue) scene.start(queue, 3);
  for (std::uint32_t queue = 5; queue <= 12; ++queue) scene.start(queue, 1);
  CHECK(scene.hal.residents.contains(1));  // between ticks residents are fixed
  for (int tick = 0; tick < 30; ++tick) {
    scene.tick();
    for (std::uint32_t queue = 1; queue <= 4; ++queue) CHECK_FALSE(scene.hal.residents.contains(queue));
  }
}

TEST_CASE("tick rotation: a realtime queue takes the last other resident's slot at once, of its own level nobody's") {
  TickScene scene{2};
  scene.start(1, 1);
  scene.start(2, 2);
  scene.start(3, 1);
  CHECK(scene.hal.residents == std::set<std::uint32_t>{1, 2});
  scene.start(4, 0);
  CHECK(scene.hal.residents == std::set<std::uint32_t>{1, 4});
  CHECK(scene.running() == 4);
  scene.start(5, 0);
  CHECK(scene.hal.residents == std::set<std::uint32_t>{4, 5});
  scene.start(6, 0);
  CHECK(scene.hal.residents == std::set<std::uint32_t>{4, 5});
  CHECK(scene.running() == 4);
}

TEST_CASE("tick rotation: an idle resident's slot goes to who needs it, between ticks, too") {
  TickScene scene{2};
  for (std::uint32_t queue = 1; queue <= 3; ++queue) scene.start(queue);
  CHECK(scene.running() == 1);
  scene.empty(0);
  CHECK(scene.hal.residents == std::set<std::uint32_t>{2, 3});
  CHECK(scene.running() == 2);
}

TEST_CASE("tick rotation: the tick runs while there is something to rotate") {
  TickScene scene{4};
  scene.start(1);
  CHECK_FALSE(scene.hal.ticks);
  scene.start(2);
  CHECK(scene.hal.ticks);
  scene.empty(0);
  scene.tick();
  CHECK_FALSE(scene.hal.ticks);
}

TEST_CASE("tick rotation: of residents that leave their slots to a higher level each goes in a turn of its own") {
  TickScene scene{4};
  for (std::uint32_t queue = 1; queue <= 4; ++queue) scene.start(queue, 3);
  for (std::uint32_t queue = 5; queue <= 8; ++queue) scene.start(queue, 1);
  scene.core.on_tick();
  // The head, which is on the engine, has gone behind the others, and is the first to leave.
  std::vector<std::set<std::uint32_t>> residents;
  for (; scene.core.has_more(); scene.core.go_on()) residents.push_back(scene.hal.residents);
  CHECK(scene.hal.leaving == std::set<std::uint32_t>{0});
  CHECK(residents ==
        std::vector<std::set<std::uint32_t>>{{1, 2, 3, 4}, {1, 2, 3, 5}, {1, 2, 5, 6}, {1, 5, 6, 7}, {1, 5, 6, 7}});
  scene.settle();
  CHECK(scene.hal.residents == std::set<std::uint32_t>{5, 6, 7, 8});
}

TEST_CASE("tick rotation: a tick that finds one still on its engine that is to leave takes the next") {
  TickScene scene{2, 2};
  for (std::uint32_t queue = 1; queue <= 4; ++queue) scene.start(queue);
  scene.core.on_tick();
  CHECK(scene.hal.leaving == std::set<std::uint32_t>{0});
  scene.core.on_tick();
  CHECK(scene.hal.leaving == std::set<std::uint32_t>{0, 1});
  scene.settle();
  CHECK(scene.hal.residents == std::set<std::uint32_t>{3, 4});
}

TEST_CASE("tick rotation: the end of a quantum means nothing") {
  TickScene scene{2};
  scene.start(1);
  scene.start(2);
  scene.quantum_over();
  CHECK(scene.hal.picked == Queues{1});
}

TEST_CASE("list walk: a process has ten inner quanta, its queues in turn, and then the next process") {
  WalkScene scene{0};
  for (std::uint32_t queue = 1; queue <= 3; ++queue) scene.start(queue, 1, 1);
  scene.start(4, 1, 2);
  for (int quantum = 0; quantum < 10; ++quantum) scene.quantum_over();
  CHECK(scene.hal.picked == Queues{1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 4});
  // Alone in its process it goes on until the outer quantum is over.
  for (int quantum = 0; quantum < 9; ++quantum) scene.quantum_over();
  CHECK(scene.hal.renewals == 9);
  CHECK(scene.running() == 4);
  scene.quantum_over();
  CHECK(scene.running() == 2);
}

TEST_CASE("list walk: the device says how many quanta an outer one has") {
  for (const std::uint32_t outer : {1U, 3U}) {
    CAPTURE(outer);
    WalkScene scene{0, 1, outer};
    for (std::uint32_t queue = 1; queue <= 2; ++queue) scene.start(queue, 1, 1);
    scene.start(3, 1, 2);
    for (std::uint32_t quantum = 0; quantum < outer; ++quantum) scene.quantum_over();
    CHECK(scene.hal.picked == (outer == 1 ? Queues{1, 3} : Queues{1, 2, 1, 3}));
  }
}

TEST_CASE("list walk: a process without work loses the rest of its outer quantum") {
  WalkScene scene{0};
  scene.start(1, 1, 1);
  scene.start(2, 1, 2);
  scene.empty(0);
  CHECK(scene.running() == 2);
  scene.ring(1, 2);
  for (int quantum = 0; quantum < 9; ++quantum) scene.quantum_over();
  CHECK(scene.running() == 2);
  scene.quantum_over();
  CHECK(scene.running() == 1);
}

TEST_CASE("list walk: the order is that of the list, not of the doorbells") {
  WalkScene scene{0};
  for (std::uint32_t queue = 1; queue <= 4; ++queue) scene.start(queue, 1, 1);
  scene.quantum_over();  // 2
  scene.empty(0);        // 3
  scene.quantum_over();  // 4
  scene.ring(2, 2);      // after 1, where it stands
  for (int quantum = 0; quantum < 2; ++quantum) scene.quantum_over();
  CHECK(scene.hal.picked == Queues{1, 2, 3, 4, 1, 2});
}

TEST_CASE("list walk: who arrives preempts only one whose quanta are over, whatever the level") {
  WalkScene scene{0};
  scene.start(1, 3, 1);
  for (int quantum = 0; quantum < 9; ++quantum) scene.quantum_over();
  scene.start(2, 0, 2);
  CHECK(scene.running() == 1);
  scene.empty(0);
  CHECK(scene.running() == 2);
  for (int quantum = 0; quantum < 10; ++quantum) scene.quantum_over();
  CHECK(scene.running() == 2);
  scene.ring(1, 2);
  CHECK(scene.running() == 1);
}

TEST_CASE("list walk: two engines take two queues, and one that came last waits until the walk has been round") {
  WalkScene scene{0, 2};
  for (std::uint32_t queue = 1; queue <= 3; ++queue) scene.start(queue, 1, 1);
  CHECK(scene.running(0) == 1);
  CHECK(scene.running(1) == 2);
  // The last one picked is 2; behind it stand 1, which has just been given up, and 3, which came last.
  scene.quantum_over(0);
  CHECK(scene.running(0) == 1);
  scene.quantum_over(0);
  CHECK(scene.running(0) == 3);
  CHECK(scene.running(1) == 2);
}

TEST_CASE("the policy of docs/policy.md: who came first goes first, whatever the level") {
  FifoScene scene{0};
  scene.start(1, 3);
  scene.start(2, 2);
  scene.start(3, 0);
  CHECK(scene.running() == 1);  // nobody preempts by arriving
  scene.empty(0);
  scene.ring(1, 2);
  scene.empty(0);
  scene.empty(0);
  CHECK(scene.hal.picked == Queues{1, 2, 3, 1});
}

TEST_CASE("the policy of docs/policy.md: at the end of its quantum a queue goes behind all others, if there are any") {
  FifoScene scene{0};
  scene.start(1);
  scene.quantum_over();
  CHECK(scene.hal.renewals == 1);
  CHECK(scene.running() == 1);
  scene.start(2);
  scene.start(3);
  for (int quantum = 0; quantum < 4; ++quantum) scene.quantum_over();
  CHECK(scene.hal.picked == Queues{1, 2, 3, 1, 2});
  CHECK(scene.hal.renewals == 1);
}

TEST_CASE("the policy of docs/policy.md: of queues with several engines the one that waits longest gets the first") {
  FifoScene scene{0, 2};
  for (std::uint32_t queue = 1; queue <= 4; ++queue) scene.start(queue);
  CHECK(scene.running(0) == 1);
  CHECK(scene.running(1) == 2);
  scene.empty(1);
  CHECK(scene.running(1) == 3);
  scene.send({abi::message_header(abi::Action::disable_queue, 2, abi::MessageType::request, 1), 4});
  scene.empty(0);
  CHECK(scene.engines[0].state == fw::EngineState::idle);  // who is disabled stands in no line
}
