// SPDX-License-Identifier: MIT
// What a compiler takes for granted on a bare core.
#include <cstddef>
#include <cstdint>

extern "C" {

/// By words where both ends are aligned: a compiler calls them for records.
void* memset(void* to, int value, std::size_t count);
void* memset(void* to, int value, std::size_t count) {
  auto* bytes = static_cast<unsigned char*>(to);
  if (((reinterpret_cast<std::uintptr_t>(to) | count) & 3) == 0) {
    const std::uint32_t word = static_cast<unsigned char>(value) * 0x0101'0101U;
    for (auto *words = static_cast<std::uint32_t*>(to), *end = words + count / 4; words != end; ++words) *words = word;
    return to;
  }
  for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<unsigned char>(value);
  return to;
}

void* memcpy(void* to, const void* from, std::size_t count);
void* memcpy(void* to, const void* from, std::size_t count) {
  auto* target = static_cast<unsigned char*>(to);
  const auto* source = static_cast<const unsigned char*>(from);
  if (((reinterpret_cast<std::uintptr_t>(to) | reinterpret_cast<std::uintptr_t>(from) | count) & 3) == 0) {
    auto* words = static_cast<std::uint32_t*>(to);
    const auto* source_words = static_cast<const std::uint32_t*>(from);
    for (std::size_t i = 0; i < count / 4; ++i) words[i] = source_words[i];
    return to;
  }
  for (std::size_t i = 0; i < count; ++i) target[i] = source[i];
  return to;
}

}  // extern "C"
