// SPDX-License-Identifier: MIT
#include "base/read_file.h"

#include <fstream>
#include <sstream>
#include <system_error>

namespace gpusim {

std::optional<std::string> read_file(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return std::nullopt;
  std::ifstream file{path, std::ios::binary};
  if (!file) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string why_not_read(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) return "there is no such file";
  if (std::filesystem::is_directory(status)) return "this is a folder, not a file";
  if (!std::filesystem::is_regular_file(status)) return "this is no regular file";
  return "it cannot be read";
}

}  // namespace gpusim
