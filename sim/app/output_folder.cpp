// SPDX-License-Identifier: MIT
#include "sim/app/output_folder.h"

#include <system_error>

namespace gpusim::app {

OutputFolder::OutputFolder(const std::filesystem::path& path) : path_{path} {
  std::error_code code;
  std::filesystem::create_directories(path, code);
  if (code) error_ = path.string() + ": " + code.message();
}

std::ofstream& OutputFolder::open(const std::string& name) {
  files_.push_back(std::make_unique<File>());
  files_.back()->name = name;
  files_.back()->stream.open(path_ / name, std::ios::binary | std::ios::trunc);
  return files_.back()->stream;
}

std::string OutputFolder::close() {
  std::string failed;
  for (const auto& file : files_) {
    file->stream.flush();
    if (!file->stream && failed.empty()) failed = (path_ / file->name).string() + ": cannot be written";
    file->stream.close();
  }
  files_.clear();
  return failed;
}

}  // namespace gpusim::app
