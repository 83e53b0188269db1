// SPDX-License-Identifier: MIT
#include "sim/hw/firmware_core.h"

#include "sim/hw/firmware_image.h"
#include "sim/hw/native_firmware_core.h"
#include "sim/hw/rv32_firmware_core.h"

namespace gpusim::hw {

std::unique_ptr<FirmwareCore> make_firmware_core(FirmwareCoreKind kind, FirmwareRegisters& registers,
                                                 const abi::DeviceDescriptor& device) {
  if (kind == FirmwareCoreKind::native) return std::make_unique<NativeFirmwareCore>(registers, device);
  return std::make_unique<Rv32FirmwareCore>(firmware_image(), registers, device);
}

}  // namespace gpusim::hw
