// SPDX-License-Identifier: MIT
// --format, --width and --color, the same for every command that prints a page.
#pragma once

#include <CLI/CLI.hpp>

#include "sim/app/page_options.h"

namespace gpusim::cli {

void add_page(CLI::App& command, app::PageOptions& options);
/// The same without --format, for what is text alone.
void add_look(CLI::App& command, app::PageOptions& options);

}  // namespace gpusim::cli
