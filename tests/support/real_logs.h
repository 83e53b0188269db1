// SPDX-License-Identifier: MIT
// Logs of the real drm_sched, which are no part of the repository.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

namespace gpusim::test::truth {

/// The scripts in the folder of logs of the real scheduler, sorted; empty, with a warning, if the folder is missing.
[[nodiscard]] std::optional<std::vector<std::filesystem::path>> all_scripts();

}  // namespace gpusim::test::truth
