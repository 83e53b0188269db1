// SPDX-License-Identifier: MIT
// The folder of --out: made only when the input is known to be good, files written whole.
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
  /// Creates the folder (and its parents) if needed. `error` says why it cannot be used; empty if it can.
  explicit OutputFolder(const std::filesystem::path& path);
  [[nodiscard]] const std::string& error() const { return error_; }
  /// Removes files of that name that an earlier run has left: results of two runs are never side by side.
  void discard(std::initializer_list<const char*> names) const;

  /// Opens a file for binary writing; a failure, also a later one, is found by close().
  [[nodiscard]] std::ofstream& open(const std::string& name);
  /// Closes all files; in words which one could not be written, or empty.
  [[nodiscard]] std::string close();

 private:
  struct File {
    std::string name;
    std::ofstream stream;
  };
  std::filesystem::path path_;
  std::string error_;
  std::vector<std::unique_ptr<File>> files_;
};

}  // namespace gpusim::app
