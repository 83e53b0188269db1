// SPDX-License-Identifier: MIT
#include "sim/app/page_options.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string_view>
#include <utility>

#include "sim/app/csv.h"

namespace gpusim::app {
namespace {

/// 0: stdout is no terminal, or one that does not say how wide it is.
[[nodiscard]] std::size_t terminal_width() {
  winsize size{};
  if (isatty(STDOUT_FILENO) == 0 || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 0;
  return std::max<std::size_t>(size.ws_col, trace::kLeastWidth);
}

/// https://no-color.org: set to anything but the empty string; or the terminal knows no colours.
[[nodiscard]] bool is_colour_unwanted() {
  const char* const value = std::getenv("NO_COLOR");
  if (value != nullptr && *value != '\0') return true;
  const char* const terminal = std::getenv("TERM");
  return terminal != nullptr && std::string_view{terminal} == "dumb";
}

}  // namespace

bool is_data(const PageOptions& options) { return options.format == "json" || options.format == "csv"; }

void print_page(const PageOptions& options, const std::function<void(std::ostream&)>& write_json,
                const std::function<void(std::ostream&)>& write_page) {
  if (options.format == "json") return write_json(std::cout);
  if (options.format != "csv") return write_page(std::cout);
  std::ostringstream json;
  write_json(json);
  write_csv(std::cout, json.str());
}

void print_words(const PageOptions& options, const std::function<void(std::ostream&)>& write_json,
                 const std::function<void(std::ostream&, const trace::PageForm&)>& write_words) {
  print_page(options, write_json, [&](std::ostream& out) {
    trace::PageForm form = form_of(options);
    const std::string_view fence = std::exchange(form.is_markdown, false) ? "```\n" : "";
    out << fence;
    write_words(out, form);
    out << fence;
  });
}

trace::PageForm form_of(const PageOptions& options) {
  const int before = errno;  // of a stdout that is lost already, say; to ask for a terminal is no failure
  trace::PageForm form;
  form.is_markdown = options.format == "markdown";
  form.width = options.width ? static_cast<std::size_t>(*options.width) : terminal_width();
  const bool is_auto = options.colour == "auto";
  form.is_coloured = is_auto ? isatty(STDOUT_FILENO) != 0 && !is_colour_unwanted() : options.colour == "always";
  errno = before;
  return form;
}

}  // namespace gpusim::app
