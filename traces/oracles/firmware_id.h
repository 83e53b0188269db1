// SPDX-License-Identifier: MIT
// The firmware's id of a queue belongs to one queue at a time: it is registered for another only after the firmware has
// forgotten its earlier owner. The firmware looks at that and at everything else it is told: a driver or an engine that
// makes it refuse anything is broken. Of a message that a fault has corrupted it has to refuse one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "traces/oracles/oracle.h"

namespace gpusim::trace {

class FirmwareId final : public Oracle {
 public:
  explicit FirmwareId(const Names& names) : Oracle{"firmware_id", names} {}
  void attach_to(Recorder& recorder) override;
  void on(const queue_registered& event);
  void on(const queue_deregistered& event);
  void on(const fault_injected& event);
  void on(const message_refused& event);

 private:
  std::vector<QueueId> owners_;  ///< by id; 0: none
  std::size_t corrupted_ = 0;    ///< messages that are still to be refused
};

}  // namespace gpusim::trace
