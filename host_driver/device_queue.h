// SPDX-License-Identifier: MIT
// A queue of the device as the driver's interrupts and resets see it: hardware, and the scheduler before it.
// FirmwareQueue and UserQueue are one for each queue of a client, KernelRing one that clients share.
#pragma once

#include "host_driver/hardware_queue.h"
#include "scheduler/submission.h"

namespace gpusim::drv {

class DeviceQueue {
 public:
  [[nodiscard]] virtual HardwareQueue& hardware() = 0;
  /// For a device reset: no job is handed to the hardware from here on; and again. Context: may sleep.
  [[nodiscard]] virtual os::Task<> stop(os::Context& ctx) = 0;
  [[nodiscard]] virtual os::Task<> start(os::Context& ctx) = 0;
  /// The firmware has to know it even while it has no jobs, because nobody is asked when the next one comes.
  [[nodiscard]] virtual bool is_always_known() const { return false; }
  /// Its end is under way: there are no jobs in it.
  [[nodiscard]] virtual bool is_ending() const = 0;
  /// The firmware has reset an engine under it: it did not leave it in time, or its job had a page fault. Context: may
  /// take locks of the scheduler; never waits.
  virtual void on_reset_notify(os::Context& ctx) = 0;
  /// It does not leave its engine, and the firmware leaves that to the host. Context: as on_reset_notify().
  virtual void on_preempt_missed(os::Context& ctx) = 0;
  /// The device reset has taken everything off the engines: what it means for the jobs. True if it goes on. Pre:
  /// complete_reached() since. Any context; never waits.
  [[nodiscard]] virtual bool after_reset(os::Context& ctx) = 0;
  /// Every fence signals with -ENODEV. Any context; never waits.
  virtual void on_device_gone(os::Context& ctx) = 0;

 protected:
  ~DeviceQueue() = default;
};

}  // namespace gpusim::drv
