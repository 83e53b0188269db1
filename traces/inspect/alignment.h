// SPDX-License-Identifier: MIT
// Which event of one run is which of another: the n-th about the same things is the n-th (EventIdentities), at whatever
// time, if both runs have as many. Otherwise, and of threads and interrupts, which are alike, one has a partner only
// within the time by which what is certain moves: events of jobs, and what happens once. From that: what only one of
// them has, what says something else, what comes at another time or in another order.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "traces/inspect/event_identity.h"

namespace gpusim::trace {

/// One of two runs that are compared.
struct RunSide {
  explicit RunSide(const Recording& of) : recording{of}, index{of}, identities{of, index} {
    events.reserve(of.events.size());
    for (const Event& event : of.events) events.push_back(identities.of(event));
  }
  RunSide(const RunSide&) = delete;
  RunSide& operator=(const RunSide&) = delete;

  const Recording& recording;
  RunIndex index;
  EventIdentities identities;
  std::vector<EventIdentity> events;
};

inline constexpr std::uint32_t kNoPartner = std::numeric_limits<std::uint32_t>::max();

/// Events of a kind at one place that both runs have, and not in one order.
struct OrderDifference {
  std::uint32_t first = 0;   ///< in A: comes later in B than the next one at that place
  std::uint32_t second = 0;  ///< in A: the next one there
  std::uint64_t moved = 0;   ///< so many have to be taken out for the rest to be in order
  std::uint64_t of = 0;      ///< events of that kind there
};

struct Alignment {
  std::vector<std::uint32_t> partner_of_a;  ///< by event of A: its index in B, or kNoPartner
  std::vector<std::uint32_t> partner_of_b;
  std::uint64_t only_a = 0;
  std::uint64_t only_b = 0;
  std::uint64_t both = 0;
  std::uint64_t other_time = 0;  ///< of both
  std::uint64_t other_content = 0;
  Picoseconds earliest{0};              ///< the least of B - A
  Picoseconds latest{0};                ///< the most
  std::vector<OrderDifference> orders;  ///< most events moved first
  /// Index of the first events that differ in anything, in both; none: the runs are equal.
  std::uint32_t first = kNoPartner;
};

/// Recordings of less than 2^32 - 1 events. Sorts both: n log n; with the sides some 80 bytes for each of their events.
[[nodiscard]] Alignment align(const RunSide& a, const RunSide& b);

}  // namespace gpusim::trace
