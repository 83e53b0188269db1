// SPDX-License-Identifier: MIT
// Rows of text in aligned columns, two spaces apart, or as a table in Markdown.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gpusim::trace {

/// How a page is to look.
struct PageForm {
  std::size_t width = 0;  ///< columns that it may take, at least kLeastWidth; 0: as many as it needs
  bool is_coloured = false;
  bool is_markdown = false;  ///< lines are as long as they get, and nothing is coloured
};
inline constexpr std::size_t kLeastWidth = 40;

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
  /// The last cell of the last row says that something is bad: red, where there are colours.
  void alarm() { alarms_.emplace(rows_.size() - 1, rows_.back().size() - 1); }
  /// The last cell of each row is text to be read: aligned to the left.
  void end_in_text() { ends_in_text_ = true; }
  /// Tables that follow under it, if it is too wide, begin with the second column, too: the first does not say what a
  /// row is of.
  void repeat_second() { repeated_ = 2; }

  /// If it is too wide, the names of the first column are cut in the middle, with an ellipsis, down to a third of the
  /// width, or to what still tells them apart; the columns that do not fit then follow in a second table under it that
  /// repeats the first column, of rows with something in them, and so on. A second column that is repeated
  /// is cut like names, so that a quarter of the width is left.
  void write(std::ostream& out, const PageForm& form = {}) const;

 private:
  void fit_repeated(std::vector<std::size_t>& widths, std::size_t total, std::size_t width) const;
  void write_columns(std::ostream& out, const std::vector<std::size_t>& widths, std::size_t from, std::size_t to,
                     bool is_coloured) const;
  void write_markdown(std::ostream& out) const;

  Align others_;
  bool ends_in_text_ = false;
  std::size_t repeated_ = 1;
  std::vector<std::vector<std::string>> rows_;
  std::set<std::pair<std::size_t, std::size_t>> alarms_;  ///< row, column
};

/// In red, if the page is coloured.
[[nodiscard]] std::string alarming(std::string_view text, const PageForm& form);

/// One paragraph and its newline, broken at blanks where it is too wide; later lines are indented by two.
void write_paragraph(std::ostream& out, std::string_view text, const PageForm& form);

}  // namespace gpusim::trace
