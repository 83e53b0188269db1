// SPDX-License-Identifier: MIT
#include "base/printable.h"

#include <array>

#include <fmt/core.h>

namespace gpusim {

namespace {

[[nodiscard]] unsigned byte_at(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

/// Pre: it is as long as its first byte says, and goes on with bytes that may follow.
[[nodiscard]] unsigned code_point(std::string_view character) {
  static constexpr std::array<unsigned, 5> kOfFirst{0, 0x7f, 0x1f, 0x0f, 0x07};
  unsigned value = byte_at(character, 0) & kOfFirst.at(character.size());
  for (std::size_t i = 1; i < character.size(); ++i) value = value << 6 | (byte_at(character, i) & 0x3f);
  return value;
}

[[nodiscard]] bool is_control(unsigned value) { return value < 0x20 || (value >= 0x7f && value < 0xa0); }

}  // namespace

std::size_t character_length(std::string_view text) {
  if (text.empty()) return 0;
  const unsigned first = byte_at(text, 0);
  const std::size_t length = first < 0x80             ? 1
                             : (first & 0xe0) == 0xc0 ? 2
                             : (first & 0xf0) == 0xe0 ? 3
                             : (first & 0xf8) == 0xf0 ? 4
                                                      : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte_at(text, i) & 0xc0) != 0x80) return 0;
  }
  // Not in more bytes than needed, no half of a pair, nothing behind the last one.
  static constexpr std::array<unsigned, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
  const unsigned value = code_point(text.substr(0, length));
  const bool is_valid = value >= kLeast.at(length) && (value < 0xd800 || value > 0xdfff) && value <= 0x10ffff;
  return is_valid ? length : 0;
}

std::string printable(std::string_view text, std::string_view kept) {
  std::string result;
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    const std::string_view character = text.substr(0, length == 0 ? 1 : length);
    text.remove_prefix(character.size());
    if (length == 0) {
      result += fmt::format("\\x{:02x}", byte_at(character, 0));
    } else if (!is_control(code_point(character)) || kept.find(character) != std::string_view::npos) {
      result += character;
    } else if (character == "\n") {
      result += "\\n";
    } else {
      result += fmt::format("\\u{:04x}", code_point(character));
    }
  }
  return result;
}

}  // namespace gpusim
