// SPDX-License-Identifier: MIT
#include "sim/hw/firmware_core.h"

#include <fmt/core.h>

#include "base/hash.h"
#include "core/elf.h"
#include "sim/hw/firmware_image.h"
#include "sim/hw/native_firmware_core.h"
#include "sim/hw/rv32_firmware_core.h"

namespace gpusim::hw {

std::unique_ptr<FirmwareCore> make_firmware_core(const FirmwareSpec& spec, FirmwareRegisters& registers,
                                                 const abi::DeviceDescriptor& device) {
  if (spec.core == FirmwareCoreKind::native) return std::make_unique<NativeFirmwareCore>(registers, device);
  const bool stops = spec.timing == FirmwareTiming::live;
  return std::make_unique<Rv32FirmwareCore>(firmware_image(), registers, device, stops);
}

std::string firmware_image_text() {
  const std::span<const std::byte> image = firmware_image();
  const auto file = rv32::ElfFile::read(image);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
  const std::string_view bytes{reinterpret_cast<const char*>(image.data()), image.size()};
  return fmt::format("firmware {} ({})", hash_text(hash_bytes(bytes)),
                     file ? file.value().compiler() : "no executable");
}

}  // namespace gpusim::hw
