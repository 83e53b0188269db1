// SPDX-License-Identifier: MIT
// What the rule says that an action breaks.
#pragma once

#include <string>

#include "base/invariant.h"

namespace gpusim::test {

/// "oracle: what"; empty if it breaks none.
template <class Action>
[[nodiscard]] std::string violation_of(Action action) {
  try {
    action();
  } catch (const InvariantViolation& violation) {
    return violation.what();
  }
  return {};
}

/// The oracle alone; empty if it breaks none.
template <class Action>
[[nodiscard]] std::string oracle_of(Action action) {
  const std::string text = violation_of(action);
  return text.substr(0, text.find(':'));
}

}  // namespace gpusim::test
