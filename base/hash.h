// SPDX-License-Identifier: MIT
// A 64-bit hash that depends on nothing but the values fed to it: for trace hashes and random streams, not for
// security.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gpusim {

class Hash64 {
 public:
  constexpr void add(std::uint64_t word) {
    state_ = (state_ ^ word) * 0x9fb21c651e98df25U;
    state_ ^= state_ >> 32;
  }
  [[nodiscard]] constexpr std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_ = 0x243f6a8885a308d3U;
};

/// The same over records of eight words, in four lanes that do not wait for each other: a trace's hash is fed some
/// thirty times a job.
class RecordHash {
 public:
  constexpr void add(std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t d, std::uint64_t e,
                     std::uint64_t f, std::uint64_t g, std::uint64_t h) {
    lanes_[0] = mix(lanes_[0], a, e);
    lanes_[1] = mix(lanes_[1], b, f);
    lanes_[2] = mix(lanes_[2], c, g);
    lanes_[3] = mix(lanes_[3], d, h);
  }
  [[nodiscard]] constexpr std::uint64_t value() const {
    Hash64 hash;
    for (const std::uint64_t lane : lanes_) hash.add(lane);
    return hash.value();
  }

 private:
  static constexpr std::uint64_t mix(std::uint64_t lane, std::uint64_t low, std::uint64_t high) {
    // `high` is rotated first, so that swapping the two, or moving a bit from one to the other, changes the hash.
    const std::uint64_t word = (lane ^ low) * 0x9fb21c651e98df25U + (high << 29 | high >> 35);
    return word ^ word >> 32;
  }
  std::uint64_t lanes_[4] = {0x243f6a8885a308d3U, 0x13198a2e03707344U, 0xa4093822299f31d0U, 0x082efa98ec4e6c89U};
};

[[nodiscard]] constexpr std::uint64_t hash_bytes(std::string_view bytes) {
  Hash64 hash;
  for (const char c : bytes) hash.add(static_cast<std::uint8_t>(c));
  hash.add(bytes.size());
  return hash.value();
}

/// A hash as it is printed everywhere: 16 hexadecimal digits.
[[nodiscard]] std::string hash_text(std::uint64_t hash);

}  // namespace gpusim
