// SPDX-License-Identifier: MIT
// Where the files that a scenario names are.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/problem.h"

namespace gpusim::scenario {

/// The folder of presets: of an installed program ../share/gpusim beside it, else the one that it was built with; empty
/// if there is none.
[[nodiscard]] std::filesystem::path default_config_dir();

/// The file of a preset, e.g. section "device", name "default". A name that ends in .toml is a path relative to
/// `folder`; another is looked for as <folder>/../devices/<name>.toml, then as <config_dir>/devices/<name>.toml, then
/// among the `former_names` of the presets in these folders. None, and a problem at `place`, if there is none.
[[nodiscard]] std::optional<std::filesystem::path> find_preset(std::string_view section, const std::string& name,
                                                               const std::filesystem::path& folder,
                                                               const std::filesystem::path& config_dir,
                                                               const Place& place, std::vector<Problem>& problems);

/// Whether find_preset() has found this file by one of its former names.
[[nodiscard]] bool is_former_name(const std::string& name, const std::filesystem::path& path);

/// The program's own preset of that name, if `path`, which find_preset() has found, is another that says something
/// else.
[[nodiscard]] std::optional<std::filesystem::path> hidden_preset(std::string_view section, const std::string& name,
                                                                 const std::filesystem::path& path,
                                                                 const std::filesystem::path& config_dir);

}  // namespace gpusim::scenario
