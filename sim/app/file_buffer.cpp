// SPDX-License-Identifier: MIT
#include "sim/app/file_buffer.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

#include "sim/app/file_lock.h"

namespace gpusim::app {

FileBuffer::FileBuffer(const std::filesystem::path& path) {
  take(path);
  setp(buffer_.data(), buffer_.data() + buffer_.size());
}

FileBuffer::~FileBuffer() {
  close();
  if (lock_ >= 0) ::close(lock_);
}

/// Emptied only once it is locked. Between opening and locking it, who had it may have given it its name, or removed
/// it.
void FileBuffer::take(const std::filesystem::path& path) {
  do {
    if (file_ >= 0) ::close(file_);
    file_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (file_ < 0) {
      error_ = errno;
      return;
    }
    if (!lock_file(file_)) {
      error_ = kIsWritten;
      ::close(file_);
      file_ = -1;
      return;
    }
  } while (!is_still(file_, path));
  if (ftruncate(file_, 0) != 0) error_ = errno;
}

void FileBuffer::close() {
  (void)write_out();
  if (file_ >= 0) lock_ = fcntl(file_, F_DUPFD_CLOEXEC, 0);  // none left: the lock ends a little earlier
  if (file_ >= 0 && ::close(file_) != 0 && error_ == 0) error_ = errno;
  file_ = -1;
}

bool FileBuffer::write_out() {
  const char* from = pbase();
  while (error_ == 0 && file_ >= 0 && from < pptr()) {
    const ssize_t written = ::write(file_, from, static_cast<std::size_t>(pptr() - from));
    if (written >= 0) {
      from += written;
      bytes_ += static_cast<std::uint64_t>(written);
    } else if (errno != EINTR) {
      error_ = errno;
    }
  }
  setp(buffer_.data(), buffer_.data() + buffer_.size());
  return error_ == 0;
}

FileBuffer::int_type FileBuffer::overflow(int_type character) {
  if (!write_out()) return traits_type::eof();
  if (traits_type::eq_int_type(character, traits_type::eof())) return traits_type::not_eof(character);
  return sputc(traits_type::to_char_type(character));
}

int FileBuffer::sync() { return write_out() ? 0 : -1; }

}  // namespace gpusim::app
