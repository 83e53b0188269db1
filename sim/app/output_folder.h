// SPDX-License-Identifier: MIT
// The folder of --out: made only when the input is known to be good. Files have another name until they are whole, so
// that under its own name nothing truncated is ever found.
#pragma once

#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

namespace gpusim::app {

class OutputFolder {
 public:
  /// Creates the folder (and its parents) if needed.
  explicit OutputFolder(const std::filesystem::path& path);
  /// What was not closed is removed.
  ~OutputFolder();
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;

  /// Why the folder, or a file in it, cannot be used; empty if all can.
  [[nodiscard]] const std::string& error() const { return error_; }
  /// Removes files of that name that an earlier run has left: results of two runs are never side by side.
  void discard(std::initializer_list<const char*> names) const;

  /// Opens a file for binary writing; if that fails, error() says so.
  [[nodiscard]] std::ofstream& open(const std::string& name);
  /// Closes all files and gives them their names; in words which one could not be written, or empty.
  [[nodiscard]] std::string close();

 private:
  struct File {
    std::filesystem::path path;
    std::filesystem::path part;
    std::ofstream stream;
  };
  std::filesystem::path path_;
  std::string error_;
  std::vector<std::unique_ptr<File>> files_;
};

}  // namespace gpusim::app
