// SPDX-License-Identifier: MIT
// gpusim list: what comes with the program.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/app/page_options.h"

namespace gpusim::app {

/// The files of one kind that come with the program ("scenarios", "devices"), without their ends.
[[nodiscard]] std::vector<std::string> shipped_names(std::string_view kind);

/// Names, each with what its file says about itself.
[[nodiscard]] int list_command(const PageOptions& page);

}  // namespace gpusim::app
