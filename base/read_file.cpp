// SPDX-License-Identifier: MIT
#include "base/read_file.h"

#include <cerrno>
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
  if (status.type() == std::filesystem::file_type::none) return error.message();
  if (!std::filesystem::exists(status)) return "there is no such file";
  if (std::filesystem::is_directory(status)) return "this is a folder, not a file";
  if (!std::filesystem::is_regular_file(status)) return "this is no regular file";
  errno = 0;
  const std::ifstream file{path};
  return file || errno == 0 ? "it cannot be read" : std::generic_category().message(errno);
}

}  // namespace gpusim
