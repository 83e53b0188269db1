// SPDX-License-Identifier: MIT
// The firmware's id of a queue belongs to one queue at a time: it is registered for another only after the firmware has
// forgotten its earlier owner.
#pragma once

#include <cstdint>
#include <vector>

#include "traces/oracles/oracle.h"

namespace gpusim::trace {

class FirmwareId final : public Oracle {
 public:
  explicit FirmwareId(const Names& names) : Oracle{"firmware_id", names} {}
  [[nodiscard]] EventSet kinds() const override;
  void on_event(const Event& event) override;

 private:
  std::vector<std::uint32_t> owners_;  ///< by id: queue, 0 if none
};

}  // namespace gpusim::trace
