// SPDX-License-Identifier: MIT
// A file behind an ostream that remembers why it could not be written: std::filebuf does not say.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <streambuf>
#include <string>

namespace gpusim::app {

class FileBuffer final : public std::streambuf {
 public:
  /// Creates the file, or empties it; then error() says whether that went well.
  explicit FileBuffer(const std::filesystem::path& path);
  ~FileBuffer() override;
  FileBuffer(const FileBuffer&) = delete;
  FileBuffer& operator=(const FileBuffer&) = delete;

  /// errno of the first call that failed; 0: all is well. Nothing is written after a failure.
  [[nodiscard]] int error() const { return error_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  /// Writes what is left; afterwards error() holds for the whole file.
  void close();

 protected:
  int_type overflow(int_type character) override;
  int sync() override;

 private:
  [[nodiscard]] bool write_out();

  std::array<char, 65'536> buffer_;
  int file_ = -1;
  int error_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace gpusim::app
