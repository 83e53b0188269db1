// SPDX-License-Identifier: MIT
// Rows of text in aligned columns: the first column to the left, all others to the right.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace gpusim::trace {

class TextTable {
 public:
  /// A row may be shorter than others.
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  void write(std::ostream& out) const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace gpusim::trace
