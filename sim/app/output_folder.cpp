// SPDX-License-Identifier: MIT
#include "sim/app/output_folder.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <fmt/core.h>

#include "sim/app/failure.h"
#include "sim/app/former_results.h"
#include "sim/app/log.h"
#include "sim/app/standard_streams.h"

namespace gpusim::app {

namespace fs = std::filesystem;

namespace {

void remove_if_there(const fs::path& path) {
  std::error_code code;
  fs::remove(path, code);
}

/// The first part of the path that is a link to nothing; empty: there is none.
[[nodiscard]] fs::path dangling_in(const fs::path& path) {
  std::error_code none;
  fs::path begin;
  for (const fs::path& part : path) {
    begin /= part;
    if (fs::is_symlink(begin, none) && !fs::exists(begin, none)) return begin;
  }
  return {};
}

/// A part that another one writes is not ours to be removed.
void remove_part(const fs::path& part, const FileBuffer& buffer) {
  if (buffer.error() != FileBuffer::kIsWritten) remove_if_there(part);
}

}  // namespace

fs::path behind_links(fs::path file) {
  constexpr int kMostLinks = 40;  // as many as Linux follows
  std::error_code none;
  for (int i = 0; i < kMostLinks && fs::is_symlink(file, none); ++i)
    file = file.parent_path() / fs::read_symlink(file, none);
  return file;
}

OutputFolder::File::File(const fs::path& folder, const std::string& name)
    : path{folder / name}, part{folder / (name + ".part")}, buffer{part} {}

OutputFolder::OutputFolder(const fs::path& path, OneFile) : path_{path} { create(); }

OutputFolder::OutputFolder(const fs::path& path, const std::vector<std::string>& inputs) : path_{path} {
  create();
  if (error_.empty()) lock();
  if (!error_.empty()) return;
  const FormerResults former = former_results(path);
  if (!former.foreign.empty()) {
    error_ = former.foreign.string() + ": this is no result of gpusim, and would be overwritten; name another folder";
    return;
  }
  for (const fs::path& file : former.ours) {
    const bool is_input = std::any_of(inputs.begin(), inputs.end(), [&](const std::string& input) {
      std::error_code none;
      return fs::equivalent(input, file, none);
    });
    if (!is_input) remove_if_there(file);
  }
}

std::unique_ptr<OutputFolder> OutputFolder::of_file(const fs::path& file) {
  std::unique_ptr<OutputFolder> result = replacing(file);
  if (result->error_.empty()) remove_if_there(file);
  return result;
}

std::unique_ptr<OutputFolder> OutputFolder::replacing(const fs::path& file) {
  const fs::path folder = file.parent_path().empty() ? fs::path{"."} : file.parent_path();
  std::unique_ptr<OutputFolder> result{new OutputFolder{folder, OneFile{}}};
  if (std::error_code none; fs::is_symlink(file, none)) result->fail(file, ELOOP);
  return result;
}

OutputFolder::~OutputFolder() {
  for (const auto& file : files_) {
    file->buffer.close();
    remove_part(file->part, file->buffer);
  }
}

void OutputFolder::create() {
  outlive_readers();
  std::error_code code;
  fs::create_directories(path_, code);
  if (!code) return;
  fail(path_, code.value());
  if (const fs::path link = dangling_in(path_); !link.empty()) {
    error_ = fmt::format("{}: this link leads to {}, which is not there", link.string(), behind_links(link).string());
  }
}

void OutputFolder::lock() {
  const int failed = lock_.take(path_);
  if (failed == EBUSY) {
    error_ = path_.string() + ": another gpusim is writing into this folder; wait for it, or name another one";
  } else if (failed != 0) {
    fail(path_, failed);
  }
}

std::ostream& OutputFolder::open(const std::string& name) {
  files_.push_back(std::make_unique<File>(path_, name));
  look_after(*files_.back());
  return files_.back()->stream;
}

void OutputFolder::look_after(File& file) {
  if (file.buffer.error() == 0) return;
  const bool is_first = error_.empty();
  fail(file.path, file.buffer.error());
  if (is_first) {
    lost_file_ = file.path.filename().string() + ": " + std::generic_category().message(file.buffer.error());
  }
  file.buffer.close();
  remove_part(file.part, file.buffer);
}

/// The first error is the one that is told.
void OutputFolder::fail(const fs::path& path, int error) {
  if (!error_.empty()) return;
  error_ = path.string() + ": " +
           (error == FileBuffer::kIsWritten ? "another gpusim is writing this file; wait for it"
                                            : std::generic_category().message(error));
  error_number_ = error;
}

int OutputFolder::exit_code() const { return exit_code_of_error(error_number_); }

const std::string& OutputFolder::error() {
  for (const auto& file : files_) look_after(*file);
  return error_;
}

std::string OutputFolder::close() {
  for (const auto& file : files_) {
    file->buffer.close();
    look_after(*file);
    if (file->buffer.error() != 0) continue;
    std::error_code code;
    fs::rename(file->part, file->path, code);
    if (!code) {
      log::info(fmt::format("wrote {}, {} bytes", file->path.string(), file->buffer.bytes()));
      continue;
    }
    remove_if_there(file->part);
    fail(file->path, code.value());
  }
  files_.clear();
  return error_;
}

}  // namespace gpusim::app
