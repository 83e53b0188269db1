// SPDX-License-Identifier: MIT
// What an exploration gives a machine: the source of its choices, and until when it disturbs.
#pragma once

#include <cstdint>

#include "base/choice.h"
#include "base/time.h"

namespace gpusim::system {

struct Exploration {
  explicit Exploration(std::uint64_t seed) : choices{seed} {}
  explicit Exploration(const Schedule& schedule) : choices{schedule} {}

  ChoiceSource choices;
  Picoseconds active{0};     ///< how long the scenario lasts undisturbed: when to strike
  SimTime horizon = kNever;  ///< nothing is disturbed after it
  SimTime limit = kNever;    ///< by then everything must have drained
};

}  // namespace gpusim::system
