// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace gpusim {

/// The whole file; none if it is no regular file or cannot be read.
[[nodiscard]] std::optional<std::string> read_file(const std::filesystem::path& path);
/// Then: why, in words.
[[nodiscard]] std::string why_not_read(const std::filesystem::path& path);

}  // namespace gpusim
