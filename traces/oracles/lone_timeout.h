// SPDX-License-Identifier: MIT
// A job times out for a reason: a fault was injected, the device was reset or is gone, or the queue was killed.
// Otherwise something was lost (a wake-up, a doorbell, an interrupt), and the timeout merely repairs it. This holds
// only where no job stays on the hardware for its whole timeout by itself, as in explorations, so it is off by default.
#pragma once

#include <cstdint>
#include <vector>

#include "traces/oracles/oracle.h"

namespace gpusim::trace {

class LoneTimeout final : public Oracle {
 public:
  explicit LoneTimeout(const Names& names) : Oracle{"lone_timeout", names} {}
  void attach_to(Recorder& recorder) override;
  void on(const fault_injected& event);
  void on(const device_reset_begin& event);
  void on(const device_gone& event);
  void on(const queue_kill& event);
  void on(const job_timedout& event);

  void enable() { enabled_ = true; }

 private:
  bool enabled_ = false;
  bool has_cause_ = false;            ///< of any queue
  std::vector<std::uint8_t> killed_;  ///< by queue
};

}  // namespace gpusim::trace
