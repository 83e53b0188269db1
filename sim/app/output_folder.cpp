// SPDX-License-Identifier: MIT
#include "sim/app/output_folder.h"

#include <cerrno>
#include <system_error>

#include <fmt/core.h>

#include "sim/app/log.h"

namespace gpusim::app {

namespace {

void remove_if_there(const std::filesystem::path& path) {
  std::error_code code;
  std::filesystem::remove(path, code);
}

}  // namespace

OutputFolder::OutputFolder(const std::filesystem::path& path) : path_{path} {
  std::error_code code;
  std::filesystem::create_directories(path, code);
  if (code) error_ = path.string() + ": " + code.message();
}

OutputFolder::~OutputFolder() {
  for (const auto& file : files_) {
    file->stream.close();
    remove_if_there(file->part);
  }
}

void OutputFolder::discard(std::initializer_list<const char*> names) const {
  for (const char* name : names) remove_if_there(path_ / name);
}

std::ofstream& OutputFolder::open(const std::string& name) {
  files_.push_back(std::make_unique<File>());
  File& file = *files_.back();
  file.path = path_ / name;
  file.part = path_ / (name + ".part");
  errno = 0;
  file.stream.open(file.part, std::ios::binary | std::ios::trunc);
  if (!file.stream && error_.empty()) {
    error_ = file.path.string() + ": " + (errno == 0 ? "cannot be written" : std::generic_category().message(errno));
  }
  return file.stream;
}

std::string OutputFolder::close() {
  std::string failed;
  for (const auto& file : files_) {
    file->stream.flush();
    const long long bytes = file->stream ? static_cast<long long>(file->stream.tellp()) : 0;
    file->stream.close();
    std::error_code code;
    if (file->stream) std::filesystem::rename(file->part, file->path, code);
    if (file->stream && !code) {
      log::info(fmt::format("wrote {}, {} bytes", file->path.string(), bytes));
      continue;
    }
    remove_if_there(file->part);
    if (failed.empty()) failed = file->path.string() + ": " + (code ? code.message() : "cannot be written");
  }
  files_.clear();
  return failed;
}

}  // namespace gpusim::app
