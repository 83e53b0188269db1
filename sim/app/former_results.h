// SPDX-License-Identifier: MIT
// Which files in a folder a run of gpusim has left there.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace gpusim::app {

struct FormerResults {
  std::vector<std::filesystem::path> ours;  ///< may be removed
  std::filesystem::path foreign;            ///< has a name of ours, but is none of ours; empty: there is none
};

/// Looks at names and at how the files begin.
[[nodiscard]] FormerResults former_results(const std::filesystem::path& folder);

/// Of a file up to 8 KiB, in which what gpusim writes says that it is gpusim's; nothing if it cannot be read.
[[nodiscard]] std::string beginning_of(const std::filesystem::path& path);

}  // namespace gpusim::app
