// SPDX-License-Identifier: MIT
#include "traces/report/text_table.h"

#include <algorithm>
#include <set>

#include "base/grown.h"

namespace gpusim::trace {
namespace {

constexpr std::string_view kRed = "\033[31m";
constexpr std::string_view kPlain = "\033[0m";
constexpr std::string_view kEllipsis = "…";
constexpr std::size_t kGap = 2;

[[nodiscard]] bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

/// Code points of UTF-8: what a terminal gives one column each, as far as reports go. Colours take none.
[[nodiscard]] std::size_t columns(std::string_view text) {
  std::size_t count = 0;
  bool is_escape = false;
  for (const char c : text) {
    if (c == kRed.front()) is_escape = true;
    if (!is_escape && begins_character(c)) ++count;
    if (c == kRed.back()) is_escape = false;
  }
  return count;
}

/// Where the character of this number begins, from 0; the end if there are no more.
[[nodiscard]] std::size_t place_of(std::string_view text, std::size_t number) {
  std::size_t seen = 0;
  std::size_t place = 0;
  for (; place < text.size(); ++place) {
    if (begins_character(text[place]) && seen++ == number) break;
  }
  return place;
}

/// At most `width` columns of it, an ellipsis in the last one if something is cut.
[[nodiscard]] std::string fitted(const std::string& text, std::size_t width) {
  if (columns(text) <= width) return text;
  return text.substr(0, place_of(text, width - 1)).append(kEllipsis);
}

/// The same of a name, cut in the middle: what tells names apart often stands at their ends.
[[nodiscard]] std::string fitted_name(const std::string& name, std::size_t width) {
  const std::size_t length = columns(name);
  if (length <= width) return name;
  const std::size_t tail = (width - 1) / 2;
  return name.substr(0, place_of(name, width - 1 - tail)).append(kEllipsis) +
         name.substr(place_of(name, length - tail));
}

/// From `least` on the first width in which names that differ look different.
[[nodiscard]] std::size_t telling_width(const std::vector<std::vector<std::string>>& rows, std::size_t least,
                                        std::size_t most) {
  std::set<std::string> names;
  for (const auto& row : rows) names.insert(row.front());
  const auto looks = [&](std::size_t width) {
    std::set<std::string> cut;
    for (const std::string& name : names) cut.insert(fitted_name(name, width));
    return cut.size();
  };
  for (std::size_t width = least; width < most; ++width) {
    if (looks(width) == names.size()) return width;
  }
  return least;
}

/// Whether a row has anything to say in columns [from, to).
[[nodiscard]] bool says_something(const std::vector<std::string>& row, std::size_t from, std::size_t to) {
  for (std::size_t column = from; column < std::min(row.size(), to); ++column) {
    if (!row[column].empty()) return true;
  }
  return false;
}

}  // namespace

void TextTable::write(std::ostream& out, const PageForm& form) const {
  if (form.is_markdown) return write_markdown(out);
  std::vector<std::size_t> widths;
  for (const auto& row : rows_) {
    for (std::size_t column = 0; column < row.size(); ++column) {
      std::size_t& width = grown(widths, column);
      width = std::max(width, columns(row[column]));
    }
  }
  if (widths.empty()) return;
  std::size_t total = widths.front();
  for (std::size_t column = 1; column < widths.size(); ++column) total += kGap + widths[column];
  if (form.width == 0 || total <= form.width) {
    return write_columns(out, widths, repeated_, widths.size(), form.is_coloured);
  }
  fit_repeated(widths, total, form.width);
  std::size_t repeated = widths.front();
  for (std::size_t column = 1; column < std::min(repeated_, widths.size()); ++column) repeated += kGap + widths[column];
  const std::size_t room = form.width - repeated - kGap;
  for (std::size_t column = repeated_; column < widths.size(); ++column)
    widths[column] = std::min(widths[column], room);
  std::size_t from = repeated_;
  do {
    std::size_t to = from;
    std::size_t used = repeated;
    while (to < widths.size() && used + kGap + widths[to] <= form.width) used += kGap + widths[to++];
    const bool is_needed = from == repeated_ || std::any_of(rows_.begin() + 1, rows_.end(), [&](const auto& row) {
                             return says_something(row, from, to);
                           });
    if (is_needed && from > repeated_) out << '\n';
    if (is_needed) write_columns(out, widths, from, to, form.is_coloured);
    from = to;
  } while (from < widths.size());
}

/// Cuts what stands in front of each part of a table that is `total` wide, and may be `width`.
void TextTable::fit_repeated(std::vector<std::size_t>& widths, std::size_t total, std::size_t width) const {
  const std::size_t others = total - widths.front();
  const std::size_t least = std::min(widths.front(), width / 3);
  const std::size_t wanted = std::max(least, widths.front() - std::min(widths.front(), total - width));
  const std::size_t most = repeated_ == 1 ? width / 3 * 2 : width / 3;
  widths.front() = telling_width(rows_, wanted, std::min(widths.front(), most) + 1);
  if (repeated_ == 1 || widths.size() == 1 || widths.front() + others <= width) return;
  widths[1] = std::min(widths[1], width - widths.front() - 2 * kGap - width / 4);
}

void TextTable::write_columns(std::ostream& out, const std::vector<std::size_t>& widths, std::size_t from,
                              std::size_t to, bool is_coloured) const {
  for (std::size_t number = 0; number < rows_.size(); ++number) {
    const auto& row = rows_[number];
    if (from > repeated_ && !says_something(row, from, to)) continue;
    std::string line;
    for (std::size_t column = 0; column < std::min(row.size(), to); ++column) {
      if (column >= repeated_ && column < from) continue;
      std::string text =
          column < repeated_ ? fitted_name(row[column], widths[column]) : fitted(row[column], widths[column]);
      const std::string padding(widths[column] - columns(text), ' ');
      const bool is_left = column == 0 || others_ == Align::left || (ends_in_text_ && column + 1 == widths.size());
      if (is_coloured && alarms_.contains({number, column})) text = std::string{kRed}.append(text).append(kPlain);
      if (column > 0) line.append(kGap, ' ');
      line += is_left ? text + padding : padding + text;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << '\n';
  }
}

void TextTable::write_markdown(std::ostream& out) const {
  if (rows_.empty()) return;
  const std::size_t count = rows_.front().size();
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    out << '|';
    for (std::size_t column = 0; column < count; ++column) {
      out << ' ' << (column < rows_[i].size() ? rows_[i][column] : "") << " |";
    }
    out << '\n';
    if (i > 0) continue;
    out << '|';
    for (std::size_t column = 0; column < count; ++column) {
      const bool is_left = column == 0 || others_ == Align::left || (ends_in_text_ && column + 1 == count);
      out << (is_left ? "---|" : "---:|");
    }
    out << '\n';
  }
}

std::string alarming(std::string_view text, const PageForm& form) {
  if (!form.is_coloured || form.is_markdown) return std::string{text};
  return std::string{kRed}.append(text).append(kPlain);
}

void write_paragraph(std::ostream& out, std::string_view text, const PageForm& form) {
  constexpr std::string_view kIndent = "  ";
  const bool is_endless = form.width == 0 || form.is_markdown;
  std::size_t indent = 0;
  while (!is_endless && indent + columns(text) > form.width) {
    // The last blank that still leaves a line which fits, or the first one of all.
    std::size_t cut = std::string_view::npos;
    std::size_t seen = indent;
    for (std::size_t i = 0; i < text.size() && (seen <= form.width || cut == std::string_view::npos); ++i) {
      if (text[i] == ' ' && i > 0) cut = i;
      if (begins_character(text[i])) ++seen;
    }
    if (cut == std::string_view::npos) break;
    out << kIndent.substr(0, indent) << text.substr(0, cut) << '\n';
    text.remove_prefix(cut + 1);
    indent = kIndent.size();
  }
  out << kIndent.substr(0, indent) << text << '\n';
}

}  // namespace gpusim::trace
