// SPDX-License-Identifier: MIT
#include "sim/app/source_lines.h"

#include <algorithm>
#include <cstddef>
#include <sstream>

#include "base/printable.h"
#include "base/read_file.h"

namespace gpusim::app {

namespace {

constexpr std::string_view kIndent = "    ";
constexpr std::size_t kWidth = 100;  // of what is shown of a line

/// What a terminal would obey, and what is no UTF-8, as one character that is harmless; a tab as a blank.
[[nodiscard]] std::string harmless(const std::string& character) {
  if (character == "\t") return " ";
  return printable(character) == character ? character : "?";
}

[[nodiscard]] std::vector<std::string> characters(std::string_view line) {
  std::vector<std::string> result;
  for (const char c : line) {
    const bool goes_on = (static_cast<unsigned char>(c) & 0xc0U) == 0x80U && !result.empty();
    if (goes_on) {
      result.back() += c;
    } else {
      result.emplace_back(1, c);
    }
  }
  std::transform(result.begin(), result.end(), result.begin(), harmless);
  return result;
}

}  // namespace

std::string marked(std::string_view line, std::uint32_t column) {
  if (column == 0) return {};
  const std::vector<std::string> all = characters(line);
  const std::size_t at = column - 1;
  if (at > all.size()) return {};
  // A window around the column, with dots where something is left out.
  const std::size_t begin =
      all.size() <= kWidth || at < kWidth / 2 ? 0 : std::min(at - kWidth / 2, all.size() - kWidth);
  const std::size_t end = std::min(begin + kWidth, all.size());
  std::string text{kIndent};
  if (begin > 0) text += "...";
  for (std::size_t i = begin; i < end; ++i) text += all[i];
  if (end < all.size()) text += "...";
  return text + '\n' + std::string{kIndent} + std::string(at - begin + (begin > 0 ? 3 : 0), ' ') + '^';
}

std::optional<std::string> SourceLines::line_of(const scenario::Place& place) {
  const auto option = [&](const std::vector<std::string>& values) {
    return place.line <= values.size() ? std::optional{values[place.line - 1]} : std::nullopt;
  };
  if (place.file == "--set") return option(given_.sets);
  if (place.file == "--variant") return option(given_.variants);
  if (place.file.starts_with("--")) return std::nullopt;
  const auto [found, is_new] = files_.try_emplace(place.file);
  if (is_new) {
    std::istringstream text{read_file(place.file).value_or("")};
    for (std::string line; std::getline(text, line);) {
      if (line.ends_with('\r')) line.pop_back();
      found->second.push_back(std::move(line));
    }
  }
  return place.line <= found->second.size() ? std::optional{found->second[place.line - 1]} : std::nullopt;
}

std::string SourceLines::shown(const scenario::Place& place) {
  if (place.line == 0 || place.column == 0) return {};
  const std::optional<std::string> line = line_of(place);
  if (!line) return {};
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  const bool has_mark = place.line == 1 && line->starts_with(kByteOrderMark);
  return marked(has_mark ? std::string_view{*line}.substr(kByteOrderMark.size()) : std::string_view{*line},
                place.column);
}

}  // namespace gpusim::app
