// SPDX-License-Identifier: MIT
#include "sim/app/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace gpusim::app {

bool lock_file(int descriptor) {
  int result = 0;
  do {
    result = flock(descriptor, LOCK_EX | LOCK_NB);
  } while (result != 0 && errno == EINTR);
  return result == 0 || errno != EWOULDBLOCK;
}

bool is_still(int descriptor, const std::filesystem::path& path) {
  struct stat opened{};
  struct stat named{};
  return fstat(descriptor, &opened) == 0 && stat(path.c_str(), &named) == 0 && opened.st_dev == named.st_dev &&
         opened.st_ino == named.st_ino;
}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

int FolderLock::take(const std::filesystem::path& folder) {
  descriptor_ = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  // A folder that may be written and not be listed has no lock.
  if (descriptor_ < 0) return errno == EACCES ? 0 : errno;
  return lock_file(descriptor_) ? 0 : EBUSY;
}

}  // namespace gpusim::app
