// SPDX-License-Identifier: MIT
// Reading the repository as text, for the tests that hold documents and rules of the tree.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace gpusim::test {

inline const std::filesystem::path kRepository{GPUSIM_SOURCE_DIR};

/// Without line ends. Throws std::runtime_error if the file cannot be read.
[[nodiscard]] inline std::vector<std::string> read_lines(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file) throw std::runtime_error{path.string() + " cannot be read"};
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

/// Paths relative to the repository, sorted, of all files below `folder` with one of the extensions. What a build or a
/// version control system keeps (build/, out/, hidden folders) is left out.
[[nodiscard]] inline std::vector<std::string> files_below(const std::filesystem::path& folder,
                                                          const std::vector<std::string>& extensions) {
  std::vector<std::string> files;
  auto entry = std::filesystem::recursive_directory_iterator{kRepository / folder};
  for (; entry != std::filesystem::recursive_directory_iterator{}; ++entry) {
    const std::string name = entry->path().filename().string();
    if (entry->is_directory()) {
      const bool is_output = entry.depth() == 0 && folder.empty() && (name == "build" || name == "out");
      if (is_output || name.front() == '.') entry.disable_recursion_pending();
      continue;
    }
    if (std::find(extensions.begin(), extensions.end(), entry->path().extension()) == extensions.end()) continue;
    files.push_back(entry->path().lexically_relative(kRepository).generic_string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace gpusim::test
