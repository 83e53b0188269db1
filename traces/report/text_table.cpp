// SPDX-License-Identifier: MIT
#include "traces/report/text_table.h"

#include <algorithm>

#include "base/grown.h"

namespace gpusim::trace {
namespace {

/// Code points of UTF-8: what a terminal gives one column each, as far as reports go.
[[nodiscard]] std::size_t columns(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

}  // namespace

void TextTable::write(std::ostream& out) const {
  std::vector<std::size_t> widths;
  for (const auto& row : rows_) {
    for (std::size_t column = 0; column < row.size(); ++column) {
      std::size_t& width = grown(widths, column);
      width = std::max(width, columns(row[column]));
    }
  }
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t column = 0; column < row.size(); ++column) {
      const std::string padding(widths[column] - columns(row[column]), ' ');
      if (column > 0) line += "  ";
      line += column == 0 || others_ == Align::left ? row[column] + padding : padding + row[column];
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << '\n';
  }
}

}  // namespace gpusim::trace
