// SPDX-License-Identifier: MIT
// A scenario as a command names it.
#pragma once

#include <string>
#include <vector>

#include "sim/scenario/loader.h"

namespace gpusim::app {

/// A file, or "-": what stands on stdin, which is read once, however often it is named.
[[nodiscard]] scenario::LoadResult load_scenario(const std::string& name, const scenario::LoadOptions& options);

/// The --set that --plug-in of these files stands for.
[[nodiscard]] std::string set_of_plug_ins(const std::vector<std::string>& files);

}  // namespace gpusim::app
