// SPDX-License-Identifier: MIT
// Where the files are that come with the program.
#pragma once

#include <string>

namespace gpusim::test {

inline const std::string kConfigs = GPUSIM_SOURCE_DIR "/configs";
inline const std::string kQuickstart = kConfigs + "/scenarios/quickstart.toml";

}  // namespace gpusim::test
