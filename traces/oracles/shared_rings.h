// SPDX-License-Identifier: MIT
// Which queues share a ring, for oracles that hold something about a ring.
#pragma once

#include <vector>

#include "base/grown.h"
#include "base/ids.h"

namespace gpusim::trace {

class SharedRings {
 public:
  void add(QueueId queue, QueueId ring) { grown(rings_, queue) = ring; }
  /// The queue itself, if it shares none.
  [[nodiscard]] QueueId ring_of(QueueId queue) const {
    const QueueId ring = queue.value() < rings_.size() ? rings_[queue.value()] : QueueId{};
    return ring == QueueId{} ? queue : ring;
  }

 private:
  std::vector<QueueId> rings_;  // by queue; 0: none
};

}  // namespace gpusim::trace
