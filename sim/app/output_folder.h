// SPDX-License-Identifier: MIT
// The folder of --out: made only when the input is known to be good. It holds the results of one run: what a former run
// of gpusim left there is removed first, and files of others are never touched. Files have another name until they are
// whole, so that under its own name nothing truncated is ever found. Nobody else who asks for the same folder, or file,
// gets it meanwhile.
#pragma once

#include <filesystem>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "sim/app/file_buffer.h"
#include "sim/app/file_lock.h"

namespace gpusim::app {

/// The file that a symbolic link leads to, there or not, through any number of them; what is no link is itself.
[[nodiscard]] std::filesystem::path behind_links(std::filesystem::path file);

class OutputFolder {
 public:
  /// Creates the folder (and its parents) if needed, and removes what runs have left in it, except `inputs`, of which
  /// this run is made. A file with a name of ours that gpusim has not written, or another gpusim that is writing into
  /// it, is an error, and then nothing is removed.
  explicit OutputFolder(const std::filesystem::path& path, const std::vector<std::string>& inputs = {});
  /// The folder of one file of any name, behind_links(), which takes the place of a former one.
  [[nodiscard]] static std::unique_ptr<OutputFolder> of_file(const std::filesystem::path& file);
  /// The same, but the former one stays until close() puts the new one in its place.
  [[nodiscard]] static std::unique_ptr<OutputFolder> replacing(const std::filesystem::path& file);
  /// What was not closed is removed.
  ~OutputFolder();
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;

  /// Why the folder, or a file in it, cannot be used; empty if all can. What cannot be written is removed at once, so
  /// that a full disk has room for the rest.
  [[nodiscard]] const std::string& error();

  /// The same without the folder, which is none of a result's business; empty if it is the folder that cannot be used.
  [[nodiscard]] const std::string& lost_file() const { return lost_file_; }

  /// The exit code for that error: kNoResources if it is a lack of descriptors or memory, kBadInput otherwise.
  [[nodiscard]] int exit_code() const;

  /// Opens a file for binary writing; if that fails, error() says so.
  [[nodiscard]] std::ostream& open(const std::string& name);
  /// Closes all files and gives them their names; in words which one could not be written, or empty.
  [[nodiscard]] std::string close();

 private:
  struct File {
    explicit File(const std::filesystem::path& folder, const std::string& name);

    std::filesystem::path path;
    std::filesystem::path part;
    FileBuffer buffer;
    std::ostream stream{&buffer};
  };
  struct OneFile {};
  OutputFolder(const std::filesystem::path& path, OneFile);
  void create();
  void lock();
  void look_after(File& file);
  void fail(const std::filesystem::path& path, int error);

  std::filesystem::path path_;
  FolderLock lock_;
  std::string error_;
  std::string lost_file_;
  int error_number_ = 0;  // an errno; 0: error_ is of another kind
  std::vector<std::unique_ptr<File>> files_;
};

}  // namespace gpusim::app
