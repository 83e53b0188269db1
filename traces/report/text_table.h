// SPDX-License-Identifier: MIT
// Rows of text in aligned columns, two spaces apart.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

namespace gpusim::trace {

class TextTable {
 public:
  /// The first column is aligned to the left, all others as `others` says.
  enum class Align : std::uint8_t { left, right };
  explicit TextTable(Align others = Align::right) : others_{others} {}

  /// A row may be shorter than others.
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  /// Adds cells to the last row.
  void append(const std::vector<std::string>& cells) {
    rows_.back().insert(rows_.back().end(), cells.begin(), cells.end());
  }
  void write(std::ostream& out) const;

 private:
  Align others_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace gpusim::trace
