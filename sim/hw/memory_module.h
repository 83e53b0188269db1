// SPDX-License-Identifier: MIT
// Host memory's timing, as somebody else models it: a target of TLM-2.0's base protocol, loosely or approximately
// timed, such as DRAMSys has with its tlm_target_socket. Contents stay with the host (sim/hw/host_memory.h); the module
// is asked when they are there (sim/hw/timed_memory.h), and what it says of data does not matter.
#pragma once

#include "base/timeline.h"
#include "sim/hw/systemc.h"

namespace gpusim::hw {

struct MemoryParts {
  Timeline& timeline;
};

class MemoryModule : public sc_core::sc_module {
 public:
  explicit MemoryModule(sc_core::sc_module_name name) : sc_core::sc_module{name} {}

  /// Gets reads and writes of at most kMostBytes, one request at a time, by nb_transport. Always the same socket.
  [[nodiscard]] virtual tlm::tlm_base_target_socket_b<>& socket() = 0;
};

}  // namespace gpusim::hw
