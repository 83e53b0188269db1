// SPDX-License-Identifier: MIT
// The firmware compiled into this program: a turn takes no cycles.
#pragma once

#include <optional>
#include <vector>

#include "sim/hw/firmware_core.h"

namespace gpusim::hw {

/// `P`: the run-list's policy.
template <template <class> class P>
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
  [[nodiscard]] FirmwareStop run() override {
    const std::optional<fw::Turn> turn = firmware_->turn();
    if (!turn) return FirmwareStop::sleep;
    turn_ = *turn;
    return FirmwareStop::turn;
  }
  [[nodiscard]] std::uint64_t cycles() const override { return 0; }
  [[nodiscard]] std::uint64_t instructions() const override { return 0; }
  [[nodiscard]] fw::Turn turn() const override { return turn_; }
  [[nodiscard]] bool reads_host() const override { return false; }
  void perform() override {}
  [[nodiscard]] std::span<const fw::QueueRecord> queues() const override { return queues_; }
  [[nodiscard]] std::span<const fw::EngineRecord> engines() const override { return engines_; }

 private:
  FirmwareRegisters& registers_;
  fw::RegisterHal<FirmwareRegisters> hal_;
  std::vector<fw::QueueRecord> queues_;
  std::vector<fw::EngineRecord> engines_;
  std::optional<fw::Main<fw::RegisterHal<FirmwareRegisters>, P>> firmware_;
  fw::Turn turn_{};
};

}  // namespace gpusim::hw
