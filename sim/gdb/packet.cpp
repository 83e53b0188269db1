// SPDX-License-Identifier: MIT
#include "sim/gdb/packet.h"

#include <charconv>
#include <numeric>

#include <fmt/core.h>

namespace gpusim::gdb {

namespace {

[[nodiscard]] std::uint8_t checksum(std::string_view text) {
  return std::accumulate(text.begin(), text.end(), std::uint8_t{0}, [](std::uint8_t sum, char c) {
    return static_cast<std::uint8_t>(sum + static_cast<std::uint8_t>(c));
  });
}

}  // namespace

std::string framed(std::string_view payload) {
  std::string escaped;
  for (const char c : payload) {
    if (c == '#' || c == '$' || c == '}' || c == '*') {
      escaped += '}';
      escaped += static_cast<char>(c ^ 0x20);
    } else {
      escaped += c;
    }
  }
  return fmt::format("${}#{:02x}", escaped, checksum(escaped));
}

std::optional<PacketReader::Item> PacketReader::next() {
  for (;;) {
    if (bytes_.empty()) return std::nullopt;
    const char first = bytes_.front();
    if (first == '$') break;
    bytes_.erase(0, 1);
    if (first == '\x03') return Item{Kind::interrupt, {}};
    if (first == '-') return Item{Kind::refused, {}};
  }
  const std::size_t end = bytes_.find('#');
  const bool has_end = end != std::string::npos;
  if ((has_end ? end : bytes_.size()) - 1 > kMostBytes) {
    bytes_.erase(0, has_end ? end + 3 : bytes_.size());
    return Item{Kind::broken, {}};
  }
  if (!has_end || bytes_.size() < end + 3) return std::nullopt;
  Item item{Kind::packet, bytes_.substr(1, end - 1)};
  const auto sum = number_of(std::string_view{bytes_}.substr(end + 1, 2));
  if (sum != checksum(item.payload)) item = {Kind::broken, {}};
  bytes_.erase(0, end + 3);
  return item;
}

std::string hex(std::span<const std::byte> bytes) {
  std::string text;
  for (const std::byte each : bytes) text += fmt::format("{:02x}", std::to_integer<unsigned>(each));
  return text;
}

std::optional<std::vector<std::byte>> bytes_of(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const auto value = number_of(hex.substr(i, 2));
    if (!value) return std::nullopt;
    bytes.push_back(static_cast<std::byte>(*value));
  }
  return bytes;
}

std::optional<std::uint32_t> number_of(std::string_view hex) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(hex.data(), hex.data() + hex.size(), value, 16);
  if (error != std::errc{} || end != hex.data() + hex.size()) return std::nullopt;
  return value;
}

}  // namespace gpusim::gdb
