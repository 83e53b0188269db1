// SPDX-License-Identifier: MIT
// The TOML library guards against deep arrays, not against deep keys, and its trees are walked recursively.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gpusim::scenario {

inline constexpr std::uint32_t kMostKeyParts = 32;  ///< parameters have less than five

struct TextPlace {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

/// The first key of a TOML text with more dots than that, if there is one.
[[nodiscard]] std::optional<TextPlace> too_deep_key(std::string_view text);

}  // namespace gpusim::scenario
