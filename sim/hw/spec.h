// SPDX-License-Identifier: MIT
// The modelled device: what it is (the descriptor that driver and firmware see) and what its steps cost. Plain data,
// filled from configs/devices/*.toml.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/cost.h"
#include "firmware/abi/device.h"

namespace gpusim::hw {

struct LinkSpec {
  Cost mmio_write_latency;  ///< one crossing of a posted write of a CPU (doorbell, notification)
  Cost dma_write_latency;   ///< one crossing of a posted write of the device (fence value, reply, MSI-X)
  Cost dma_read_latency;    ///< device reads host memory: request and completion
  Cost mmio_read_latency;   ///< CPU reads a register: request and completion
};

struct FirmwareSpec {
  Cost wake;           ///< from an event to the first instruction of an idle core
  Cost doorbell;       ///< service time of a doorbell
  Cost message_short;  ///< of a schedule message
  Cost message_long;   ///< of register, priority, disable, deregister
  Cost engine_event;   ///< of an engine's report (empty, saved)
  Cost timer;          ///< of a quantum's end
  Cost pick;           ///< from the decision that an engine is free to its order
  Cost engine_reset;   ///< resetting an engine whose queue did not leave it in time
};

struct EngineSpec {
  Cost context_restore;  ///< before a queue runs whose context is not loaded
  Cost context_save;     ///< after a preemption with work left
};

struct InterruptSpec {
  Cost coalesce_window;  ///< from the first event of a vector to its message; 0: one message an event
};

struct DeviceSpec {
  std::string name = "gpu0";
  abi::DeviceDescriptor descriptor;
  LinkSpec link;
  FirmwareSpec firmware;
  std::array<EngineSpec, abi::kEngineClasses> engines;  ///< by engine class
  InterruptSpec interrupts;
  Cost reset;  ///< from the write to the reset register until the firmware runs again
};

}  // namespace gpusim::hw
