// SPDX-License-Identifier: MIT
// The list by itself, and against a plain one that is looked through entry by entry.
#include "host_driver/completion_list.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/prng.h"
#include "tests/support/catch.h"

using gpusim::drv::CompletionList;

namespace {

using Place = CompletionList::Place;

/// Queues from `from` on, one by one.
std::vector<const Place*> listed_from(const CompletionList& list, std::size_t from) {
  std::vector<const Place*> all;
  for (std::size_t i = list.find(from); i < list.end(); i = list.find(i + 1)) all.push_back(&list[i]);
  return all;
}

}  // namespace

TEST_CASE("completion list: a row of quiet queues ends before the first one with news, or after so many") {
  CompletionList list;
  std::array<Place, 200> places;
  for (Place& place : places) list.add(place);
  places[150].set_news(true);
  CHECK(list.find_quiet(0, 1'000).count == 150);
  CHECK(list.find_quiet(0, 1'000).end == 150);
  CHECK(list.find_quiet(150, 1'000).count == 0);
  CHECK(list.find_quiet(151, 1'000).count == 49);
  CHECK(list.find_quiet(151, 1'000).end == list.end());
  CHECK(list.find_quiet(10, 100).count == 100);
  CHECK(list.find_quiet(10, 100).end == 110);
  CHECK(list.find_quiet(10, 0).end == 10);
  CompletionList::remove(places[20]);
  CHECK(list.find_quiet(0, 1'000).count == 149);
  CHECK(list.find_quiet(0, 20).count == 20);
  CHECK(list.find(20) == 21);
}

TEST_CASE("completion list: news of a queue that is in no list are kept until it is in one") {
  CompletionList list;
  std::array<Place, 2> places;
  places[0].set_news(true);
  list.add(places[0]);
  list.add(places[1]);
  CHECK(list.find_quiet(0, 9).count == 0);
  CompletionList::remove(places[0]);
  CHECK_FALSE(places[0].is_listed());
  CompletionList::remove(places[0]);
  CHECK(list.find_quiet(0, 9).count == 1);
  places[1].set_news(true);
  list.add(places[0]);
  places[1].set_news(false);
  CHECK(list.find_quiet(0, 9).count == 1);  // and then the other's
}

TEST_CASE("completion list: it is what a plain list is, with room only for what stands in it") {
  gpusim::Prng random{7, "completion list"};
  const auto below = [&](std::uint64_t n) { return random.uniform(0, n - 1); };
  CompletionList list;
  std::vector<Place> places(150);
  struct Plain {
    Place* place;
    bool has_news;
  };
  std::vector<Plain> plain;
  std::size_t longest = 0;
  for (int step = 0; step < 4'000; ++step) {
    Place& place = places[below(places.size())];
    const auto found = std::find_if(plain.begin(), plain.end(), [&](const Plain& p) { return p.place == &place; });
    REQUIRE(place.is_listed() == (found != plain.end()));
    const bool has_news = below(8) == 0;
    if (found == plain.end()) {
      place.set_news(has_news);
      list.add(place);
      plain.push_back({&place, has_news});
    } else if (below(2) == 0) {
      CompletionList::remove(place);
      plain.erase(found);
    } else {
      place.set_news(has_news);
      found->has_news = has_news;
    }
    if (below(10) == 0) list.tidy();
    longest = std::max(longest, list.end());
    // From one of them on.
    const std::vector<const Place*> all = listed_from(list, 0);
    REQUIRE(all.size() == plain.size());
    for (std::size_t i = 0; i < all.size(); ++i) REQUIRE(all[i] == plain[i].place);
    if (plain.empty()) continue;
    const std::size_t from = below(plain.size());
    std::size_t index = list.find(0);
    for (std::size_t i = 0; i < from; ++i) index = list.find(index + 1);
    const std::uint64_t most = below(40);
    std::size_t next = from;
    while (next < plain.size() && !plain[next].has_news && next - from < most) ++next;
    const CompletionList::Quiet quiet = list.find_quiet(index, most);
    REQUIRE(quiet.count == next - from);
    REQUIRE(listed_from(list, quiet.end).size() == plain.size() - next);
  }
  CHECK(longest < 400);
}
