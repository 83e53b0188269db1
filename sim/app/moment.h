// SPDX-License-Identifier: MIT
// A moment of a run as a user writes it: "1.234ms", "1.234 ms".
#pragma once

#include <optional>
#include <string_view>

#include "base/time.h"

namespace gpusim::app {

/// None if it is no decimal number with a unit of time (ps, ns, us, ms, s), is finer than a picosecond or later than
/// any run.
[[nodiscard]] std::optional<SimTime> read_moment(std::string_view text);

}  // namespace gpusim::app
