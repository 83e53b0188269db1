// SPDX-License-Identifier: MIT
#include "sim/scenario/key_depth.h"

#include <algorithm>
#include <cstddef>

namespace gpusim::scenario {

namespace {

/// The position behind the string that begins at `at`; of an open one the end of the text.
[[nodiscard]] std::size_t behind_string(std::string_view text, std::size_t at) {
  const char quote = text[at];
  const bool is_long = text.substr(at, 3) == std::string_view{quote == '"' ? "\"\"\"" : "'''"};
  const std::size_t length = is_long ? 3 : 1;
  const std::string_view end = text.substr(at, length);
  for (std::size_t i = at + length; i < text.size(); ++i) {
    if (text[i] == '\\' && quote == '"') {
      ++i;
    } else if (text.substr(i, length) == end) {
      return i + length;
    } else if (text[i] == '\n' && !is_long) {
      return i;
    }
  }
  return text.size();
}

[[nodiscard]] TextPlace place_of(std::string_view text, std::size_t at) {
  TextPlace place;
  for (const char c : text.substr(0, at)) {
    if (c == '\n') {
      place = {place.line + 1, 1};
    } else if ((static_cast<unsigned char>(c) & 0xc0U) != 0x80U) {
      ++place.column;
    }
  }
  return place;
}

}  // namespace

std::optional<TextPlace> too_deep_key(std::string_view text) {
  std::uint32_t dots = 0;
  std::size_t key = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"' || c == '\'') {
      at = behind_string(text, at);
      continue;
    }
    if (c == '#') {
      at = std::min(text.find('\n', at), text.size());
      continue;
    }
    if (c == '.') {
      if (++dots >= kMostKeyParts) return place_of(text, key);
    } else if (c == '\n' || c == '=' || c == ',' || c == '{' || c == '[') {
      dots = 0;
      key = at + 1;
    }
    ++at;
  }
  return std::nullopt;
}

}  // namespace gpusim::scenario
