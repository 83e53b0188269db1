// SPDX-License-Identifier: MIT
#include "traces/inspect/alignment.h"

#include <algorithm>

namespace gpusim::trace {
namespace {

struct Entry {
  std::uint64_t key;
  std::uint32_t event;

  friend bool operator<(const Entry& a, const Entry& b) { return a.key != b.key ? a.key < b.key : a.event < b.event; }
};

[[nodiscard]] std::vector<Entry> sorted_by_who(const RunSide& side) {
  std::vector<Entry> entries;
  entries.reserve(side.events.size());
  for (std::uint32_t i = 0; i < side.events.size(); ++i) entries.push_back({side.events[i].who, i});
  std::sort(entries.begin(), entries.end());
  return entries;
}

/// Within a key both lists are in order of time: the n-th is the n-th.
void find_partners(const RunSide& a, const RunSide& b, Alignment& result) {
  result.partner_of_a.assign(a.recording.events.size(), kNoPartner);
  result.partner_of_b.assign(b.recording.events.size(), kNoPartner);
  const std::vector<Entry> of_a = sorted_by_who(a);
  const std::vector<Entry> of_b = sorted_by_who(b);
  auto in_a = of_a.begin();
  auto in_b = of_b.begin();
  while (in_a != of_a.end() && in_b != of_b.end()) {
    if (in_a->key == in_b->key) {
      result.partner_of_a[in_a->event] = in_b->event;
      result.partner_of_b[in_b->event] = in_a->event;
      ++result.both;
      ++in_a;
      ++in_b;
    } else if (in_a->key < in_b->key) {
      ++in_a;
    } else {
      ++in_b;
    }
  }
  result.only_a = of_a.size() - result.both;
  result.only_b = of_b.size() - result.both;
}

void compare_pairs(const RunSide& a, const RunSide& b, Alignment& result) {
  for (std::uint32_t i = 0; i < result.partner_of_a.size(); ++i) {
    if (result.partner_of_a[i] == kNoPartner) continue;
    const std::uint32_t in_b = result.partner_of_a[i];
    const Picoseconds later = b.recording.events[in_b].time - a.recording.events[i].time;
    if (later.count() != 0) ++result.other_time;
    result.earliest = std::min(result.earliest, later);
    result.latest = std::max(result.latest, later);
    if (a.events[i].content != b.events[in_b].content) ++result.other_content;
  }
}

/// Length of the longest rising part of `places`, by patience sorting.
[[nodiscard]] std::size_t longest_rise(const std::vector<std::uint32_t>& places) {
  std::vector<std::uint32_t> tops;
  for (const std::uint32_t place : places) {
    const auto pile = std::lower_bound(tops.begin(), tops.end(), place);
    if (pile == tops.end()) {
      tops.push_back(place);
    } else {
      *pile = place;
    }
  }
  return tops.size();
}

void compare_order(const RunSide& a, Alignment& result) {
  std::vector<Entry> turns;
  for (std::uint32_t i = 0; i < result.partner_of_a.size(); ++i) {
    if (result.partner_of_a[i] == kNoPartner) continue;
    const std::uint64_t place = a.events[i].place;
    if (place != 0) turns.push_back({place, i});
  }
  std::sort(turns.begin(), turns.end());
  std::vector<std::uint32_t> places;
  for (std::size_t begin = 0; begin < turns.size();) {
    places.clear();
    std::size_t swap = turns.size();
    std::size_t end = begin;
    for (; end < turns.size() && turns[end].key == turns[begin].key; ++end) {
      places.push_back(result.partner_of_a[turns[end].event]);
      const bool is_swapped = end > begin && places.back() < places[places.size() - 2];
      if (is_swapped && swap == turns.size()) swap = end;
    }
    if (swap != turns.size()) {
      result.orders.push_back({.first = turns[swap - 1].event,
                               .second = turns[swap].event,
                               .moved = places.size() - longest_rise(places),
                               .of = places.size()});
    }
    begin = end;
  }
  std::sort(result.orders.begin(), result.orders.end(), [](const OrderDifference& x, const OrderDifference& y) {
    return x.moved != y.moved ? x.moved > y.moved : x.first < y.first;
  });
}

[[nodiscard]] std::uint32_t first_difference(const RunSide& a, const RunSide& b) {
  const std::size_t common = std::min(a.events.size(), b.events.size());
  for (std::uint32_t i = 0; i < common; ++i) {
    if (a.events[i].everything != b.events[i].everything) return i;
  }
  return a.events.size() == b.events.size() ? kNoPartner : static_cast<std::uint32_t>(common);
}

}  // namespace

Alignment align(const RunSide& a, const RunSide& b) {
  Alignment result;
  result.first = first_difference(a, b);
  find_partners(a, b, result);
  compare_pairs(a, b, result);
  compare_order(a, result);
  return result;
}

}  // namespace gpusim::trace
