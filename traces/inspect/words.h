// SPDX-License-Identifier: MIT
// Times in sentences: exact, so that a reader can subtract them.
#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"

namespace gpusim::trace {

/// "12.345678 us", "0 ps", "-10 ns": exact, in the largest unit that keeps the whole part above zero.
[[nodiscard]] std::string exact(Picoseconds duration);
[[nodiscard]] inline std::string exact(SimTime time) { return exact(time.time_since_epoch()); }
/// The same with a sign: "+10 ns"; "0" if there is nothing.
[[nodiscard]] std::string difference(Picoseconds duration);

/// "1 job", "3 jobs".
[[nodiscard]] std::string counted(std::uint64_t count, const char* noun);
/// "1st", "22nd", "113th".
[[nodiscard]] std::string ordinal(std::uint64_t number);

}  // namespace gpusim::trace
