// SPDX-License-Identifier: MIT
// Which file a name on the command line means.
#pragma once

#include <filesystem>
#include <initializer_list>
#include <string>
#include <vector>

#include "sim/scenario/problem.h"

namespace gpusim::app {

/// A file that comes with the program can be named as `gpusim list` does, with or without its extension, from anywhere.
/// `name` becomes its path then, if there is no file of that name; `folders` says which of the program's are looked
/// into. A problem if there is neither, with what may have been meant.
[[nodiscard]] std::vector<scenario::Problem> find_input(std::string& name, std::initializer_list<const char*> folders);

}  // namespace gpusim::app
