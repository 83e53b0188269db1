// SPDX-License-Identifier: MIT
// Which faults an exploration may inject by itself. A fault that the model has no recovery for yet would end every
// exploration as a stall, so its row says false until there is one; a scenario can still ask for it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/choice.h"

namespace gpusim::fault {

enum class Kind : std::uint8_t { lost_interrupt, lost_doorbell };

struct ExploredFault {
  Kind kind;
  ChoicePlace place;
  bool enabled;
};

// One row for each kind, in the order of Kind.
inline constexpr std::array kExploredFaults{
    ExploredFault{Kind::lost_interrupt, "lost_interrupt", false},  // needs the timeout of jobs
    ExploredFault{Kind::lost_doorbell, "lost_doorbell", false},    // likewise
};

[[nodiscard]] constexpr const ExploredFault& explored(Kind kind) {
  return kExploredFaults[static_cast<std::size_t>(kind)];
}

}  // namespace gpusim::fault
