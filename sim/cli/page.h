// SPDX-License-Identifier: MIT
// --format, --width and --color, the same for every command that prints a page.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "sim/app/page_options.h"

namespace gpusim::cli {

void add_page(CLI::App& command, app::PageOptions& options,
              const std::vector<std::string>& formats = {"text", "markdown", "json", "csv"});
/// --format alone, for what is as wide as it is.
void add_format(CLI::App& command, app::PageOptions& options, const std::vector<std::string>& formats);

}  // namespace gpusim::cli
