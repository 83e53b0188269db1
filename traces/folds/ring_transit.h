// SPDX-License-Identifier: MIT
// The jobs of one queue whose ring entry is written and which the firmware has not announced yet, in ring order, with
// two marks: how far doorbells were rung, and how far one has arrived. One doorbell may cover several entries.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/ids.h"

namespace gpusim::trace {

class RingTransit {
 public:
  struct Entry {
    JobId job;
    std::uint64_t index = 0;  ///< of its ring entry, since creation of the queue
  };

  /// `index` is above that of all entries before.
  void written(JobId job, std::uint64_t index) {
    if (tail_ - head_ == ring_.size()) grow();
    at(tail_++) = {job, index};
  }

  /// Calls `then(entry)` for each entry below `write_index` that was not rung yet.
  template <class Then>
  void rung(std::uint64_t write_index, Then then) {
    while (rung_ < tail_ && at(rung_).index < write_index) then(at(rung_++));
  }

  /// The same for the arrival of a doorbell.
  template <class Then>
  void arrived(std::uint64_t write_index, Then then) {
    while (arrived_ < tail_ && at(arrived_).index < write_index) then(at(arrived_++));
    rung_ = std::max(rung_, arrived_);
  }

  /// Calls `then(entry)` for each entry whose doorbell has arrived and that is not announced.
  template <class Then>
  void for_each_arrived(Then then) {
    for (std::uint64_t p = head_; p < arrived_; ++p) then(at(p));
  }

  /// The firmware has seen all below `write_index`: they leave.
  template <class Then>
  void announced(std::uint64_t write_index, Then then) {
    while (head_ < tail_ && at(head_).index < write_index) then(at(head_++));
    arrived_ = std::max(arrived_, head_);
    rung_ = std::max(rung_, head_);
  }

 private:
  [[nodiscard]] Entry& at(std::uint64_t position) {
    return ring_[static_cast<std::size_t>(position) & (ring_.size() - 1)];
  }

  void grow() {
    std::vector<Entry> larger(std::max<std::size_t>(4, ring_.size() * 2));
    for (std::uint64_t p = head_; p != tail_; ++p) larger[static_cast<std::size_t>(p) & (larger.size() - 1)] = at(p);
    ring_ = std::move(larger);
  }

  std::vector<Entry> ring_;
  std::uint64_t head_ = 0;  // positions since creation; head_ <= arrived_ <= rung_ <= tail_
  std::uint64_t arrived_ = 0;
  std::uint64_t rung_ = 0;
  std::uint64_t tail_ = 0;
};

}  // namespace gpusim::trace
