// SPDX-License-Identifier: MIT
// A stream to nowhere that counts what it is given: a sink's own cost without a disk.
#pragma once

#include <cstdint>
#include <ostream>
#include <streambuf>

namespace gpusim::bench {

class CountingBuffer final : public std::streambuf {
 public:
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  int_type overflow(int_type character) override {
    ++bytes_;
    return traits_type::not_eof(character);
  }
  std::streamsize xsputn(const char*, std::streamsize size) override {
    bytes_ += static_cast<std::uint64_t>(size);
    return size;
  }

  std::uint64_t bytes_ = 0;
};

class NullStream final : public std::ostream {
 public:
  NullStream() : std::ostream{nullptr} { rdbuf(&buffer_); }
  [[nodiscard]] std::uint64_t bytes() const { return buffer_.bytes(); }

 private:
  CountingBuffer buffer_;
};

}  // namespace gpusim::bench
