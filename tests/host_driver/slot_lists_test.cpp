// SPDX-License-Identifier: MIT
// Who gets a slot at a tick of the host's scheduler. The groups always have work, unless a case says otherwise.
#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <vector>

#include "host_driver/slot_lists.h"
#include "tests/support/catch.h"

using namespace gpusim;
using drv::SlotGroup;

namespace {

constexpr std::uint32_t kRealtimeLevel = 0;
constexpr std::uint32_t kHighLevel = 1;
constexpr std::uint32_t kLowLevel = 3;

class TickBoard {
 public:
  explicit TickBoard(std::uint32_t slots) : lists{slots} {}

  /// With work; gives its number, from 0 on.
  int add(std::uint32_t level, bool is_idle = false) {
    SlotGroup& group = groups.emplace_back();
    group.level = level;
    group.is_idle = is_idle;
    lists.put(group);
    return static_cast<int>(groups.size()) - 1;
  }
  void add(std::uint32_t level, int count) {
    for (int i = 0; i < count; ++i) add(level);
  }
  /// As the scheduler does: who has lost a slot is put to its list when all others have been told.
  const drv::SlotLists::Plan& tick(bool full) {
    const drv::SlotLists::Plan& plan = lists.pick(full);
    for (SlotGroup* group : plan.evicted) lists.put(*group);
    return plan;
  }
  /// Groups with a slot, the first one first.
  [[nodiscard]] std::vector<int> holders() const {
    std::vector<int> numbers;
    for (std::uint32_t level = 0; level < abi::kPriorityLevels; ++level) {
      for (const SlotGroup* group = lists.holders(level).first(); group != nullptr;
           group = drv::GroupList::next(*group)) {
        numbers.push_back(number_of(group));
      }
    }
    return numbers;
  }
  [[nodiscard]] int number_of(const SlotGroup* group) const {
    int number = 0;
    while (&groups[static_cast<std::size_t>(number)] != group) ++number;
    return number;
  }
  [[nodiscard]] std::vector<int> numbers(const drv::SlotLists::Groups& of) const {
    std::vector<int> result;
    for (const SlotGroup* group : of) result.push_back(number_of(group));
    return result;
  }

  std::deque<SlotGroup> groups;
  drv::SlotLists lists;
};

using Ticks = std::set<int>;
/// How long a group is without a slot, how long it has one, and how far apart the ticks are at which it becomes first.
struct Rhythm {
  Ticks wait, residency, period;
  bool operator==(const Rhythm&) const = default;
};

/// Of one group, over whole stretches.
class RhythmWatch {
 public:
  void note(bool has_slot, bool is_top) {
    ++tick_;
    if (has_slot != has_slot_ || tick_ == 1) {
      if (since_ > 1) (has_slot_ ? rhythm.residency : rhythm.wait).insert(tick_ - since_);
      since_ = tick_;
      has_slot_ = has_slot;
    }
    if (is_top && !is_top_) {
      if (top_ != 0) rhythm.period.insert(tick_ - top_);
      top_ = tick_;
    }
    is_top_ = is_top;
  }
  Rhythm rhythm;

 private:
  int tick_ = 0, since_ = 0, top_ = 0;
  bool has_slot_ = false, is_top_ = false;
};

/// By level, of all its groups.
std::map<std::uint32_t, std::set<std::vector<Ticks>>> rhythms(TickBoard& board) {
  std::vector<RhythmWatch> watches(board.groups.size());
  board.tick(false);
  for (int tick = 0; tick < 200; ++tick) {
    board.tick(true);
    const std::vector<int> holders = board.holders();
    std::set<int> resident(holders.begin(), holders.end());
    for (int i = 0; i < static_cast<int>(watches.size()); ++i) {
      watches[static_cast<std::size_t>(i)].note(resident.contains(i), !holders.empty() && holders.front() == i);
    }
  }
  std::map<std::uint32_t, std::set<std::vector<Ticks>>> result;
  for (std::size_t i = 0; i < watches.size(); ++i) {
    const Rhythm& rhythm = watches[i].rhythm;
    result[board.groups[i].level].insert({rhythm.wait, rhythm.residency, rhythm.period});
  }
  return result;
}

using Rhythms = std::set<std::vector<Ticks>>;

}  // namespace

// docs/reference/firmware.md, the table of rotation: its eight rows.

TEST_CASE("slot lists: as many groups as slots or fewer keep their slots, and each is first every G ticks") {
  for (const int groups : {6, 8}) {
    TickBoard board{8};
    board.add(kHighLevel, groups);
    CHECK(rhythms(board).at(kHighLevel) == Rhythms{{{}, {}, {groups}}});
  }
}

TEST_CASE("slot lists: of G groups on S slots each waits G - S ticks, has a slot for S and is first every G") {
  struct Row {
    int groups, slots;
  };
  for (const Row row : {Row{9, 8}, Row{16, 8}, Row{24, 8}, Row{4, 3}}) {
    CAPTURE(row.groups, row.slots);
    TickBoard board{static_cast<std::uint32_t>(row.slots)};
    board.add(kHighLevel, row.groups);
    CHECK(rhythms(board).at(kHighLevel) == Rhythms{{{row.groups - row.slots}, {row.slots}, {row.groups}}});
  }
}

TEST_CASE("slot lists: twelve low groups share what four high ones leave of eight slots, and are never first") {
  TickBoard board{8};
  board.add(kHighLevel, 4);
  board.add(kLowLevel, 12);
  const auto found = rhythms(board);
  CHECK(found.at(kHighLevel) == Rhythms{{{}, {}, {4}}});
  CHECK(found.at(kLowLevel) == Rhythms{{{8}, {4}, {}}});
}

TEST_CASE("slot lists: eight high groups leave no slot for a low one") {
  TickBoard board{8};
  board.add(kLowLevel, 4);
  board.add(kHighLevel, 8);
  const auto found = rhythms(board);
  CHECK(found.at(kHighLevel) == Rhythms{{{}, {}, {8}}});
  CHECK(found.at(kLowLevel) == Rhythms{{{}, {}, {}}});
  CHECK(board.holders().front() >= 4);
}

TEST_CASE("slot lists: at a full tick one group of a level gives way, and the others climb") {
  TickBoard board{3};
  board.add(kHighLevel, 5);
  CHECK(board.numbers(board.tick(false).started) == std::vector{0, 1, 2});
  const auto& plan = board.tick(true);
  CHECK(board.numbers(plan.evicted) == std::vector{0});
  CHECK(board.numbers(plan.started) == std::vector{3});
  CHECK(plan.moved.empty());
  CHECK(board.holders() == std::vector{1, 2, 3});
}

TEST_CASE("slot lists: a head for which there is room goes behind those who have just got a slot") {
  TickBoard board{4};
  board.add(kHighLevel, 2);
  board.tick(false);
  board.add(kHighLevel);
  const auto& plan = board.tick(true);
  CHECK(board.numbers(plan.started) == std::vector{2});
  CHECK(board.numbers(plan.moved) == std::vector{0});
  CHECK(board.holders() == std::vector{1, 2, 0});
}

TEST_CASE("slot lists: between two periods nothing rotates, and free slots are given") {
  TickBoard board{3};
  board.add(kHighLevel, 2);
  board.tick(false);
  board.add(kLowLevel, 2);
  const auto& plan = board.tick(false);
  CHECK(plan.evicted.empty());
  CHECK(plan.moved.empty());
  CHECK(board.holders() == std::vector{0, 1, 2});
}

TEST_CASE("slot lists: between two periods realtime takes the slots of the last ones, of its own level nobody's") {
  TickBoard board{3};
  board.add(kHighLevel);
  board.add(kRealtimeLevel);
  board.add(kLowLevel);
  board.tick(false);
  board.add(kRealtimeLevel);
  CHECK(board.numbers(board.tick(false).evicted) == std::vector{2});
  CHECK(board.holders() == std::vector{1, 3, 0});
  board.add(kRealtimeLevel);
  CHECK(board.numbers(board.tick(false).evicted) == std::vector{0});
  board.add(kRealtimeLevel);
  CHECK(board.tick(false).evicted.empty());
  CHECK(board.holders() == std::vector{1, 3, 4});
  // At the end of the period they rotate as any level.
  CHECK(board.numbers(board.tick(true).evicted) == std::vector{1});
}

TEST_CASE("slot lists: high takes no slot of low between two periods, and takes it at the next full tick") {
  TickBoard board{2};
  board.add(kLowLevel, 2);
  board.tick(false);
  board.add(kHighLevel);
  CHECK(board.tick(false).evicted.empty());
  const auto& plan = board.tick(true);
  CHECK(board.holders() == std::vector{2, 1});
  CHECK(board.numbers(plan.evicted) == std::vector{0});
}

TEST_CASE("slot lists: an idle group keeps its slot until another one with work needs it") {
  TickBoard board{2};
  board.add(kHighLevel, 2);
  board.tick(false);
  board.groups[0].is_idle = true;
  CHECK(board.tick(false).has_idle);
  CHECK(board.holders() == std::vector{0, 1});
  board.add(kLowLevel);
  CHECK_FALSE(board.tick(false).has_idle);
  CHECK(board.holders() == std::vector{1, 2});
}

TEST_CASE("slot lists: free slots go to groups that are idle, too, in a level first to those that have one") {
  TickBoard board{2};
  board.add(kHighLevel, true);
  board.tick(false);
  board.add(kHighLevel, true);
  board.add(kHighLevel, true);
  CHECK(board.numbers(board.tick(true).started) == std::vector{1});
  CHECK(board.tick(true).started.empty());
  CHECK(board.holders() == std::vector{0, 1});
}

TEST_CASE("slot lists: the tick stops when no level has two groups with work, of which one has a slot") {
  TickBoard board{3};
  board.add(kHighLevel);
  board.add(kLowLevel);
  CHECK_FALSE(board.tick(false).keeps_ticking);
  board.add(kHighLevel);
  CHECK(board.tick(false).keeps_ticking);
  board.groups[0].is_idle = true;
  CHECK_FALSE(board.tick(true).keeps_ticking);
  // One that waits behind higher levels alone gets nothing by rotation; behind one of its own level it does.
  TickBoard narrow{1};
  narrow.add(kHighLevel);
  narrow.add(kLowLevel);
  CHECK_FALSE(narrow.tick(false).keeps_ticking);
  narrow.add(kHighLevel);
  CHECK(narrow.tick(false).keeps_ticking);
  const auto& plan = narrow.tick(true);
  CHECK(narrow.numbers(plan.started) == std::vector{2});
  CHECK(plan.keeps_ticking);  // for the one that has just lost its slot
}

TEST_CASE("slot lists: one that is held gets no slot, and its slot is nobody's until its owner takes it away") {
  TickBoard board{2};
  board.add(kHighLevel, 3);
  board.tick(false);
  board.groups[0].is_held = true;
  const auto& plan = board.tick(true);
  // The head of those that are not held gives way.
  CHECK(board.numbers(plan.evicted) == std::vector{1});
  CHECK(board.holders() == std::vector{0, 2});
  board.lists.remove(board.groups[0]);
  CHECK(board.lists.has_free_slot());
  board.tick(false);
  CHECK(board.holders() == std::vector{2, 1});
}

TEST_CASE("slot lists: a new level puts a group behind the others of that level, wherever it is") {
  TickBoard board{2};
  board.add(kHighLevel, 2);
  board.tick(false);
  board.add(kLowLevel);
  board.add(kLowLevel);
  board.lists.set_level(board.groups[2], kHighLevel);
  board.lists.set_level(board.groups[0], kHighLevel);
  CHECK(board.holders() == std::vector{1, 0});
  board.tick(true);
  CHECK(board.holders() == std::vector{0, 2});
}
