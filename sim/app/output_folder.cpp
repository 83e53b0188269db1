// SPDX-License-Identifier: MIT
#include "sim/app/output_folder.h"

#include <system_error>

#include <fmt/core.h>

#include "sim/app/log.h"

namespace gpusim::app {

OutputFolder::OutputFolder(const std::filesystem::path& path) : path_{path} {
  std::error_code code;
  std::filesystem::create_directories(path, code);
  if (code) error_ = path.string() + ": " + code.message();
}

void OutputFolder::discard(std::initializer_list<const char*> names) const {
  for (const char* name : names) {
    std::error_code code;
    std::filesystem::remove(path_ / name, code);
  }
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
    const std::string name = (path_ / file->name).string();
    if (file->stream) {
      log::info(fmt::format("wrote {}, {} bytes", name, static_cast<long long>(file->stream.tellp())));
    } else if (failed.empty()) {
      failed = name + ": cannot be written";
    }
    file->stream.close();
  }
  files_.clear();
  return failed;
}

}  // namespace gpusim::app
