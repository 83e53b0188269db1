// SPDX-License-Identifier: MIT
// A growing byte buffer that sinks fill and hand to a stream in large writes. It knows no format.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <ostream>
#include <string_view>
#include <vector>

namespace gpusim::trace {

class ByteBuffer {
 public:
  /// Large enough that the stream's cost for each write doesn't count.
  static constexpr std::size_t kWriteSize = 65'536;

  explicit ByteBuffer(std::size_t capacity = 4096) : storage_(capacity) {}

  /// Room for `count` bytes behind the content; valid until the next call. Follow it with advance().
  [[nodiscard]] char* room(std::size_t count) {
    if (storage_.size() - size_ < count) storage_.resize(2 * storage_.size() + count);
    return storage_.data() + size_;
  }
  void advance(std::size_t count) { size_ += count; }

  void append(char c) {
    *room(1) = c;
    ++size_;
  }
  void append(std::string_view text) {
    if (text.empty()) return;
    std::memcpy(room(text.size()), text.data(), text.size());
    size_ += text.size();
  }
  void append_decimal(std::uint64_t value) {
    std::size_t digits = 1;
    for (std::uint64_t rest = value; rest >= 10; rest /= 10) ++digits;
    char* out = room(digits) + digits;
    do {
      *--out = static_cast<char>('0' + value % 10);
      value /= 10;
    } while (value != 0);
    size_ += digits;
  }
  /// At least `width` (<= 20) characters, filled on the left.
  void append_decimal(std::uint64_t value, std::size_t width, char fill) {
    std::array<char, 20> digits{};
    std::size_t first = digits.size();
    do {
      digits[--first] = static_cast<char>('0' + value % 10);
      value /= 10;
    } while (value != 0);
    while (digits.size() - first < width) digits[--first] = fill;
    append(std::string_view{digits.data() + first, digits.size() - first});
  }

  /// Opens a gap of `count` bytes at `position` <= size(); what follows moves back.
  void insert_gap(std::size_t position, std::size_t count) {
    static_cast<void>(room(count));
    std::memmove(storage_.data() + position + count, storage_.data() + position, size_ - position);
    size_ += count;
  }

  [[nodiscard]] char& operator[](std::size_t position) { return storage_[position]; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::string_view view() const { return {storage_.data(), size_}; }
  void clear() { size_ = 0; }

  void write_to(std::ostream& out) {
    out.write(storage_.data(), static_cast<std::streamsize>(size_));
    size_ = 0;
  }

 private:
  std::vector<char> storage_;
  std::size_t size_ = 0;
};

}  // namespace gpusim::trace
