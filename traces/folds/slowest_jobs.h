// SPDX-License-Identifier: MIT
// The jobs that took longest, however many there are: a list of a fixed length.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "traces/folds/job_life.h"

namespace gpusim::trace {

class SlowestJobs {
 public:
  static constexpr std::size_t kMost = 10;
  static constexpr std::size_t kMostOfClient = 3;

  explicit SlowestJobs(std::size_t most = kMost) : most_{most} {}

  struct Entry {
    JobLife life;
    bool is_finished = true;  ///< false: its length is its age at the end of the run
  };

  void add(const JobLife& life, bool is_finished = true) {
    if (entries_.size() == most_ && life.length() <= entries_.back().life.length()) return;
    const auto after =
        std::upper_bound(entries_.begin(), entries_.end(), life,
                         [](const JobLife& one, const Entry& by) { return one.length() > by.life.length(); });
    entries_.insert(after, Entry{life, is_finished});
    if (entries_.size() > most_) entries_.pop_back();
  }

  void add(const SlowestJobs& other) {
    for (const Entry& entry : other.entries_) add(entry.life, entry.is_finished);
  }

  /// The slowest first; of two that took the same time the one that ended first.
  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::size_t most_;
  std::vector<Entry> entries_;
};

}  // namespace gpusim::trace
