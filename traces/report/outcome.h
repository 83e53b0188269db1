// SPDX-License-Identifier: MIT
// How a run came to its end.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace gpusim::trace {

enum class Outcome : std::uint8_t {
  finished,     ///< every client is done and everything drained
  stopped,      ///< the scenario's stop rule, or the limit of an exploration
  stalled,      ///< nothing left to happen, and a client is unfinished or a thread of the kernel's waits
  interrupted,  ///< the caller's flag
};

inline constexpr std::array<std::string_view, 4> kOutcomeNames{"finished", "stopped", "stalled", "interrupted"};
static_assert(kOutcomeNames.size() == static_cast<std::size_t>(Outcome::interrupted) + 1);

[[nodiscard]] constexpr std::string_view to_string(Outcome outcome) {
  return kOutcomeNames[static_cast<std::size_t>(outcome)];
}

}  // namespace gpusim::trace
