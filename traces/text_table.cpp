// SPDX-License-Identifier: MIT
#include "traces/text_table.h"

#include <algorithm>

#include "traces/grown.h"

namespace gpusim::trace {

void TextTable::write(std::ostream& out) const {
  std::vector<std::size_t> widths;
  for (const auto& row : rows_) {
    for (std::size_t column = 0; column < row.size(); ++column) {
      std::size_t& width = grown(widths, column);
      width = std::max(width, row[column].size());
    }
  }
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t column = 0; column < row.size(); ++column) {
      const std::string padding(widths[column] - row[column].size(), ' ');
      line += column == 0 ? row[column] + padding : "  " + padding + row[column];
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << '\n';
  }
}

}  // namespace gpusim::trace
