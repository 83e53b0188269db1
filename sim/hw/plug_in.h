// SPDX-License-Identifier: MIT
// A plug-in: a shared object that offers modules by name, which scenarios choose in place of ours: engines, memory, the
// link, what executes the firmware. docs/plug-in.md has two whole ones; cmake's gpusim_add_plug_in() builds them.
//
//   GPUSIM_PLUG_IN("mine", "1.0") {
//     offers.engine<MyEngine>("my_engine");      // device.engines.rcs.module = "my_engine"
//     offers.memory<MyMemory>("my_memory");      // device.memory.module
//     offers.link<MyLink>("my_link");            // device.link.module
//     offers.firmware_core<MyCore>("my_core");   // device.firmware.module
//   }
//
// A module is constructed with (sc_core::sc_module_name, const EngineParts&) and so on, a firmware core with its
// FirmwareCoreParts alone. A shared object is loaded once and stays; it knows nothing of scenarios, so one module may
// be made many times, and keeps what it knows in its modules.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/hw/engine_module.h"
#include "sim/hw/firmware_core.h"
#include "sim/hw/link_module.h"
#include "sim/hw/memory_module.h"
#include "sim/hw/modules.h"

namespace gpusim::hw {

/// What plug-ins offer, by kind. A name is letters, digits, '_' and '-'; the first offer of a name counts.
struct Offers {
  std::vector<Module<MakeEngine>> engines;
  std::vector<Module<MakeMemory>> memories;
  std::vector<Module<MakeLink>> links;
  std::vector<Module<MakeFirmwareCore>> cores;

  template <class T>
  void engine(std::string name) {
    engines.push_back({std::move(name), [](const char* module, const EngineParts& parts) {
                         return std::unique_ptr<EngineModule>{std::make_unique<T>(module, parts)};
                       }});
  }
  template <class T>
  void memory(std::string name) {
    memories.push_back({std::move(name), [](const char* module, const MemoryParts& parts) {
                          return std::unique_ptr<MemoryModule>{std::make_unique<T>(module, parts)};
                        }});
  }
  template <class T>
  void link(std::string name) {
    links.push_back({std::move(name), [](const char* module, const LinkParts& parts) {
                       return std::unique_ptr<LinkModule>{std::make_unique<T>(module, parts)};
                     }});
  }
  template <class T>
  void firmware_core(std::string name) {
    cores.push_back({std::move(name), [](const FirmwareCoreParts& parts) {
                       return std::unique_ptr<FirmwareCore>{std::make_unique<T>(parts)};
                     }});
  }
};

/// What a shared object says of itself. The first word is looked at before anything else is.
struct PlugIn {
  const char* abi;  ///< plug_in_abi() of the program it was built for
  const char* name;
  const char* version;
  void (*offer)(Offers& offers);
};

/// Which program this is, as far as plug-ins have to match: its version, a hash of the headers that they see, its
/// sanitizers. Written by the build (cmake/plug_ins.cmake).
[[nodiscard]] std::string_view plug_in_abi();

/// The symbol of a shared object that gives its PlugIn.
inline constexpr const char* kPlugInSymbol = "gpusim_plug_in";
using PlugInFunction = const PlugIn* (*)();

}  // namespace gpusim::hw

#ifndef GPUSIM_PLUG_IN_ABI
#define GPUSIM_PLUG_IN_ABI "no program: it was not made by gpusim_add_plug_in()"
#endif

/// Once in a shared object.
#define GPUSIM_PLUG_IN(plug_in_name, plug_in_version)                                                                  \
  static void gpusim_offer_modules(gpusim::hw::Offers& offers);                                                        \
  extern "C" __attribute__((visibility("default"))) const gpusim::hw::PlugIn* gpusim_plug_in();                        \
  const gpusim::hw::PlugIn* gpusim_plug_in() {                                                                         \
    static const gpusim::hw::PlugIn the_one{GPUSIM_PLUG_IN_ABI, plug_in_name, plug_in_version, &gpusim_offer_modules}; \
    return &the_one;                                                                                                   \
  }                                                                                                                    \
  static void gpusim_offer_modules(gpusim::hw::Offers& offers)
