// SPDX-License-Identifier: MIT
// A job times out for a reason: a fault was injected, the device was reset or is gone, or somebody killed the queue.
// Else something was lost on its way - a wake-up, a doorbell, an interrupt - and the timeout only mends it. True where
// no job can be on the hardware for as long as its timeout by itself, as in explorations; hence off unless asked for.
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
