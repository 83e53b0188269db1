// SPDX-License-Identifier: MIT
#include "base/id_window.h"

#include <map>
#include <vector>

#include "base/prng.h"
#include "tests/support/catch.h"

using namespace gpusim;

TEST_CASE("an id window finds what is live and nothing else") {
  IdWindow<int> window;
  CHECK(window.find(1) == nullptr);
  CHECK(window.find(0) == nullptr);
  window.insert(1) = 10;
  window.insert(65) = 650;  // the same place of 64
  REQUIRE(window.find(1) != nullptr);
  CHECK(*window.find(1) == 10);
  CHECK(*window.find(65) == 650);
  CHECK(window.find(129) == nullptr);
  window.erase(1);
  window.erase(129);
  CHECK(window.find(1) == nullptr);
  CHECK(window.size() == 1);
  CHECK(window.ids() == std::vector<std::uint64_t>{65});
}

TEST_CASE("an id window gives out fresh values, and one with recycle() keeps its memory") {
  struct List {
    std::vector<int> values;
    void recycle() { values.clear(); }
  };
  IdWindow<int> plain;
  plain.insert(1) = 5;
  plain.erase(1);
  CHECK(plain.insert(2) == 0);
  IdWindow<List> lists;
  lists.insert(1).values = std::vector<int>(100);
  lists.erase(1);
  CHECK(lists.insert(2).values.empty());
  CHECK(lists.find(2)->values.capacity() == 100);
}

TEST_CASE("a few endless ids do not make an id window grow") {
  IdWindow<std::uint64_t> window;
  for (std::uint64_t id = 1; id <= 5; ++id) window.insert(id) = id;
  for (std::uint64_t id = 6; id < 1'000'000; ++id) {
    window.insert(id) = id;
    if (id >= 16) window.erase(id - 10);
  }
  CHECK(window.places() == 64);
  for (std::uint64_t id = 1; id <= 5; ++id) {
    REQUIRE(window.find(id) != nullptr);
    CHECK(*window.find(id) == id);
  }
}

TEST_CASE("an id window agrees with a map under any order of retirement") {
  Prng prng{1, "id_window"};
  IdWindow<std::uint64_t> window;
  std::map<std::uint64_t, std::uint64_t> map;
  std::uint64_t next = 1;
  for (int step = 0; step < 100'000; ++step) {
    const std::uint64_t choice = prng.uniform(0, 99);
    if (choice < 45 || map.empty()) {
      next += prng.uniform(1, 3);
      map[next] = window.insert(next) = prng.next();
    } else {
      // Mostly the oldest.
      auto victim = map.begin();
      if (choice > 90) std::advance(victim, static_cast<long>(prng.uniform(0, map.size() - 1)));
      REQUIRE(window.find(victim->first) != nullptr);
      REQUIRE(*window.find(victim->first) == victim->second);
      window.erase(victim->first);
      REQUIRE(window.find(victim->first) == nullptr);
      map.erase(victim);
    }
    REQUIRE(window.size() == map.size());
  }
  std::vector<std::uint64_t> ids;
  ids.reserve(map.size());
  for (const auto& [id, value] : map) ids.push_back(id);
  CHECK(window.ids() == ids);
}
