// SPDX-License-Identifier: MIT
// JSON that gpusim has written and reads again.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/scenario/problem.h"

namespace gpusim::experiment {

/// An object whose "schema" is this one; none, and one more problem, if the text is something else. `file` is only used
/// in places.
[[nodiscard]] std::optional<nlohmann::json> parse_json(std::string_view text, const std::filesystem::path& file,
                                                       std::string_view schema,
                                                       std::vector<scenario::Problem>& problems);

/// Where the byte stands.
[[nodiscard]] scenario::Place place_in(std::string_view text, const std::filesystem::path& file, std::size_t byte);

/// The value of a key; nullptr if there is none, or if `object` is no object.
[[nodiscard]] const nlohmann::json* member(const nlohmann::json& object, const char* key);

}  // namespace gpusim::experiment
