// SPDX-License-Identifier: MIT
#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/invariant.h"
#include "base/prng.h"
#include "base/timeline.h"
#include "tests/support/catch.h"

using namespace gpusim;

namespace {

struct Log {
  std::vector<std::uint64_t> seen;
  void note(std::uint64_t value) { seen.push_back(value); }
};

}  // namespace

TEST_CASE("entries run by time, then phase, then rank of the component's name, then sequence", "[timeline]") {
  for (const bool reversed : {false, true}) {
    Timeline timeline;
    Log log;
    std::vector<std::string> names{"a", "b"};
    if (reversed) std::reverse(names.begin(), names.end());
    Timeline::Component a;
    Timeline::Component b;
    for (const std::string& name : names) (name == "a" ? a : b) = timeline.add_component(name);
    // Scheduled in an order that is wrong in every respect.
    timeline.schedule<&Log::note>(at(ns(2)), Phase::transfer, a, &log, 6);
    timeline.schedule<&Log::note>(at(ns(1)), Phase::cpu, a, &log, 5);
    timeline.schedule<&Log::note>(at(ns(1)), Phase::engine, b, &log, 3);
    timeline.schedule<&Log::note>(at(ns(1)), Phase::engine, a, &log, 1);
    timeline.schedule<&Log::note>(at(ns(1)), Phase::engine, a, &log, 2);
    timeline.schedule<&Log::note>(at(ns(1)), Phase::engine, b, &log, 4);
    timeline.freeze();
    timeline.run_until(at(ns(5)));
    CHECK(log.seen == std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6});
    CHECK(timeline.now() == at(ns(5)));
  }
}

TEST_CASE("a component that is added shifts nobody's order", "[timeline]") {
  std::vector<std::vector<std::uint64_t>> orders;
  for (const bool more : {false, true}) {
    Timeline timeline;
    Log log;
    Log other;
    const auto b = timeline.add_component("b");
    if (more) {
      const auto idle = timeline.add_component("0 an idle one");
      for (int i = 0; i < 5; ++i) timeline.schedule<&Log::note>(at(ns(1)), Phase::cpu, idle, &other, 0);
    }
    const auto a = timeline.add_component("a");
    for (std::uint64_t i = 0; i < 8; ++i)
      timeline.schedule<&Log::note>(at(ns(1)), Phase::cpu, i % 2 == 0 ? a : b, &log, i);
    timeline.freeze();
    timeline.run_until(at(ns(1)));
    orders.push_back(log.seen);
  }
  CHECK(orders[0] == std::vector<std::uint64_t>{0, 2, 4, 6, 1, 3, 5, 7});
  CHECK(orders[0] == orders[1]);
}

TEST_CASE("a cancelled entry is gone at once and its handle stays harmless", "[timeline]") {
  Timeline timeline;
  Log log;
  const auto c = timeline.add_component("c");
  timeline.freeze();
  const auto first = timeline.schedule<&Log::note>(at(ns(1)), Phase::cpu, c, &log, 1);
  const auto second = timeline.schedule<&Log::note>(at(ns(2)), Phase::cpu, c, &log, 2);
  CHECK(timeline.cancel(first));
  CHECK(timeline.pending() == 1);
  CHECK_FALSE(timeline.cancel(first));
  const auto third = timeline.schedule<&Log::note>(at(ns(3)), Phase::cpu, c, &log, 3);  // uses the first's storage
  CHECK_FALSE(timeline.is_pending(first));
  CHECK_FALSE(timeline.cancel(first));
  CHECK(timeline.is_pending(third));
  timeline.run_until(at(ns(10)));
  CHECK(log.seen == std::vector<std::uint64_t>{2, 3});
  CHECK_FALSE(timeline.cancel(second));
  CHECK_FALSE(timeline.cancel(Timeline::Handle{}));
}

TEST_CASE("10,000 entries with random times and cancellations come out sorted", "[timeline]") {
  Timeline timeline;
  Prng random{1, "timeline test"};
  struct Checker {
    Timeline* timeline;
    SimTime last{};
    std::size_t count = 0;
    void note() {
      CHECK(timeline->now() >= last);
      last = timeline->now();
      ++count;
    }
  } checker{&timeline};
  const auto c = timeline.add_component("c");
  timeline.freeze();
  std::vector<Timeline::Handle> handles;
  for (int i = 0; i < 10'000; ++i) {
    const SimTime when = at(ns(static_cast<std::int64_t>(random.uniform(0, 5'000))));
    handles.push_back(timeline.schedule<&Checker::note>(when, Phase::cpu, c, &checker));
  }
  std::size_t cancelled = 0;
  for (std::size_t i = 0; i < handles.size(); i += 3) cancelled += timeline.cancel(handles[i]) ? 1 : 0;
  while (!timeline.empty()) timeline.run_one();
  CHECK(cancelled == 3'334);
  CHECK(checker.count == 10'000 - cancelled);
}

// Around the number of entries that are kept sorted, up and down, and with many for the same moment.
TEST_CASE("entries planned, cancelled and run in random turns run as in a sorted set", "[timeline]") {
  Timeline timeline;
  Log log;
  const auto c = timeline.add_component("c");
  timeline.freeze();
  Prng random{1, "timeline turns"};
  std::map<std::pair<SimTime, std::uint64_t>, Timeline::Handle> expected;  // by time, then as planned
  std::uint64_t planned = 0;
  for (int turn = 0; turn < 100'000; ++turn) {
    const bool grows = turn / 250 % 2 == 0;
    const std::uint64_t what = random.uniform(0, 9);
    if (what < (grows ? 6U : 3U)) {
      const std::uint64_t longest = what == 0 ? 5'000 : 50;
      const SimTime when = timeline.now() + ns(static_cast<std::int64_t>(random.uniform(0, longest)));
      ++planned;
      expected[{when, planned}] = timeline.schedule<&Log::note>(when, Phase::cpu, c, &log, planned);
    } else if (what == 9 && !expected.empty()) {
      const auto victim =
          std::next(expected.begin(), static_cast<std::ptrdiff_t>(random.uniform(0, expected.size() - 1)));
      REQUIRE(timeline.cancel(victim->second));
      expected.erase(victim);
    } else if (!expected.empty()) {
      REQUIRE(timeline.next_time() == expected.begin()->first.first);
      timeline.run_one();
      REQUIRE(log.seen.back() == expected.begin()->first.second);
      expected.erase(expected.begin());
    }
    REQUIRE(timeline.pending() == expected.size());
    REQUIRE(timeline.empty() == expected.empty());
  }
}

TEST_CASE("time cannot go back and names cannot repeat", "[timeline]") {
  Timeline timeline;
  Log log;
  const auto c = timeline.add_component("c");
  CHECK_THROWS_AS(timeline.add_component("c"), InvariantViolation);
  timeline.freeze();
  CHECK_THROWS_AS(timeline.add_component("d"), InvariantViolation);
  timeline.run_until(at(ns(5)));
  CHECK_THROWS_AS(timeline.schedule<&Log::note>(at(ns(4)), Phase::cpu, c, &log), InvariantViolation);
}

TEST_CASE("an entry that moves time on by itself is stopped after so many steps", "[timeline]") {
  Timeline timeline;
  timeline.freeze();
  timeline.set_advance_limit(kNever);
  timeline.set_advance_steps(timeline.executed() + 3);
  for (int i = 1; i <= 3; ++i) CHECK(timeline.try_advance(at(ns(i))));
  CHECK_FALSE(timeline.try_advance(at(ns(4))));
  CHECK(timeline.now() == at(ns(3)));
  timeline.set_advance_steps(timeline.executed() + 1);
  CHECK(timeline.try_advance(at(ns(4))));
}

TEST_CASE("many advances in one are as many as would succeed one by one", "[timeline]") {
  const std::int64_t step = GENERATE(1, 3, 7, 40);
  const std::int64_t due = GENERATE(4, 20, 21, 22);
  const std::int64_t limit = GENERATE(3, 20, 1'000);
  const std::uint64_t most = GENERATE(0U, 2U, 50U);
  CAPTURE(step, due, limit, most);
  Log log;
  const auto prepare = [&](Timeline& timeline) {
    const auto c = timeline.add_component("c");
    timeline.freeze();
    timeline.move_to(at(ns(3)));
    timeline.schedule<&Log::note>(at(ns(due)), Phase::cpu, c, &log);
    timeline.set_advance_limit(at(ns(limit)));
    timeline.set_advance_steps(timeline.executed() + most);
  };
  Timeline single;
  prepare(single);
  std::uint64_t count = 0;
  while (single.try_advance(single.now() + ns(step))) ++count;
  Timeline many;
  prepare(many);
  CHECK(many.advances_within(ns(step)) == count);
  many.advance(ns(step), count);
  CHECK(many.now() == single.now());
  CHECK(many.executed() == single.executed());
  CHECK(many.advances_within(ns(step)) == 0);
}

TEST_CASE("who acts outside any entry moves time on, not past what is due, and not back", "[timeline]") {
  Timeline timeline;
  Log log;
  const auto c = timeline.add_component("c");
  timeline.freeze();
  timeline.schedule<&Log::note>(at(ns(10)), Phase::cpu, c, &log, 1);
  timeline.move_to(at(ns(7)));
  CHECK(timeline.now() == at(ns(7)));
  timeline.move_to(at(ns(10)));
  CHECK(log.seen.empty());
  CHECK_THROWS_AS(timeline.move_to(at(ns(11))), InvariantViolation);
  CHECK_THROWS_AS(timeline.move_to(at(ns(9))), InvariantViolation);
  timeline.run_one();
  CHECK(log.seen == std::vector<std::uint64_t>{1});
}

TEST_CASE("an alarm goes off for each entry that is planned before its time", "[timeline]") {
  Timeline timeline;
  Log log;
  std::uint64_t calls = 0;
  const auto c = timeline.add_component("c");
  timeline.freeze();
  timeline.set_alarm(at(ns(10)), [](void* self, std::uint64_t) { ++*static_cast<std::uint64_t*>(self); }, &calls);
  for (const std::int64_t when : {10, 11, 9, 3}) timeline.schedule<&Log::note>(at(ns(when)), Phase::cpu, c, &log, 0);
  CHECK(calls == 2);
  timeline.set_alarm(SimTime::min(), nullptr, nullptr);
  timeline.schedule<&Log::note>(at(ns(1)), Phase::cpu, c, &log, 0);
  CHECK(calls == 2);
}
