// SPDX-License-Identifier: MIT
// What may happen to clients and device at any moment of an exploration: a queue is closed or killed under its owner,
// the device is reset or unplugged, queues in user mode are evicted. Each is a thread of its own that sleeps until a
// chosen moment; without such a choice there is no thread, and the run is the undisturbed one.
#pragma once

#include "base/choice.h"
#include "host_driver/driver.h"
#include "os/host.h"
#include "sim/hw/gpu.h"
#include "sim/system/exploration.h"

namespace gpusim::system {

class Chaos {
 public:
  /// Makes the choices and spawns the threads. All arguments outlive the run.
  Chaos(os::Host& host, drv::Driver& driver, hw::Gpu& gpu, Exploration& exploration);

 private:
  struct Strike;
  [[nodiscard]] static os::Task<> strike(os::Context& ctx, Strike strike);
};

}  // namespace gpusim::system
