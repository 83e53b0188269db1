// SPDX-License-Identifier: MIT
#include "sim/hw/firmware_core.h"

#include "base/invariant.h"
#include "sim/hw/firmware_image.h"
#include "sim/hw/native_firmware_core.h"
#include "sim/hw/rv32_firmware_core.h"

namespace gpusim::hw {

std::unique_ptr<FirmwareCore> make_firmware_core(const Module<MakeFirmwareCore>& module,
                                                 const FirmwareCoreParts& parts) {
  if (module.make != nullptr) {
    std::unique_ptr<FirmwareCore> core = module.make(parts);
    if (!core) violate("plug_in", "the plug-in's module " + module.name + " has made no firmware core");
    return core;
  }
  const auto& [spec, registers, device] = parts;
  if (spec.core == FirmwareCoreKind::native) return std::make_unique<NativeFirmwareCore>(registers, device);
  const bool stops = spec.timing == FirmwareTiming::live;
  return std::make_unique<Rv32FirmwareCore>(firmware_image(), registers, device, stops);
}

}  // namespace gpusim::hw
