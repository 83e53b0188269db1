// SPDX-License-Identifier: MIT
// A TOML text as a plain tree in which every key and value has its place. Keeps the TOML library in one source file.
// Knows nothing of parameters.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/problem.h"

namespace gpusim::scenario {

struct Entry;

struct Node {
  enum class Kind : std::uint8_t { boolean, integer, text, list, table, other };

  Kind kind = Kind::other;
  Place place;
  std::int64_t integer = 0;  ///< boolean: 0 or 1
  std::string text;          ///< text; other: its name and value in words ("floating-point number 1.5")
  std::vector<Node> list;
  std::vector<Entry> table;  ///< in the order of the text

  [[nodiscard]] const Entry* find(std::string_view key) const;
};

struct Entry {
  std::string key;
  Place place;  ///< of the key
  Node value;
};

/// "string 'four'", "integer 17", "true", "a table": for "must be ..., not ...".
[[nodiscard]] std::string describe(const Node& node);

/// The table that the text is. None, and one more problem, when the text is not TOML: the library stops at the first
/// syntax error. `file` is only used in places.
[[nodiscard]] std::optional<Node> parse_document(std::string_view text, const std::string& file,
                                                 std::vector<Problem>& problems);

/// One "key.path=value" as the user types it after --set, as a table of one entry; places are
/// "--set:<number>:<column>". A value that is no TOML but a bare word (letters, digits, _ . / -) is taken as a string.
[[nodiscard]] std::optional<Node> parse_override(std::string_view text, std::uint32_t number,
                                                 std::vector<Problem>& problems);

}  // namespace gpusim::scenario
