// SPDX-License-Identifier: MIT
#include "tests/support/real_logs.h"

#include <algorithm>

#include "tests/support/catch.h"

namespace gpusim::test::truth {

std::optional<std::vector<std::filesystem::path>> all_scripts() {
  const std::filesystem::path folder = GPUSIM_DRM_SCHED_TRUTH;
  if (!std::filesystem::is_directory(folder)) {
    WARN("NOT TESTED: the folder of logs of the real scheduler (GPUSIM_DRM_SCHED_TRUTH) is missing");
    return std::nullopt;
  }
  std::vector<std::filesystem::path> scripts;
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    if (entry.path().extension() == ".script") scripts.push_back(entry.path());
  }
  std::sort(scripts.begin(), scripts.end());
  return scripts;
}

}  // namespace gpusim::test::truth
