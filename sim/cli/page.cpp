// SPDX-License-Identifier: MIT
#include "sim/cli/page.h"

namespace gpusim::cli {

void add_format(CLI::App& command, app::PageOptions& options, const std::vector<std::string>& formats) {
  std::string list;
  for (const std::string& format : formats) {
    list += (list.empty() ? "" : ", ") + format + (format == options.format ? " (default)" : "");
  }
  command.add_option("--format", options.format, "of the result on stdout: " + list)
      ->check(CLI::IsMember(formats))
      ->type_name("FORMAT");
}

void add_page(CLI::App& command, app::PageOptions& options, const std::vector<std::string>& formats) {
  add_format(command, options, formats);
  command
      .add_option("--width", options.width,
                  "columns that text may take, 72 for a mail: names are cut, and tables go on below (default: those of "
                  "the terminal)")
      ->check(CLI::Range(app::PageOptions::kLeastWidth, app::PageOptions::kMostWidth))
      ->type_name("N");
  command
      .add_option(
          "--color", options.colour,
          "what is bad in red: always, never, or auto: on a terminal unless NO_COLOR is set or TERM is dumb (default)")
      ->check(CLI::IsMember({"always", "never", "auto"}))
      ->type_name("WHEN");
}

}  // namespace gpusim::cli
