// SPDX-License-Identifier: MIT
#include "sim/system/firmware_fold.h"

namespace gpusim::system {

FirmwareFold::FirmwareFold(const hw::DeviceSpec& device) {
  const hw::FirmwareSpec& spec = device.firmware;
  profile_.has_core = hw::executes_image(device) || !device.modules.core.name.empty();
  profile_.has_bus_waits = spec.timing != hw::FirmwareTiming::table;
  for (const char* name : hw::kFirmwareHandlerNames) profile_.handlers.emplace_back().name = name;
}

void FirmwareFold::on_turn(const hw::FirmwareTurn& turn) {
  trace::HandlerProfile& handler = profile_.handlers[static_cast<std::size_t>(turn.handler)];
  handler.instructions += turn.instructions;
  handler.cycles += turn.cycles;
  handler.registers += turn.registers;
  handler.host_reads += turn.host_reads;
  handler.bus_wait += static_cast<std::uint64_t>(turn.bus_wait.count());
  handler.time.add(static_cast<std::uint64_t>(turn.time.count()));
}

}  // namespace gpusim::system
