// SPDX-License-Identifier: MIT
#pragma once

namespace gpusim::app {

inline constexpr const char* kVersion = "0.1.0";

}  // namespace gpusim::app
