// SPDX-License-Identifier: MIT
// A file behind an ostream that remembers why it could not be written: std::filebuf does not say.
#pragma once

#include <array>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <streambuf>
#include <string>

namespace gpusim::app {

class FileBuffer final : public std::streambuf {
 public:
  /// error() of a file that another one writes.
  static constexpr int kIsWritten = EBUSY;

  /// Creates the file, or empties it; then error() says whether that went well. For its life nobody else can do so, of
  /// this process or another; a system of files without locks (flock()) does not hold that back.
  explicit FileBuffer(const std::filesystem::path& path);
  ~FileBuffer() override;
  FileBuffer(const FileBuffer&) = delete;
  FileBuffer& operator=(const FileBuffer&) = delete;

  /// errno of the first call that failed; 0: all is well. Nothing is written after a failure.
  [[nodiscard]] int error() const { return error_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  /// Writes what is left; afterwards error() holds for the whole file. It stays locked.
  void close();

 protected:
  int_type overflow(int_type character) override;
  int sync() override;

 private:
  void take(const std::filesystem::path& path);
  [[nodiscard]] bool write_out();

  std::array<char, 65'536> buffer_;
  int file_ = -1;
  int lock_ = -1;  ///< the same file, once that is closed
  int error_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace gpusim::app
