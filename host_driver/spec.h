// SPDX-License-Identifier: MIT
// How the modelled kernel-mode driver is set up and what its steps cost. Plain data, filled from
// configs/drivers/*.toml. The defaults and their sources are in docs/scenario.md.
#pragma once

#include <cstdint>

#include "base/cost.h"
#include "base/time.h"

namespace gpusim::drv {

/// What runs between the MSI-X vector and the completion of jobs.
enum class IrqPath : std::uint8_t {
  hard,      ///< the hard handler completes jobs (xe: user interrupt to irq_work, in kind)
  threaded,  ///< the hard handler wakes a thread that does (panthor in kind)
};

/// Why the whole device is reset; `reason` of device_reset_begin.
enum class ResetReason : std::uint8_t {
  no_room,         ///< the firmware does not take messages out of its buffer
  no_answer_room,  ///< answers do not come, so no request can be sent
  no_answer,       ///< a request was not answered in time
  channel_error,   ///< the firmware has flagged the channel
  job_timeout,     ///< a job does not begin although its queue was enabled again several times
  requested,       ///< requested by a user
};

struct DriverSpec {
  std::uint32_t ring_entries = 64;  ///< power of two, 2..65536
  std::uint32_t credit_limit =
      0;  ///< of each queue, in credits (a job has 1 unless its client says otherwise); 0: ring_entries
  IrqPath irq_path = IrqPath::hard;
  std::uint32_t irq_cpu = 0;              ///< vector v is taken by CPU (irq_cpu + v) modulo the number of CPUs
  Picoseconds no_room_timeout{ms(1000)};  ///< of a message that finds no room, for itself or for its answer
  Picoseconds answer_timeout{ms(1000)};   ///< of a request to the firmware
  Picoseconds reset_poll{ms(5)};          ///< between looks at a device in reset
  std::uint32_t timeout_retries = 2;      ///< times that a job which has not begun gets its queue enabled again
  std::uint32_t reset_limit = 2;          ///< a job that has seen as many device resets is given up
  Cost create_queue{us(5)};               ///< create ioctl, without the message to the firmware
  Cost exec{ns(500)};                     ///< exec ioctl: copying and checking arguments, looking up objects
  Cost run_job{ns(100)};                  ///< run_job(), without what follows
  Cost ring_write{ns(100)};               ///< encoding and storing one entry
  Cost mmio_write{ns(100)};               ///< CPU time of one posted MMIO write
  Cost message{ns(200)};                  ///< composing one message and moving the tail
  Cost irq_scan{ns(50)};                  ///< completion handler: for each queue looked at
  Cost irq_complete{ns(100)};  ///< completion handler: for each job that was reached, without drm_dep_job_done()
  Cost reply{ns(500)};         ///< reply handler: for each message
};

}  // namespace gpusim::drv
