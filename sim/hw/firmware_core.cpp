// SPDX-License-Identifier: MIT
#include "sim/hw/firmware_core.h"

#include "base/invariant.h"
#include "firmware/runlist/host_slots.h"
#include "firmware/runlist/list_walk.h"
#include "firmware/runlist/tick_rotation.h"
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
  if (spec.core == FirmwareCoreKind::native) {
    switch (device.policy) {
      case abi::RunPolicy::tick_rotation:
        return std::make_unique<NativeFirmwareCore<fw::TickRotation>>(registers, device);
      case abi::RunPolicy::list_walk:
        return std::make_unique<NativeFirmwareCore<fw::ListWalk>>(registers, device);
      case abi::RunPolicy::host_slots:
        return std::make_unique<NativeFirmwareCore<fw::HostSlots>>(registers, device);
      case abi::RunPolicy::round_robin:
        break;
    }
    return std::make_unique<NativeFirmwareCore<fw::RoundRobin>>(registers, device);
  }
  const bool stops = spec.timing == FirmwareTiming::live;
  return std::make_unique<Rv32FirmwareCore>(firmware_image(device.policy), registers, device, stops);
}

}  // namespace gpusim::hw
