// SPDX-License-Identifier: MIT
// A module without visible effect: it has SystemC events and Timeline entries of its own during the first simulated
// millisecond. Adding it must not change a trace (tests/determinism).
#pragma once

#include "base/timeline.h"
#include "sim/hw/systemc.h"

namespace gpusim::system {

class IdleModule : public sc_core::sc_module {
 public:
  IdleModule(sc_core::sc_module_name name, Timeline& timeline);

 private:
  void on_kernel_event();
  void on_timeline_entry();

  Timeline& timeline_;
  Timeline::Component component_;
  sc_core::sc_event event_;
};

}  // namespace gpusim::system
