// SPDX-License-Identifier: MIT
// By which rule a queue was picked, as the firmware's records bear it out: records made by hand, each rule of each
// policy, and choices that no rule explains.
#include <array>
#include <cstdint>
#include <initializer_list>

#include "sim/hw/pick_watch.h"
#include "tests/support/catch.h"

using namespace gpusim;
using trace::PickRule;

namespace {

struct WaitingQueue {
  std::uint32_t queue;
  std::uint8_t level;
  std::uint32_t ticket;
  std::uint32_t engines = 1;
};

/// Queue n has the tag 100 + n.
struct Scene {
  Scene(abi::RunPolicy policy, std::initializer_list<WaitingQueue> waiting) : watch{policy} {
    for (const WaitingQueue& one : waiting) {
      fw::QueueRecord& record = queues.at(one.queue);
      record.state = fw::QueueState::runnable;
      record.priority = one.level;
      record.ticket = one.ticket;
      record.tag = 100 + one.queue;
      watch.enter(one.queue, one.engines);
    }
  }
  /// The firmware gives the engine that queue.
  trace::decision pick(std::uint32_t queue, std::uint32_t engine = 0) {
    queues.at(queue).state = fw::QueueState::running;
    return watch.decide(queues, engine, queue);
  }
  /// It is off its engine again, with work left.
  void give_way(std::uint32_t queue) { queues.at(queue).state = fw::QueueState::runnable; }

  std::array<fw::QueueRecord, 8> queues{};
  hw::PickWatch watch;
};

using Levels = std::array<std::uint32_t, 4>;

[[nodiscard]] Levels levels(const trace::decision& made) {
  return {made.level_0, made.level_1, made.level_2, made.level_3};
}

constexpr auto kRoundRobin = abi::RunPolicy::round_robin;
constexpr auto kRotation = abi::RunPolicy::tick_rotation;
constexpr auto kWalk = abi::RunPolicy::list_walk;

}  // namespace

TEST_CASE("a decision names queue, engine and how many could have been picked at each level", "[decisions]") {
  Scene scene{kRoundRobin, {{1, 1, 5}, {2, 1, 6}, {3, 3, 2}, {4, 2, 1}}};
  const trace::decision made = scene.pick(1);
  CHECK(made.queue == QueueId{101});
  CHECK(made.engine == 0);
  CHECK(levels(made) == Levels{0, 2, 1, 1});
}

TEST_CASE("who may not run on the engine, has no work or has left is no candidate", "[decisions]") {
  Scene scene{kRoundRobin, {{1, 1, 5}, {2, 1, 1, 2}, {3, 1, 2}, {4, 1, 3}, {5, 1, 4, 3}}};
  scene.queues[3].state = fw::QueueState::idle;
  scene.watch.leave(4);
  scene.watch.leave(6);  // nobody knows it
  CHECK(levels(scene.pick(5)) == Levels{0, 2, 0, 0});
  CHECK(scene.pick(1).rule == PickRule::only_candidate);
  CHECK(levels(scene.pick(2, 1)) == Levels{0, 1, 0, 0});
  scene.watch.reset();
  scene.give_way(5);
  CHECK(levels(scene.pick(1)) == Levels{0, 1, 0, 0});
}

TEST_CASE("round robin: alone at the highest level, or of it the one that has waited for longest", "[decisions]") {
  Scene scene{kRoundRobin, {{1, 1, 7}, {2, 1, 6}, {3, 0, 9}, {4, 2, 1}}};
  CHECK(scene.pick(3).rule == PickRule::highest_level);
  CHECK(scene.pick(2).rule == PickRule::first_in_line);
  CHECK(scene.pick(1).rule == PickRule::highest_level);
  CHECK(scene.pick(4).rule == PickRule::only_candidate);
}

TEST_CASE("round robin: tickets are compared modulo 2^32", "[decisions]") {
  Scene scene{kRoundRobin, {{1, 1, 0xffff'fffe}, {2, 1, 3}}};
  CHECK(scene.pick(1).rule == PickRule::first_in_line);
}

TEST_CASE("a choice against the policy's rules has none", "[decisions]") {
  for (const abi::RunPolicy policy : {kRoundRobin, kRotation}) {
    CHECK(Scene{policy, {{1, 1, 7}, {2, 1, 6}}}.pick(1).rule == PickRule::none);  // the other one came first
    CHECK(Scene{policy, {{1, 1, 5}, {2, 0, 6}}}.pick(1).rule == PickRule::none);  // and is of a higher level
  }
}

TEST_CASE("tick rotation: of the highest level the first of the residents' order", "[decisions]") {
  Scene scene{kRotation, {{1, 1, 1}, {2, 1, 0}, {3, 2, 2}}};
  CHECK(scene.pick(2).rule == PickRule::first_in_rotation);
  CHECK(scene.pick(1).rule == PickRule::highest_level);
  CHECK(scene.pick(3).rule == PickRule::only_candidate);
}

TEST_CASE("list walk: levels mean nothing, and what counts is whose queue the engine had last", "[decisions]") {
  // The process is the ticket modulo 16: 17 and 1 share their turns.
  Scene scene{kWalk, {{1, 3, 1}, {2, 0, 17}, {3, 0, 2}}};
  CHECK(scene.pick(1).rule == PickRule::next_process);
  scene.give_way(1);
  CHECK(scene.pick(2).rule == PickRule::same_process);
  scene.give_way(2);
  CHECK(scene.pick(3).rule == PickRule::next_process);
  CHECK(scene.pick(1, 0).rule == PickRule::next_process);
  CHECK(scene.pick(2).rule == PickRule::only_candidate);
}
