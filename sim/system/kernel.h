// SPDX-License-Identifier: MIT
// A SystemC simulation context of one's own, so that machines can follow each other in a process. Officially there is
// one context a process; replacing the two exported pointers to it is known to work with 2.3.4 (a test runs many).
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "sim/hw/systemc.h"

namespace gpusim::system {

class Kernel {
 public:
  /// From here on modules are built into this context. `on_report` gets what SystemC has to say and is no defect; a
  /// warning or an error violates "systemc". Violates "kernel" if another one lives.
  explicit Kernel(std::function<void(const std::string&)> on_report = {});
  ~Kernel();
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;

  /// Elaborates and simulates until sc_stop() or until nothing is pending. What a process of SystemC's has thrown comes
  /// out as it was. Violates "systemc" if the kernel gives up for another reason.
  void run();

 private:
  std::unique_ptr<sc_core::sc_simcontext> context_;
};

}  // namespace gpusim::system
