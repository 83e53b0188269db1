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

}  // namespace gpusim
