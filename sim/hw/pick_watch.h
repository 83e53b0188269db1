// SPDX-License-Identifier: MIT
// Why the firmware has picked a queue for an engine, read from its records at the moment of the order: for traces. The
// firmware itself says nothing and takes no instruction for it, so that an image is the same with and without, and what
// is said is what the records bear out, whoever has made the choice (decision 38). A pick costs a look at each
// registered queue.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "firmware/abi/device.h"
#include "firmware/runlist/records.h"
#include "traces/event/make.h"

namespace gpusim::hw {

class PickWatch {
 public:
  /// `policy`: whose rules are looked for.
  explicit PickWatch(abi::RunPolicy policy) : policy_{policy} {}

  /// The firmware knows the queue from here on. `engines`: bit n: it may run on engine n.
  void enter(std::uint32_t queue, std::uint32_t engines) { known_.push_back({queue, engines}); }
  void leave(std::uint32_t queue);
  /// The firmware starts from nothing.
  void reset();

  /// Pre: the firmware has just ordered the engine to run that queue, and done nothing else since it chose it. `chosen`
  /// is an id within `queues`.
  [[nodiscard]] trace::decision decide(std::span<const fw::QueueRecord> queues, std::uint32_t engine,
                                       std::uint32_t chosen);

 private:
  struct Known {
    std::uint32_t queue;
    std::uint32_t engines;
  };
  using Levels = std::array<std::uint32_t, abi::kPriorityLevels>;

  [[nodiscard]] trace::PickRule rule_of(const fw::QueueRecord& chosen, const Levels& candidates, bool is_first,
                                        std::uint32_t engine) const;

  abi::RunPolicy policy_;
  std::vector<Known> known_;                               // registered queues, in no order
  std::array<std::uint32_t, abi::kMaxEngines> process_{};  // list_walk: whose queue the engine had last
};

}  // namespace gpusim::hw
