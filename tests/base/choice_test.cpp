// SPDX-License-Identifier: MIT
// Choices of an exploration: default, streams that do not shift each other, replay, text.
#include <cstdint>
#include <set>
#include <vector>

#include "base/choice.h"
#include "tests/support/catch.h"

using namespace gpusim;

namespace {

/// The answers of one place to `calls` questions; `others` asks elsewhere in between.
std::vector<std::uint32_t> answers(ChoiceSource& source, const ChoicePlace& place, int calls, bool others = false) {
  std::vector<std::uint32_t> values;
  for (int i = 0; i < calls; ++i) {
    if (others) {
      (void)source.choose(ChoiceKind::delay, "elsewhere", 5);
      (void)source.choose(ChoiceKind::delay, ChoicePlace{"elsewhere"}.of(static_cast<std::uint32_t>(i)), 5);
    }
    values.push_back(source.choose(ChoiceKind::delay, place, 8));
  }
  return values;
}

/// The first seed from `first` on that disturbs the place.
std::uint64_t seed_that_disturbs(const ChoicePlace& place, std::uint64_t first = 0) {
  for (std::uint64_t seed = first;; ++seed) {
    ChoiceSource source{seed};
    for (const std::uint32_t value : answers(source, place, 50)) {
      if (value != 0) return seed;
    }
  }
}

}  // namespace

TEST_CASE("answers depend on seed, place and count alone: other places shift nothing", "[choice]") {
  const std::uint64_t seed = seed_that_disturbs("here");
  ChoiceSource alone{seed};
  ChoiceSource among_others{seed};
  const auto expected = answers(alone, "here", 200);
  CHECK(answers(among_others, "here", 200, true) == expected);
  ChoiceSource other_seed{seed_that_disturbs("here", seed + 1)};
  CHECK(answers(other_seed, "here", 200) != expected);
}

TEST_CASE("instances of a place are places of their own", "[choice]") {
  const ChoicePlace first = ChoicePlace{"here"}.of(1);
  const std::uint64_t seed = seed_that_disturbs(first);
  ChoiceSource source{seed};
  CHECK(answers(source, first, 200) != answers(source, ChoicePlace{"here"}.of(2), 200));
  CHECK(ChoicePlace{"here"}.of(0).hash() == ChoicePlace{"here"}.hash());
  CHECK(ChoicePlace::hash_of("here", 7) == ChoicePlace{"here"}.of(7).hash());
}

TEST_CASE("seeds differ in which places they disturb, and leave most answers alone", "[choice]") {
  int disturbed = 0;
  std::set<std::vector<std::uint32_t>> different;
  std::uint64_t others = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    ChoiceSource source{seed};
    const auto values = answers(source, "here", 100);
    std::uint64_t count = 0;
    for (const std::uint32_t value : values) {
      CHECK(value < 8);
      count += value != 0 ? 1 : 0;
    }
    disturbed += count != 0 ? 1 : 0;
    others += count;
    different.insert(values);
  }
  CHECK(disturbed > 40);
  CHECK(disturbed < 200);
  CHECK(different.size() > 35);
  CHECK(others < 400 * 100 / 10);
}

TEST_CASE("a schedule gives the same answers again, and 0 where it says nothing", "[choice]") {
  ChoiceSource source{seed_that_disturbs("here")};
  const auto expected = answers(source, "here", 300, true);
  const Schedule schedule = source.made();
  ChoiceSource replay{schedule};
  CHECK(answers(replay, "here", 300, true) == expected);
  CHECK(replay.made() == schedule);

  Schedule one{schedule.begin(), schedule.begin() + 1};
  ChoiceSource replay_one{one};
  (void)answers(replay_one, "here", 300, true);
  CHECK(replay_one.made() == one);
  ChoiceSource nothing{Schedule{}};
  CHECK(answers(nothing, "here", 300) == std::vector<std::uint32_t>(300, 0));
}

TEST_CASE("an answer of a schedule stays below the number of ways", "[choice]") {
  ChoiceSource replay{Schedule{{ChoiceKind::order, "here", 0, 0, 5}}};
  CHECK(replay.choose(ChoiceKind::order, "here", 3) == 2);
}

TEST_CASE("where there is but one way nothing is asked, and after the end neither", "[choice]") {
  ChoiceSource replay{Schedule{{ChoiceKind::order, "here", 0, 0, 1}, {ChoiceKind::order, "here", 0, 1, 1}}};
  CHECK(replay.choose(ChoiceKind::order, "here", 1) == 0);
  CHECK(replay.choose(ChoiceKind::order, "here", 2) == 1);
  Timeline timeline;
  replay.stop_at(timeline, SimTime{ns(1)});
  timeline.run_until(SimTime{ns(2)});
  CHECK(replay.choose(ChoiceKind::order, "here", 2) == 0);
  CHECK(replay.made().size() == 1);
}

TEST_CASE("a seed breaks at most four things", "[choice]") {
  std::set<std::size_t> counts;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    ChoiceSource source{seed};
    for (int i = 0; i < 1'000; ++i) (void)source.choose(ChoiceKind::fault, "here", 2);
    counts.insert(source.made().size());
  }
  CHECK(counts == std::set<std::size_t>{0, 1, 2, 3, 4});
}

TEST_CASE("many places: the table grows and keeps its counts", "[choice]") {
  Schedule schedule;
  for (std::uint32_t i = 1; i <= 500; ++i) schedule.push_back({ChoiceKind::wake, "here", i, 1, 1});
  ChoiceSource replay{schedule};
  for (std::uint32_t round = 0; round < 3; ++round) {
    for (std::uint32_t i = 1; i <= 600; ++i) {
      const std::uint32_t expected = round == 1 && i <= 500 ? 1 : 0;
      REQUIRE(replay.choose(ChoiceKind::wake, ChoicePlace{"here"}.of(i), 2) == expected);
    }
  }
}

TEST_CASE("a choice as text and back", "[choice]") {
  for (const Choice& choice :
       {Choice{ChoiceKind::delay, "step", 4, 17, 3}, Choice{ChoiceKind::fault, "lost_doorbell", 0, 0, 1}}) {
    Choice read;
    REQUIRE(parse_choice(to_text(choice), read));
    CHECK(read == choice);
  }
  CHECK(to_text({ChoiceKind::delay, "step", 4, 17, 3}) == "delay step/4 17 3");
  Choice read;
  for (const char* wrong : {"", "delay", "delay step", "delay step 1", "delay step 1 0", "delay step/x 1 1",
                            "slow step 1 1", "delay step 1 1 1", "delay step -1 1"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_choice(wrong, read));
  }
}
