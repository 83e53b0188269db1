// SPDX-License-Identifier: MIT
// The firmware compiled into this program: a turn takes no cycles.
#pragma once

#include <vector>

#include "sim/hw/firmware_core.h"

namespace gpusim::hw {

class NativeFirmwareCore final : public FirmwareCore {
 public:
  NativeFirmwareCore(FirmwareRegisters& registers, const abi::DeviceDescriptor& device)
      : registers_{registers}, hal_{registers}, queues_(device.max_queues + 1), engines_(device.engine_count) {
    reset();
  }

  void reset() override {
    queues_.assign(queues_.size(), {});
    engines_.assign(engines_.size(), {});
    firmware_.emplace(hal_, fw::read_device(registers_), queues_, engines_);
  }
  [[nodiscard]] std::optional<fw::Turn> turn() override { return firmware_->turn(); }
  [[nodiscard]] std::uint64_t cycles() const override { return 0; }
  [[nodiscard]] std::span<const fw::QueueRecord> queues() const override { return queues_; }
  [[nodiscard]] std::span<const fw::EngineRecord> engines() const override { return engines_; }

 private:
  FirmwareRegisters& registers_;
  fw::RegisterHal<FirmwareRegisters> hal_;
  std::vector<fw::QueueRecord> queues_;
  std::vector<fw::EngineRecord> engines_;
  std::optional<fw::Main<fw::RegisterHal<FirmwareRegisters>>> firmware_;
};

}  // namespace gpusim::hw
