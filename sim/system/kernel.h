// SPDX-License-Identifier: MIT
// A SystemC simulation context of one's own, so that machines can follow each other in a process. Officially there is
// one context a process; replacing the two exported pointers to it is known to work with 2.3.4 (a test runs many).
//
// What SystemC and modules in it report (sc_report) comes here, and nothing of it goes to stdout or stderr by itself:
//
//   SC_INFO                    is told
//   SC_WARNING of a module     is told as a warning
//   SC_WARNING of SystemC's    violates "systemc": a module that was renamed, say, is a defect
//   SC_ERROR, SC_FATAL         violate "systemc"; from a destructor, when there is no run to be ended, they are told
//
// What a module sets by sc_report_handler::set_actions() holds: what is to do nothing is not told, and an error that is
// only to be displayed is told and ends nothing.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/timeline.h"
#include "sim/hw/systemc.h"

namespace gpusim::system {

struct KernelReport {
  enum class Level { detail, info, warning, error };  ///< detail: SystemC speaks of itself
  Level level;
  std::string text;
};

/// Whom reports are told from now on; nobody at first, and for an empty function. One for the process, as SystemC's
/// handler is, which this installs. Must not throw.
void listen_to_systemc(std::function<void(const KernelReport&)> listener);

class Kernel {
 public:
  /// From here on modules are built into this context. Violates "kernel" if another one lives.
  Kernel();
  ~Kernel();
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;

  /// Elaborates and simulates until sc_stop() or until nothing is pending. What a process of SystemC's has thrown comes
  /// out as it was. Violates "systemc" if the kernel gives up for another reason. `timeline`: which may be ahead of
  /// SystemC's time; reports say when they were made.
  void run(const Timeline* timeline = nullptr);

 private:
  std::unique_ptr<sc_core::sc_simcontext> context_;
};

}  // namespace gpusim::system
