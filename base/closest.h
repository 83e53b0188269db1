// SPDX-License-Identifier: MIT
// "Did you mean": which of the words that would be right comes next to one that is not.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace gpusim {

/// The candidate with the smallest edit distance (case ignored), if that is at most 2 and less than the word's length;
/// or else the shortest one that begins with the word, which has four letters or ends where a word of the candidate
/// does: "hung" of "hung_job"; else empty.
[[nodiscard]] std::string closest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace gpusim
