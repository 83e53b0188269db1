// SPDX-License-Identifier: MIT
#include "core/tcm.h"

#include "base/invariant.h"

namespace gpusim::rv32 {
namespace {

constexpr std::uint8_t kRights = kRead | kWrite | kExecute;

}  // namespace

Tcm::Tcm(std::uint32_t base, std::span<std::byte> bytes)
    : base_{base}, bytes_{bytes}, flags_(bytes.size() / kGranule, 0) {
  const std::uint64_t end = std::uint64_t{base} + bytes.size();
  if (bytes.empty() || bytes.size() % kGranule != 0 || base % kGranule != 0 || end > std::uint64_t{1} << 32 ||
      bytes.size() > 0xffff'ffffU) {
    violate("core_memory", "a TCM begins and ends at a multiple of 64 bytes below 4 GiB");
  }
}

template <class Change>
void Tcm::change(std::uint32_t address, std::uint32_t size, Change change) {
  if (!contains(address, size)) violate("core_memory", "rights are set for bytes that are not in the TCM");
  if (size == 0) return;
  const std::uint32_t last = (address - base_ + size - 1) / kGranule;
  for (std::uint32_t i = (address - base_) / kGranule; i <= last; ++i) flags_[i] = change(flags_[i]);
}

void Tcm::protect(std::uint32_t address, std::uint32_t size, std::uint8_t rights) {
  change(address, size,
         [rights](std::uint8_t flags) { return static_cast<std::uint8_t>((flags & ~kRights) | (rights & kRights)); });
}

void Tcm::permit(std::uint32_t address, std::uint32_t size, std::uint8_t rights) {
  change(address, size, [rights](std::uint8_t flags) { return static_cast<std::uint8_t>(flags | (rights & kRights)); });
}

}  // namespace gpusim::rv32
