// SPDX-License-Identifier: MIT
// gpusim list: what comes with the program.
#pragma once

namespace gpusim::app {

/// Names, each with what its file says about itself.
[[nodiscard]] int list_command();

}  // namespace gpusim::app
