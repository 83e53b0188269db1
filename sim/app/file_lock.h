// SPDX-License-Identifier: MIT
// Locks by which two processes of gpusim keep off each other's results. They end with the process, however that ends.
#pragma once

#include <filesystem>

namespace gpusim::app {

/// Locks an open file or folder until its last descriptor is closed. False if another open one has it locked; where
/// there are no locks, true.
[[nodiscard]] bool lock_file(int descriptor);

/// Whether the path still leads to this open file.
[[nodiscard]] bool is_still(int descriptor, const std::filesystem::path& path);

/// A folder that is locked for the life of this object.
class FolderLock {
 public:
  FolderLock() = default;
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

  /// Once. Zero, or an errno; EBUSY: another has it.
  [[nodiscard]] int take(const std::filesystem::path& folder);

 private:
  int descriptor_ = -1;
};

}  // namespace gpusim::app
