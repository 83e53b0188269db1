// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace CLI {
class App;
}  // namespace CLI

namespace gpusim::cli {

/// gpusim(1), as man wants it, made from the program's own definition of its commands.
[[nodiscard]] std::string manual_page(const CLI::App& program);

}  // namespace gpusim::cli
