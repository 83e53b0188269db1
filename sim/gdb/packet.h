// SPDX-License-Identifier: MIT
// Frames of GDB's remote serial protocol: "$payload#checksum", "+" and "-" as answers to them, and 0x03, which
// interrupts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gpusim::gdb {

/// Of a payload, without its frame; a longer one is broken.
inline constexpr std::size_t kMostBytes = 0x4000;

[[nodiscard]] std::string framed(std::string_view payload);

/// Takes apart what GDB sends.
class PacketReader {
 public:
  enum class Kind : std::uint8_t { packet, broken, interrupt, refused };
  struct Item {
    Kind kind{};
    std::string payload;  ///< of a packet
  };

  void feed(std::string_view bytes) { bytes_ += bytes; }
  /// None: it needs more bytes.
  [[nodiscard]] std::optional<Item> next();

 private:
  std::string bytes_;
};

/// "0f00", lower case.
[[nodiscard]] std::string hex(std::span<const std::byte> bytes);
/// None unless it is pairs of hexadecimal digits.
[[nodiscard]] std::optional<std::vector<std::byte>> bytes_of(std::string_view hex);
/// A number of 1 to 8 hexadecimal digits; none if it is something else.
[[nodiscard]] std::optional<std::uint32_t> number_of(std::string_view hex);

}  // namespace gpusim::gdb
