// SPDX-License-Identifier: MIT
// Times in sentences: exact, so that a reader can subtract them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "base/wide.h"

namespace gpusim::trace {

/// "12.345678 us", "0 ps", "-10 ns": exact, in the largest unit that keeps the whole part above zero.
[[nodiscard]] std::string exact(Picoseconds duration);
[[nodiscard]] inline std::string exact(SimTime time) { return exact(time.time_since_epoch()); }
/// The same with a sign: "+10 ns"; "0" if there is nothing.
[[nodiscard]] std::string difference(Picoseconds duration);

/// Times of one column, exact, all in the unit of the largest and with as many decimals as one of them needs: "0.300
/// us". With a sign in front of what is more than zero, if `is_signed`; zero is then "0".
[[nodiscard]] std::vector<std::string> exact_column(const std::vector<SignedWide>& picoseconds, bool is_signed = false);

/// "1 job", "3 jobs".
[[nodiscard]] std::string counted(std::uint64_t count, const char* noun);
/// "1st", "22nd", "113th".
[[nodiscard]] std::string ordinal(std::uint64_t number);

}  // namespace gpusim::trace
