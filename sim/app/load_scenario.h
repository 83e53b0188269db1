// SPDX-License-Identifier: MIT
// A scenario as a command names it.
#pragma once

#include <string>

#include "sim/scenario/loader.h"

namespace gpusim::app {

/// A file, or "-": what stands on stdin.
[[nodiscard]] scenario::LoadResult load_scenario(const std::string& name, const scenario::LoadOptions& options);

}  // namespace gpusim::app
