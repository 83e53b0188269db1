// SPDX-License-Identifier: MIT
// Field-level reading for the .wsim parser: splitting, numbers, sizes, engine names.
//
// Knows nothing of steps or programs. All readers are strict: the whole text must match, nothing is skipped.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/workload/wsim_program.h"

namespace gpusim::workload {

// A piece of a line and its 1-based column.
struct Field {
  std::string_view text;
  std::uint32_t column = 1;

  [[nodiscard]] std::uint32_t end_column() const noexcept { return column + static_cast<std::uint32_t>(text.size()); }
  [[nodiscard]] Field from(std::size_t offset) const noexcept {
    return {text.substr(offset), column + static_cast<std::uint32_t>(offset)};
  }
  [[nodiscard]] Field until(std::size_t offset) const noexcept { return {text.substr(0, offset), column}; }
};

// The largest number a descriptor may hold: gem_wsim reads into an int.
inline constexpr std::int64_t int_max = 2'147'483'647;

// The text in single quotes, for messages.
[[nodiscard]] inline std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

// Pieces between the separators; empty pieces are kept, so that they can be reported.
[[nodiscard]] std::vector<Field> split(Field text, char separator);

// The field without blanks and carriage returns at both ends.
[[nodiscard]] Field trim(Field text);

// Decimal digits with an optional leading '-', within +-int_max.
[[nodiscard]] std::optional<std::int64_t> read_integer(std::string_view text);

// Bytes with an optional suffix k, m or g (powers of 1024, either case); at least 1 and below 2^63.
[[nodiscard]] std::optional<std::uint64_t> read_size(std::string_view text);

// An engine name in either case. Classes of one instance may carry a 1 (RCS1).
[[nodiscard]] std::optional<WsimEngine> read_engine(std::string_view text);

// Every engine name, for messages.
[[nodiscard]] std::span<const std::string_view> engine_names();

}  // namespace gpusim::workload
