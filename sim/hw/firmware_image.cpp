// SPDX-License-Identifier: MIT
#include "sim/hw/firmware_image.h"

#include <string_view>

#include <fmt/core.h>

#include "base/hash.h"
#include "core/elf.h"

namespace gpusim::hw {

std::string firmware_image_text(abi::RunPolicy policy) {
  const std::span<const std::byte> image = firmware_image(policy);
  const auto file = rv32::ElfFile::read(image);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
  const std::string_view bytes{reinterpret_cast<const char*>(image.data()), image.size()};
  return fmt::format("firmware {} ({})", hash_text(hash_bytes(bytes)),
                     file ? file.value().compiler() : "no executable");
}

}  // namespace gpusim::hw
