// SPDX-License-Identifier: MIT
#include "traces/inspect/alignment.h"

#include <algorithm>
#include <cstddef>
#include <span>

#include "traces/event/event_table.h"

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

using Entries = std::span<const Entry>;

/// How far B may be behind A at one event, from the least to the most.
struct Shifts {
  Picoseconds least = Picoseconds::max();
  Picoseconds most = Picoseconds::min();

  void add(Picoseconds shift) {
    least = std::min(least, shift);
    most = std::max(most, shift);
  }
  [[nodiscard]] bool is_empty() const { return most < least; }
};

/// The entries of one key in both runs, each in order of time.
struct SameKey {
  Entries a;
  Entries b;
};

class Pairing {
 public:
  Pairing(const RunSide& a, const RunSide& b, Alignment& result) : a_{a}, b_{b}, result_{result} {}

  /// First what is certain; that says how far all else may have moved.
  void run(const std::vector<SameKey>& keys) {
    for (const SameKey& key : keys) {
      if (keeps_count(key)) pair_in_order(key);
    }
    for (const SameKey& key : keys) {
      if (!keeps_count(key)) pair_within_shifts(key);
    }
  }

 private:
  [[nodiscard]] EventKind kind_of(const SameKey& key) const { return a_.recording.events[key.a.front().event].kind; }
  [[nodiscard]] Picoseconds shift(const Entry& in_a, const Entry& in_b) const {
    return b_.recording.events[in_b.event].time - a_.recording.events[in_a.event].time;
  }

  /// As many in both runs, and of a thing that is the same one in both: which worker runs a work item is chance.
  [[nodiscard]] bool keeps_count(const SameKey& key) const {
    const Category category = info(kind_of(key)).category;
    return key.a.size() == key.b.size() && category != Category::os && category != Category::irq;
  }

  void pair(const Entry& in_a, const Entry& in_b) {
    result_.partner_of_a[in_a.event] = in_b.event;
    result_.partner_of_b[in_b.event] = in_a.event;
    ++result_.both;
  }

  void pair_in_order(const SameKey& key) {
    const bool is_certain = key.a.size() == 1 || EventIdentities::is_of_job(kind_of(key));
    for (std::size_t i = 0; i < key.a.size(); ++i) {
      pair(key.a[i], key.b[i]);
      if (is_certain) certain_.add(shift(key.a[i], key.b[i]));
    }
  }

  /// One that comes earlier or later than all that is certain has no partner, and those behind it do not slip.
  void pair_within_shifts(const SameKey& key) {
    std::size_t in_a = 0;
    std::size_t in_b = 0;
    while (in_a < key.a.size() && in_b < key.b.size()) {
      const Picoseconds by = shift(key.a[in_a], key.b[in_b]);
      if (!certain_.is_empty() && by > certain_.most) {
        ++in_a;
      } else if (!certain_.is_empty() && by < certain_.least) {
        ++in_b;
      } else {
        pair(key.a[in_a++], key.b[in_b++]);
      }
    }
  }

  const RunSide& a_;
  const RunSide& b_;
  Alignment& result_;
  Shifts certain_;
};

/// The entries of the first key.
[[nodiscard]] Entries first_of(Entries entries) {
  const auto* const begin = entries.data();
  const auto* end = begin;
  while (end != begin + entries.size() && end->key == begin->key) ++end;
  return {begin, end};
}

void find_partners(const RunSide& a, const RunSide& b, Alignment& result) {
  result.partner_of_a.assign(a.recording.events.size(), kNoPartner);
  result.partner_of_b.assign(b.recording.events.size(), kNoPartner);
  const std::vector<Entry> of_a = sorted_by_who(a);
  const std::vector<Entry> of_b = sorted_by_who(b);
  std::vector<SameKey> keys;
  Entries rest_a{of_a};
  Entries rest_b{of_b};
  while (!rest_a.empty() && !rest_b.empty()) {
    const SameKey first{first_of(rest_a), first_of(rest_b)};
    const std::uint64_t key_a = rest_a.front().key;
    const std::uint64_t key_b = rest_b.front().key;
    if (key_a == key_b) keys.push_back(first);
    if (key_a <= key_b) rest_a = rest_a.subspan(first.a.size());
    if (key_b <= key_a) rest_b = rest_b.subspan(first.b.size());
  }
  Pairing{a, b, result}.run(keys);
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
