// SPDX-License-Identifier: MIT
// Folds the turns of the firmware's loop into a profile by kind.
#pragma once

#include "sim/hw/firmware_turn.h"
#include "traces/folds/firmware_profile.h"

namespace gpusim::system {

class FirmwareFold final : public hw::FirmwareTurnListener {
 public:
  explicit FirmwareFold(const hw::DeviceSpec& device);

  void on_turn(const hw::FirmwareTurn& turn) override;
  /// Its handlers stand in the order of hw::FirmwareHandler.
  [[nodiscard]] const trace::FirmwareProfile& profile() const { return profile_; }

 private:
  trace::FirmwareProfile profile_;
};

}  // namespace gpusim::system
