// SPDX-License-Identifier: MIT
// Which build of the program made a file. It stands in every file that a user keeps, never in a trace hash.
#pragma once

#include <string>

namespace gpusim {

struct BuildInfo {
  std::string version;     ///< "0.1.0+g37061d3", "0.1.0+g37061d3.dirty"; without git: "0.1.0"
  std::string compiler;    ///< "GNU 12.2.0"
  std::string build_type;  ///< "Release"

  /// "gpusim 0.1.0+g37061d3 (GNU 12.2.0, Release)"; empty if nothing is known.
  [[nodiscard]] std::string text() const {
    if (version.empty()) return {};
    return "gpusim " + version + " (" + compiler + ", " + build_type + ")";
  }
};

}  // namespace gpusim
