// SPDX-License-Identifier: MIT
#pragma once

#include "base/build_info.h"

namespace gpusim::app {

/// Of this program. Defined in a file of its own that each build looks at anew (cmake/version.cmake).
[[nodiscard]] const BuildInfo& build_info();

}  // namespace gpusim::app
