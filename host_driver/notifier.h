// SPDX-License-Identifier: MIT
// How the device learns that a queue has work: one implementation for each value of the device descriptor's axis.
#pragma once

#include <cstdint>
#include <memory>

#include "base/ids.h"
#include "firmware/abi/device.h"
#include "host_driver/control_channel.h"
#include "host_driver/device_access.h"
#include "host_driver/spec.h"
#include "os/task.h"

namespace gpusim::drv {

class Notifier {
 public:
  virtual ~Notifier() = default;
  /// The queue with this firmware id has the write index `write_index` in memory; `job` is the last entry's. A channel
  /// that is down is no error here: bringing it up again includes reading the write index. Context: run_job().
  [[nodiscard]] virtual os::Task<> notify(os::Context& ctx, QueueId queue, std::uint32_t id, JobId job,
                                          std::uint64_t write_index) = 0;
};

[[nodiscard]] std::unique_ptr<Notifier> make_notifier(abi::SubmitNotify kind, DeviceAccess& device,
                                                      ControlChannel& channel, const DriverSpec& spec);

}  // namespace gpusim::drv
