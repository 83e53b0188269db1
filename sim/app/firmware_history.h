// SPDX-License-Identifier: MIT
// What the firmware decided up to a moment of a run, and the run-list that it had then: the run is made once more, up
// to there, with its decisions traced and its run-list looked at in each.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "sim/scenario/spec.h"
#include "sim/system/machine.h"
#include "traces/event/make.h"

namespace gpusim::app {

/// What a decision chose among.
struct FirmwareDecision {
  trace::decision event;
  SimTime begin{};                                ///< when the firmware began to choose
  std::vector<hw::FirmwareView::Waiter> among{};  ///< by level, then in turn; the chosen one first of its level
};

/// How many queues it could have picked, by level.
[[nodiscard]] inline std::array<std::uint32_t, 4> candidates_of(const trace::decision& made) {
  return {made.level_0, made.level_1, made.level_2, made.level_3};
}

struct PassedOver {
  trace::decision event;
  std::optional<std::uint64_t> ahead{};  ///< queues that stood before the one passed over; none: the order is not known
};

struct FirmwareHistory {
  hw::FirmwareView run_list;                              ///< at the moment
  bool has_decisions = false;                             ///< false: the firmware is a plug-in's
  std::map<std::uint32_t, FirmwareDecision> decisions{};  ///< by engine, the last
  std::optional<PassedOver> passed_over{};                ///< the last that chose another than `waiter`, which could
                                                          ///< have been picked; none since that had an engine last
};

/// `waiter`: 0: nobody is asked about. What it may use is `engine_mask`.
[[nodiscard]] FirmwareHistory firmware_history(const scenario::ScenarioSpec& spec, SimTime moment, QueueId waiter,
                                               std::uint32_t engine_mask);

}  // namespace gpusim::app
