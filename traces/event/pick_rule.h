// SPDX-License-Identifier: MIT
// decision: the rule by which the firmware picked a queue, as its records bear it out. Rules belong to policies of the
// run-list (docs/firmware.md); only_candidate and none to all.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gpusim::trace {

enum class PickRule : std::uint8_t {
  none,               ///< another one was before it, by the policy's own rules
  only_candidate,     ///< nobody else could be picked for the engine
  highest_level,      ///< the others are of lower levels
  first_in_line,      ///< round_robin: of its level it waits for longest
  first_in_rotation,  ///< tick_rotation, host_slots: of its level the first in the order of residents
  same_process,       ///< list_walk: the walk goes on in the process that the engine was at
  next_process,       ///< list_walk: that one's turn is over, or it has nothing to do
};
/// By PickRule, as in traces.
inline constexpr std::array<std::string_view, 7> kPickRuleNames{
    "none", "only_candidate", "highest_level", "first_in_line", "first_in_rotation", "same_process", "next_process"};
static_assert(kPickRuleNames.size() == static_cast<std::size_t>(PickRule::next_process) + 1);

}  // namespace gpusim::trace
