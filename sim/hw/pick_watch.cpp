// SPDX-License-Identifier: MIT
#include "sim/hw/pick_watch.h"

#include <algorithm>
#include <numeric>

#include "firmware/runlist/list_walk.h"
#include "sim/hw/firmware_registers.h"

namespace gpusim::hw {

namespace {

[[nodiscard]] std::uint32_t walked_process(const fw::QueueRecord& record) {
  return record.ticket % fw::ListWalk<fw::RegisterHal<FirmwareRegisters>>::kProcesses;
}

/// Of two of a level. Tickets are compared modulo 2^32 (fw::RunLines); in a rotation they are places.
[[nodiscard]] bool stands_before(const fw::QueueRecord& one, const fw::QueueRecord& other) {
  return static_cast<std::int32_t>(one.ticket - other.ticket) < 0;
}

}  // namespace

void PickWatch::leave(std::uint32_t queue) {
  const auto found =
      std::find_if(known_.begin(), known_.end(), [queue](const Known& known) { return known.queue == queue; });
  if (found == known_.end()) return;
  *found = known_.back();
  known_.pop_back();
}

void PickWatch::reset() {
  known_.clear();
  process_.fill(0);
}

trace::decision PickWatch::decide(std::span<const fw::QueueRecord> queues, std::uint32_t engine, std::uint32_t chosen) {
  const fw::QueueRecord& own = queues[chosen];
  Levels candidates{};
  ++candidates[own.priority];
  bool is_first = true;
  for (const Known& known : known_) {
    const fw::QueueRecord& other = queues[known.queue];
    const bool is_candidate = other.state == fw::QueueState::runnable && (known.engines >> engine & 1) != 0;
    if (!is_candidate || known.queue == chosen) continue;
    ++candidates[other.priority];
    if (other.priority == own.priority && stands_before(other, own)) is_first = false;
  }
  const trace::PickRule rule = rule_of(own, candidates, is_first, engine);
  process_[engine] = walked_process(own);
  return {.queue = QueueId{own.tag},
          .engine = engine,
          .rule = rule,
          .level_0 = candidates[0],
          .level_1 = candidates[1],
          .level_2 = candidates[2],
          .level_3 = candidates[3]};
}

trace::PickRule PickWatch::rule_of(const fw::QueueRecord& chosen, const Levels& candidates, bool is_first,
                                   std::uint32_t engine) const {
  using Rule = trace::PickRule;
  if (std::accumulate(candidates.begin(), candidates.end(), 0U) == 1) return Rule::only_candidate;
  if (policy_ == abi::RunPolicy::list_walk) {
    return walked_process(chosen) == process_[engine] ? Rule::same_process : Rule::next_process;
  }
  const auto higher = candidates.begin() + chosen.priority;
  if (!is_first || std::any_of(candidates.begin(), higher, [](std::uint32_t count) { return count != 0; })) {
    return Rule::none;
  }
  if (candidates[chosen.priority] == 1) return Rule::highest_level;
  return policy_ == abi::RunPolicy::round_robin ? Rule::first_in_line : Rule::first_in_rotation;
}

}  // namespace gpusim::hw
