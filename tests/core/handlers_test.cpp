// SPDX-License-Identifier: MIT
// How many instructions a turn of the firmware's loop takes on the core, with 4,096 queues and 16 engines: picking,
// slots and messages must not grow with the number of queues, whichever engines these may run on.
#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/prng.h"
#include "tests/core/loaded_program.h"
#include "tests/core/programs/handlers.h"
#include "tests/support/catch.h"

using namespace gpusim;
using namespace gpusim::test;
using abi::Action;
using fw::Step;

namespace {

constexpr std::uint32_t kRing = 16;
constexpr std::uint64_t kMostInstructions = 1'000;
/// A changed level can cost round_robin a look at every line of the queue's sets, a slot and two engines.
constexpr std::uint64_t kMostForLevel = 1'250;
/// A registration, and the same turn finds the queue's work.
constexpr std::uint64_t kMostWithWork = 1'750;

/// A host and engines that are always busy. What it says may be out of date, never nonsense.
class BusyDevice {
 public:
  /// `active`: all messages and doorbells are about the first so many queues.
  BusyDevice(const std::string& program, std::uint32_t slots, std::vector<std::uint32_t> sets,
             std::uint32_t active = kHandlersQueues)
      : program_{program}, sets_{std::move(sets)}, random_{slots, "busy"}, active_{active} {
    program_.call("start", {slots});
    for (std::uint32_t queue = 1; queue <= kHandlersQueues; ++queue) add(queue, 0);
    for (std::uint32_t queue = 1; queue <= kHandlersQueues; ++queue) ring(queue);
  }

  void step() {
    const std::uint32_t queue = 1 + below(active_);
    switch (below(12)) {
      case 0:
      case 1:
      case 2:
        return ring(queue);
      case 3:
        return send({abi::message_header(Action::set_priority, 3), queue, below(abi::kPriorityLevels)});
      case 4:
        return request(below(2) == 0 ? Action::disable_queue : Action::terminate_queue, queue);
      case 5:
        return send({abi::message_header(Action::enable_queue, 2), queue});
      case 6:
        forget(queue);
        return add(queue, written_[queue]);
      case 7:
      case 8:
        return report(Step::quantum, below(abi::kMaxEngines));
      case 9:
        return report(Step::engine_empty, below(abi::kMaxEngines));
      case 10:
        return report(Step::engine_saved, below(abi::kMaxEngines));
      default:
        return report(Step::preempt_timeout, below(abi::kMaxEngines));
    }
  }

  /// What step() leaves out: limits that change, and queues that are registered with work.
  void step_aside() {
    const std::uint32_t queue = 1 + below(active_);
    if (below(2) == 0) return send({abi::message_header(Action::set_limits, 6), queue, below(1'000), 0, 7, 0});
    forget(queue);
    const std::uint32_t done = written_[queue]++;
    has_work_ = true;
    add(queue, done);
    has_work_ = false;
  }

  void fault_everywhere() {
    for (std::uint32_t e = 0; e < abi::kMaxEngines; ++e) report(Step::page_fault, e);
  }

  void tick() {
    input_.event = {Step::tick, fw::kNil, {}};
    serve();
  }

  [[nodiscard]] std::uint64_t most() const { return most_; }
  /// The most of a turn that serves a set_priority, or registers a queue with work; most() is of all others.
  [[nodiscard]] std::uint64_t most_for_level() const { return most_for_level_; }
  [[nodiscard]] std::uint64_t most_with_work() const { return most_with_work_; }
  [[nodiscard]] const std::string& most_in() const { return most_in_; }
  [[nodiscard]] const std::map<Step, std::uint64_t>& turns() const { return turns_; }

 private:
  std::uint32_t below(std::uint32_t count) { return static_cast<std::uint32_t>(random_.uniform(0, count - 1)); }

  /// Entries below `done` are.
  void add(std::uint32_t queue, std::uint32_t done) {
    send({abi::message_header(Action::register_queue, 11), queue,
          sets_[below(static_cast<std::uint32_t>(sets_.size()))], below(abi::kPriorityLevels),
          kHandlersContexts + 64 * queue, 0, 0x8000, 0, kRing, done, queue});
  }
  void forget(std::uint32_t queue) {
    request(Action::disable_queue, queue);
    for (std::uint32_t e = 0; e < abi::kMaxEngines; ++e) report(Step::engine_saved, e);
    request(Action::deregister_queue, queue);
  }
  void ring(std::uint32_t queue) {
    input_.write_index = ++written_[queue];
    input_.event = {Step::doorbell, queue, {}};
    serve();
  }
  void request(Action action, std::uint32_t queue) {
    send({abi::message_header(action, 2, abi::MessageType::request, 1), queue});
  }
  void send(const std::vector<std::uint32_t>& words) {
    if (words[0] != 0 && head_ % abi::kToFirmwareDwords + words.size() > abi::kToFirmwareDwords) {
      const std::uint32_t to_end = abi::kToFirmwareDwords - head_ % abi::kToFirmwareDwords;
      send(std::vector<std::uint32_t>(to_end));  // padding
    }
    if (words.size() > 1 && words[0] != 0) input_.write_index = written_[words[1]];
    std::copy(words.begin(), words.end(), input_.words);
    input_.first = head_;
    input_.tail = head_ += static_cast<std::uint32_t>(words.size());
    input_.event = {Step::message, fw::kNil, {}};
    serve();
  }
  void report(Step step, std::uint32_t engine) {
    const auto orders = program_.read<std::array<fw::RunRequest, abi::kMaxEngines>>("orders");
    const fw::RunRequest& order = orders[engine];
    input_.event = {step, order.queue, {engine, order.queue, order.run, order.write_index, false}};
    if (step == Step::engine_saved) input_.event.report.read_index = order.read_index;
    serve();
  }
  void serve() {
    input_.has_event = true;
    program_.write("input", input_);
    for (bool is_busy = true; is_busy;) {
      const std::uint64_t before = program_.core().counts().instructions;
      is_busy = program_.call("turn") != 0;
      const std::uint64_t instructions = program_.core().counts().instructions - before;
      const auto output = program_.read<TurnOutput>("output");
      if (is_busy) ++turns_[output.step];
      if (output.step == Step::message && is_busy && abi::message_action(input_.words[0]) == Action::set_priority) {
        most_for_level_ = std::max(most_for_level_, instructions);
      } else if (output.step == Step::message && is_busy && has_work_) {
        most_with_work_ = std::max(most_with_work_, instructions);
      } else if (instructions > most_) {
        most_ = instructions;
        most_in_ = "step " + std::to_string(static_cast<int>(output.step)) + ", message " +
                   std::to_string(input_.words[0] & 0xff);
      }
    }
  }

  LoadedProgram program_;
  std::vector<std::uint32_t> sets_;
  Prng random_;
  std::uint32_t active_;
  std::array<std::uint32_t, kHandlersQueues + 1> written_{};
  TurnInput input_{};
  std::uint32_t head_ = 0;
  std::uint64_t most_ = 0;
  std::uint64_t most_for_level_ = 0;
  std::uint64_t most_with_work_ = 0;
  bool has_work_ = false;  // the queue that is being registered
  std::string most_in_;
  std::map<Step, std::uint64_t> turns_;
};

/// The engines that queues may run on, by kind of device.
std::vector<std::uint32_t> sets_of(const std::string& kind) {
  if (kind == "all engines") return {0xffff};
  if (kind == "one of them") return {1};
  std::vector<std::uint32_t> sets;
  if (kind == "an engine each") {
    for (std::uint32_t e = 0; e < abi::kMaxEngines; ++e) sets.push_back(1U << e);
    return sets;
  }
  // As many different ones as the firmware has room for, all with engine 0.
  for (std::uint32_t n = 0; n < fw::EngineSets::kMaxSets; ++n) sets.push_back(n << 1 | 1);
  return sets;
}

}  // namespace

TEST_CASE("no turn of the firmware's loop takes more than 1,000 instructions with 4,096 queues and 16 engines",
          "[core]") {
  if (!LoadedProgram::is_there("handlers")) {
    WARN("no handlers.elf: riscv64-unknown-elf-g++ is not installed");
    return;
  }
  for (const char* kind : {"all engines", "one of them", "an engine each", "as many sets as there can be"}) {
    for (const std::uint32_t slots : {0U, 1U, 8U, 64U}) {
      BusyDevice device{"handlers", slots, sets_of(kind)};
      for (int i = 0; i < 5'000; ++i) device.step();
      device.fault_everywhere();
      CAPTURE(kind, slots, device.most_in());
      CHECK(device.most() <= kMostInstructions);
      CHECK(device.most_for_level() <= kMostForLevel);
      CHECK(device.most() > 100);
      for (const Step step : {Step::doorbell, Step::message, Step::engine_empty, Step::engine_saved, Step::quantum,
                              Step::pick, Step::preempt_timeout}) {
        CHECK(device.turns().at(step) > 50);
      }
      CHECK(device.turns().at(Step::page_fault) == abi::kMaxEngines);
    }
  }
}

TEST_CASE("nor with the other policies, of which one splits what a tick changes over turns", "[core]") {
  struct Row {
    const char* program;
    std::uint32_t slots;
    std::uint32_t active = kHandlersQueues;
  };
  for (const Row row : {Row{"handlers_tick", 1}, Row{"handlers_tick", 8}, Row{"handlers_tick", 64},
                        Row{"handlers_walk", 0}, Row{"handlers_example", 0}, Row{"handlers_host", 1, 2},
                        Row{"handlers_host", 8, 10}, Row{"handlers_host", 64, 80}}) {
    if (!LoadedProgram::is_there(row.program)) {
      WARN("no " << row.program << ".elf: riscv64-unknown-elf-g++ is not installed");
      return;
    }
    for (const char* kind : {"all engines", "one of them", "an engine each", "as many sets as there can be"}) {
      CAPTURE(row.program, kind, row.slots);
      BusyDevice device{row.program, row.slots, sets_of(kind), row.active};
      for (int i = 0; i < 2'000; ++i) {
        device.step();
        if (i % 20 == 0) device.tick();
      }
      CAPTURE(device.most_in());
      CHECK(device.most() <= kMostInstructions);
      CHECK(device.most_for_level() <= kMostInstructions);
      CHECK(device.turns().at(Step::pick) > 50);
      CHECK(device.turns().at(Step::tick) >= 100);
    }
  }
}

TEST_CASE("nor does a change of limits, and a registration only if the queue has work already", "[core]") {
  struct Row {
    const char* program;
    std::uint32_t slots;
  };
  for (const Row row : {Row{"handlers", 0}, Row{"handlers", 8}, Row{"handlers", 64}, Row{"handlers_tick", 8},
                        Row{"handlers_tick", 64}, Row{"handlers_walk", 0}}) {
    if (!LoadedProgram::is_there(row.program)) {
      WARN("no " << row.program << ".elf: riscv64-unknown-elf-g++ is not installed");
      return;
    }
    for (const char* kind : {"all engines", "one of them", "an engine each", "as many sets as there can be"}) {
      BusyDevice device{row.program, row.slots, sets_of(kind)};
      for (int i = 0; i < 4'000; ++i) i % 2 == 0 ? device.step() : device.step_aside();
      CAPTURE(row.program, kind, row.slots, device.most_in());
      CHECK(device.most() <= kMostInstructions);
      CHECK(device.most_with_work() <= kMostWithWork);
      CHECK(device.most_with_work() > kMostInstructions / 2);
    }
  }
}
