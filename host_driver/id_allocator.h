// SPDX-License-Identifier: MIT
// The firmware's ids of queues, 1..max. An id is reused only after its owner has given it back, when the firmware has
// answered the deregistration. Lowest free id first, as xe's id manager does: an id is reused at once, so anything that
// still refers to the earlier owner (a late doorbell, a report, a context image) is detected. A least-recently-used
// order would hide it until all ids had been used.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <vector>

namespace gpusim::drv {

class IdAllocator {
 public:
  explicit IdAllocator(std::uint32_t max) : max_{max} {}

  /// Empty if all are in use.
  [[nodiscard]] std::optional<std::uint32_t> take() {
    if (!free_.empty()) {
      const std::uint32_t id = free_.top();
      free_.pop();
      return id;
    }
    if (last_ == max_) return std::nullopt;
    return ++last_;
  }
  void give_back(std::uint32_t id) { free_.push(id); }

 private:
  std::uint32_t max_;
  std::uint32_t last_ = 0;  // ids up to here have been in use
  std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, std::greater<>> free_;
};

}  // namespace gpusim::drv
