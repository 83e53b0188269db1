// SPDX-License-Identifier: MIT
// How results look on stdout: --format, --width and --color, the same for every command that prints a page.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <ostream>
#include <string>

#include "traces/report/text_table.h"

namespace gpusim::app {

struct PageOptions {
  static constexpr std::uint64_t kLeastWidth = trace::kLeastWidth;
  static constexpr std::uint64_t kMostWidth = 10'000;

  std::string format = "text";         ///< text, markdown, json, csv
  std::optional<std::uint64_t> width;  ///< columns; none: the terminal's, or no limit if stdout is none
  std::string colour = "auto";         ///< always, never, auto: on a terminal, unless NO_COLOR is set or TERM is dumb
};

/// A result for programs, not for people: nothing else may stand on stdout.
[[nodiscard]] bool is_data(const PageOptions& options);

/// Prints a result on stdout in the format that is asked for: as the JSON that `write_json` writes, as CSV made of
/// that, or by `write_page`.
void print_page(const PageOptions& options, const std::function<void(std::ostream&)>& write_json,
                const std::function<void(std::ostream&)>& write_page);

/// The same where the page is text with indents, which Markdown has in a block.
void print_words(const PageOptions& options, const std::function<void(std::ostream&)>& write_json,
                 const std::function<void(std::ostream&, const trace::PageForm&)>& write_words);

/// Asks the terminal and the environment where that is left to them.
[[nodiscard]] trace::PageForm form_of(const PageOptions& options);

}  // namespace gpusim::app
