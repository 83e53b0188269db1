// SPDX-License-Identifier: MIT
// The modelled device: what it is (the descriptor that driver and firmware see) and what its steps cost. Plain data,
// filled from configs/devices/*.toml. The defaults and their sources are in docs/scenario.md.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/cost.h"
#include "firmware/abi/device.h"
#include "sim/hw/modules.h"

namespace gpusim::hw {

struct LinkSpec {
  Cost mmio_write_latency{ns(300)};  ///< one crossing of a posted write of a CPU (doorbell, notification)
  Cost dma_write_latency{ns(400)};   ///< one crossing of a posted write of the device (fence value, reply, MSI-X)
  Cost dma_read_latency{ns(700)};    ///< device reads host memory: request and completion
  Cost mmio_read_latency{ns(800)};   ///< CPU reads a register: request and completion
  std::uint64_t bandwidth_mb_s = 0;  ///< each way (sim/hw/transfers.h, sim/hw/link_wire.h); 0: without limit
  std::uint64_t packet_bytes = 0;    ///< payload of a transfer's packets; 0: it has none, and nothing waits for them
  std::uint64_t packet_header_bytes = 24;  ///< of each packet, beside its payload
};

/// The device's own.
struct MemorySpec {
  std::uint64_t bandwidth_mb_s = 0;  ///< of transfers, reads and writes together; 0: without limit
};

/// What executes the firmware.
enum class FirmwareCoreKind : std::uint8_t {
  native,  ///< this program
  rv32,    ///< an RV32IMAC core, the firmware's image (docs/firmware.md)
};

/// Where the time of a turn of the firmware's loop comes from.
enum class FirmwareTiming : std::uint8_t {
  table,   ///< a service time for each kind of step
  cycles,  ///< the cycles of the core, its accesses to registers, its reads of host memory; of rv32 alone
  live,    ///< the same, each access at its own moment
};

/// What a write to a doorbell says beside whose it is.
enum class DoorbellValue : std::uint8_t {
  write_index,  ///< the queue's write index
  handle,       ///< nothing: the device reads the write index from memory
};

/// When the firmware learns of a doorbell whose queue holds no slot (userq.rst of amdgpu).
enum class UnmappedDoorbell : std::uint8_t {
  firmware,  ///< at once, as of the others that are on no engine
  polled,    ///< when it next looks at the write indices of such queues
};

/// With abi::DoorbellRoute::direct.
struct DoorbellSpec {
  DoorbellValue value = DoorbellValue::write_index;
  UnmappedDoorbell unmapped = UnmappedDoorbell::firmware;
  Picoseconds poll{ms(50)};  ///< period of those looks, not 0
};

struct FirmwareSpec {
  FirmwareCoreKind core = FirmwareCoreKind::native;
  FirmwareTiming timing = FirmwareTiming::table;
  Cost cycle{ns(1)};             ///< of the core
  Cost register_access{ns(20)};  ///< a load or a store of a register, beside its cycles
  Cost host_read{ns(700)};       ///< a load of a word of host memory, beside its cycles
  Cost wake{ns(500)};            ///< from an event to the first instruction of an idle core
  Cost doorbell{us(3)};          ///< service time of a doorbell
  Cost message_short{us(3)};     ///< of a schedule message
  Cost message_long{us(20)};     ///< of register, priority, disable, deregister
  Cost message_look{ns(700)};    ///< of a look at the message buffer that finds it empty
  Cost engine_event{us(3)};      ///< of an engine's report (empty, saved)
  Cost timer{us(1)};             ///< of a quantum's end
  Cost pick{us(1)};              ///< from the decision that an engine is free to its order
  Cost engine_reset{us(500)};    ///< resetting an engine whose queue did not leave it in time
  Cost slot_resume{us(100)};     ///< host_slots: a queue gets a slot, beside the message
  Cost slot_suspend{us(100)};    ///< host_slots: it gives its slot up
};

struct EngineSpec {
  Cost context_restore{us(10)};  ///< before a queue runs whose context is not loaded
  Cost context_save{us(10)};     ///< after a preemption with work left
};

struct InterruptSpec {
  Cost coalesce_window;  ///< from the first event of a vector to its message; 0: one message an event
};

/// Engines rcs0, bcs0, vcs0, vcs1, vecs0; doorbells; any number of queues takes turns.
[[nodiscard]] constexpr abi::DeviceDescriptor default_descriptor() {
  using Class = abi::EngineClass;
  abi::DeviceDescriptor device;
  device.engine_count = 5;
  device.engines = {
      {{Class::render, 0}, {Class::copy, 0}, {Class::video, 0}, {Class::video, 1}, {Class::video_enhance, 0}}};
  device.max_queues = 4096;
  device.quantum_ps = static_cast<std::uint64_t>(ms(1).count());
  device.preempt_timeout_ps = static_cast<std::uint64_t>(ms(640).count());
  device.outer_quantum = 10;
  return device;
}

struct DeviceSpec {
  std::string name = "gpu0";
  abi::DeviceDescriptor descriptor = default_descriptor();
  LinkSpec link;
  MemorySpec memory;
  DoorbellSpec doorbell;
  std::uint64_t context_bytes = 0;      ///< moved through that memory by each restore or save, beside its fixed cost
  Picoseconds linger{0};                ///< for which a context stays loaded that has run empty; 0: for ever
  bool quantum_charges_switch = false;  ///< a quantum begins with the restore; else when that is over
  FirmwareSpec firmware;
  std::array<EngineSpec, abi::kEngineClasses> engines;  ///< by engine class
  InterruptSpec interrupts;
  DeviceModules modules;             ///< of plug-ins, in place of ours
  Cost reset{ms(5)};                 ///< from the write to the reset register until the firmware runs again
  std::uint16_t estimated_work = 0;  ///< Cost::parameter of work that is an estimate; 0: that of all work
};

/// Its firmware is the image, on our core.
[[nodiscard]] inline bool executes_image(const DeviceSpec& device) {
  return device.firmware.core == FirmwareCoreKind::rv32 && device.modules.core.name.empty();
}

}  // namespace gpusim::hw
