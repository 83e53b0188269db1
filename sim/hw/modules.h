// SPDX-License-Identifier: MIT
// Parts of the device that others may replace: which factories a scenario has chosen. Without one it is a module of
// ours. What a factory gives is in engine_module.h, memory_module.h, link_module.h and firmware_core.h; where factories
// come from, in plug_in.h and docs/plug-in.md.
#pragma once

#include <array>
#include <memory>
#include <string>

#include "firmware/abi/device.h"

namespace gpusim::hw {

class EngineModule;
class MemoryModule;
class LinkModule;
class FirmwareCore;
struct EngineParts;
struct MemoryParts;
struct LinkParts;
struct FirmwareCoreParts;

/// `name`: of the SystemC module, such as "rcs0". What the parts refer to outlives what is made.
using MakeEngine = std::unique_ptr<EngineModule> (*)(const char* name, const EngineParts& parts);
using MakeMemory = std::unique_ptr<MemoryModule> (*)(const char* name, const MemoryParts& parts);
using MakeLink = std::unique_ptr<LinkModule> (*)(const char* name, const LinkParts& parts);
using MakeFirmwareCore = std::unique_ptr<FirmwareCore> (*)(const FirmwareCoreParts& parts);

/// One that a scenario asks for.
template <class Make>
struct Module {
  std::string name;     ///< by which a plug-in offers it; empty: ours
  Make make = nullptr;  ///< nullptr exactly if `name` is empty, once a scenario is loaded
};

struct DeviceModules {
  std::array<Module<MakeEngine>, abi::kEngineClasses> engines;  ///< by engine class
  Module<MakeMemory> memory;
  Module<MakeLink> link;
  Module<MakeFirmwareCore> core;
};

}  // namespace gpusim::hw
