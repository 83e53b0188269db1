// SPDX-License-Identifier: MIT
// Another build of gpusim: makes a comparison in a process of its own.
#pragma once

#include <string>
#include <vector>

namespace gpusim::app {

struct OtherResult {
  std::string json;              ///< its compare.json
  std::string error;             ///< why there is none; empty if there is
  bool interrupted = false;      ///< the user did
  bool lacks_resources = false;  ///< of memory, descriptors or processes: it, or who was to start it
};

/// Runs "PROGRAM compare ARGUMENTS... --out FOLDER --quiet". A program without a slash is looked for as a shell does.
[[nodiscard]] OtherResult compare_with(const std::string& program, const std::vector<std::string>& arguments);

}  // namespace gpusim::app
