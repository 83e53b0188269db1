// SPDX-License-Identifier: MIT
// The registers of the firmware's processor, one by one, as docs/firmware.md has them.
#include <vector>

#include "sim/hw/firmware_registers.h"
#include "sim/hw/spec.h"
#include "tests/support/catch.h"

using namespace gpusim;
using namespace gpusim::hw;

namespace {

struct RegistersScene {
  abi::DeviceDescriptor device = default_descriptor();
  Timeline timeline;
  trace::Recorder recorder{timeline};
  fault::FaultSpec no_faults;
  fault::Injector faults{recorder, no_faults};
  FirmwareRegisters registers{recorder, faults, device};

  /// Ends the turn; what was ordered, and forgotten if it is of another kind.
  template <class Order>
  std::vector<Order> ordered() {
    std::vector<Order> found;
    registers.apply([&](const auto& each) {
      if constexpr (std::is_same_v<std::decay_t<decltype(each)>, Order>) found.push_back(each);
    });
    return found;
  }
};

}  // namespace

TEST_CASE("the registers say what the device is", "[registers]") {
  RegistersScene scene;
  scene.device.slots = 8;
  CHECK(scene.registers.load(abi::kFwEngineCount) == 5);
  CHECK(scene.registers.load(abi::kFwMaxQueues) == 4096);
  CHECK(scene.registers.load(abi::kFwSlots) == 8);
  CHECK(scene.registers.load(abi::kFwPreemption) == 1);
  scene.device.preempt_miss = abi::PreemptMiss::tell_host;
  CHECK(scene.registers.load(abi::kFwPreemption) == 2);
  scene.device.preempt_timeout_ps = 0;
  CHECK(scene.registers.load(abi::kFwPreemption) == 0);
  CHECK(scene.registers.load(abi::kFwOuterQuantum) == 10);
  scene.device.outer_quantum = 3;
  CHECK(scene.registers.load(abi::kFwOuterQuantum) == 3);
  CHECK(scene.registers.load(abi::engine_register(3, abi::kFwEngineClass)) == 2);
  CHECK(scene.registers.load(abi::kFwChannelHigh) == 0);
  scene.registers.set_channel(0x12'3456'7000);
  CHECK(scene.registers.load(abi::kFwChannelLow) == 0x3456'7000);
  CHECK(scene.registers.load(abi::kFwChannelHigh) == 0x12);
  const abi::DeviceDescriptor read = fw::read_device(scene.registers);
  CHECK(read.engine_count == 5);
  CHECK(read.engines[4].engine_class == abi::EngineClass::video_enhance);
  CHECK(read.preempt_timeout_ps == 0);
}

TEST_CASE("events come one by one, with what belongs to them, and a pending bit keeps a second one out",
          "[registers]") {
  RegistersScene scene;
  FirmwareRegisters& registers = scene.registers;
  CHECK_FALSE(registers.has_event());
  CHECK(registers.load(abi::kFwEvent) == 0);
  CHECK(registers.ring(65));
  CHECK_FALSE(registers.ring(65));
  CHECK(registers.notify());
  CHECK_FALSE(registers.notify());
  registers.post({fw::Step::engine_saved, 7, {.engine = 3, .queue = 7, .run = 9, .read_index = 11, .begun = true}});
  CHECK(registers.has_event());

  const std::uint32_t doorbell = registers.load(abi::kFwEvent);
  CHECK(abi::event_step(doorbell) == static_cast<std::uint32_t>(fw::Step::doorbell));
  CHECK(registers.load(abi::kFwEventQueue) == 65);
  CHECK(registers.load(abi::kFwDoorbells + 8) == 2);
  CHECK_FALSE(registers.ring(65));  // still pending: it is cleared by who serves it
  registers.store(abi::kFwDoorbells + 8, 2);
  CHECK(registers.load(abi::kFwDoorbells + 8) == 0);
  CHECK(registers.ring(65));

  CHECK(abi::event_step(registers.load(abi::kFwEvent)) == static_cast<std::uint32_t>(fw::Step::message));
  CHECK(registers.load(abi::kFwNotification) == 1);
  registers.store(abi::kFwNotification, 1);
  CHECK(registers.load(abi::kFwNotification) == 0);
  registers.store(abi::kFwNotifyAgain, 1);
  CHECK(registers.load(abi::kFwNotification) == 1);

  const std::uint32_t report = registers.load(abi::kFwEvent);
  CHECK(abi::event_engine(report) == 3);
  CHECK(abi::event_begun(report));
  CHECK(registers.load(abi::kFwEventQueue) == 7);
  CHECK(registers.load(abi::kFwEventRun) == 9);
  CHECK(registers.load(abi::kFwEventReadIndex) == 11);
}

TEST_CASE("orders wait for the end of the turn, and a reset drops them", "[registers]") {
  RegistersScene scene;
  FirmwareRegisters& registers = scene.registers;
  fw::RegisterHal hal{registers};
  hal.write32(0x1'0000'0004, 5);
  hal.engine_run(2, {.queue = 3,
                     .tag = 4,
                     .run = 5,
                     .read_index = 6,
                     .write_index = 7,
                     .ring_entries = 8,
                     .ring_address = 0x9'0000'000a,
                     .context_address = 0xb'0000'000c});
  hal.engine_extend(2, 70);
  hal.start_preempt_timer(1, 12, 13);
  CHECK(registers.ordered_reset() == nullptr);
  CHECK(registers.take_use().accesses == 3 + 11 + 2 + 3);
  CHECK(registers.take_use().accesses == 0);

  std::vector<std::size_t> kinds;
  fw::RunRequest run{};
  std::uint32_t extended = 0;
  registers.apply([&](const auto& each) {
    using Order = std::decay_t<decltype(each)>;
    kinds.push_back(FirmwareOrder{each}.index());
    if constexpr (std::is_same_v<Order, order::Run>) run = each.request;
    if constexpr (std::is_same_v<Order, order::Extend>) extended = each.write_index;
    if constexpr (std::is_same_v<Order, order::Write>) CHECK(each.address == 0x1'0000'0004);
    if constexpr (std::is_same_v<Order, order::StartTimer>) CHECK((each.queue == 12 && each.run == 13));
  });
  CHECK(kinds == std::vector<std::size_t>{0, 2, 3, 6});
  CHECK(run.tag == 4);
  CHECK(run.write_index == 7);
  CHECK(run.ring_address == 0x9'0000'000a);
  CHECK(run.context_address == 0xb'0000'000c);
  CHECK(extended == 70);

  hal.engine_preempt(0);
  registers.reset();
  CHECK(scene.ordered<order::Preempt>().empty());
}

TEST_CASE("a register that is not there reads as 0 and keeps nothing", "[registers]") {
  RegistersScene scene;
  for (std::uint32_t offset = 0; offset < abi::kFirmwareRegisterBytes + 64; offset += 4) {
    if (offset == abi::kFwHostData || offset == abi::kFwTakesMessage) continue;  // they look at host memory
    scene.registers.store(offset, 0xffff'ffff);
    (void)scene.registers.load(offset);
  }
  CHECK(scene.registers.load(abi::engine_register(5, abi::kFwEngineQueue)) == 0);  // of five engines
  CHECK(scene.registers.load(abi::kFirmwareRegisterBytes) == 0);
  CHECK(scene.registers.load(0x018) == 0);
}
