// SPDX-License-Identifier: MIT
// Each job of one run beside the same job of another, and what their lives differ in.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/wide.h"
#include "traces/inspect/alignment.h"
#include "traces/inspect/lives.h"

namespace gpusim::trace {

/// Jobs that ended in both runs; in order of number in A.
struct JobPair {
  RecordedLife a;
  RecordedLife b;
  [[nodiscard]] Picoseconds later() const { return b.life.length() - a.life.length(); }
};

struct JobPairs {
  std::vector<JobPair> ended;
  std::uint64_t only_a = 0;  ///< jobs that have no like in B
  std::uint64_t only_b = 0;
  std::uint64_t other_end = 0;  ///< ended in one of them only, or with another error
};
[[nodiscard]] JobPairs pair_jobs(const RunSide& a, const RunSide& b);

/// A sum over jobs, in both runs, and by how much each of them differs.
struct Change {
  std::string name;
  std::uint64_t jobs = 0;     ///< that have it
  std::uint64_t changed = 0;  ///< of them
  SignedWide a = 0;
  SignedWide b = 0;
  Picoseconds least{Picoseconds::max()};  ///< B - A of one job, of those that changed
  Picoseconds most{Picoseconds::min()};

  void add(Picoseconds in_a, Picoseconds in_b);
  [[nodiscard]] SignedWide by() const { return b - a; }
  [[nodiscard]] SignedWide size() const { return by() < 0 ? -by() : by(); }
  /// "+10 ns each", "+10 ns in 3 jobs", "-5 ns to +10 ns in 3 jobs"; "-": none changed.
  [[nodiscard]] std::string each() const;
  /// The same with `least` and `most` in words.
  [[nodiscard]] std::string each(const std::string& least_text, const std::string& most_text) const;
};

[[nodiscard]] Change change_of_life(const JobPairs& pairs);
/// Largest first; those in which nothing changed are left out.
[[nodiscard]] std::vector<Change> changes_by_cause(const JobPairs& pairs);
[[nodiscard]] std::vector<Change> changes_by_client(const JobPairs& pairs, const Names& names);
/// Largest change first, then by number.
[[nodiscard]] std::vector<JobPair> most_changed(const JobPairs& pairs, std::size_t most);

/// Of a pair, the cause that differs most.
[[nodiscard]] Cause main_cause(const JobPair& pair);

}  // namespace gpusim::trace
