// SPDX-License-Identifier: MIT
// What a duration that was written wrongly may have meant: "quantum_us = 500" for quantum_ms = 0.5.
#pragma once

#include <optional>
#include <string>

#include "sim/scenario/document.h"
#include "sim/scenario/parameter.h"

namespace gpusim::scenario {

/// For a key without a unit: the key with one, and the value if it can be read.
[[nodiscard]] std::string with_unit(const Parameter& parameter, const Node& value);

/// For a value that a key with that unit does not take; empty if there is no guess. Decimals get a smaller unit, a text
/// such as "1 ms" the key of its unit, a range that is the wrong way round is turned.
[[nodiscard]] std::string other_duration(const Parameter& parameter, Unit unit, const Node& value);

}  // namespace gpusim::scenario
