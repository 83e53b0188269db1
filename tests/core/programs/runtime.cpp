// SPDX-License-Identifier: MIT
// What a compiler takes for granted on a bare core, and where a called function returns to.
#include <cstddef>
#include <cstdint>

extern "C" {

void halt();
void halt() {
  for (;;) asm volatile("ebreak");
}

void* memset(void* to, int value, std::size_t count);
void* memset(void* to, int value, std::size_t count) {
  auto* bytes = static_cast<unsigned char*>(to);
  for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<unsigned char>(value);
  return to;
}

void* memcpy(void* to, const void* from, std::size_t count);
void* memcpy(void* to, const void* from, std::size_t count) {
  auto* target = static_cast<unsigned char*>(to);
  const auto* source = static_cast<const unsigned char*>(from);
  for (std::size_t i = 0; i < count; ++i) target[i] = source[i];
  return to;
}

}  // extern "C"
