// SPDX-License-Identifier: MIT
// What joins the device to the host: the interface of PcieLink, and of what somebody else puts in its place.
//
// A link gets posted writes by b_transport, or in one phase, each with an ArrivalNote (sim/hw/bus_port.h): the event
// that it emits when the write has crossed, before it delivers it. Reads in two halves come by nb_transport. Each way
// keeps posted writes in order, or interrupts overtake the fence values they are about; violations of that show as
// broken rules of the model.
#pragma once

#include "base/cost.h"
#include "base/timeline.h"
#include "sim/fault/injector.h"
#include "sim/hw/spec.h"
#include "sim/hw/systemc.h"
#include "traces/event/recorder.h"

namespace gpusim::hw {

class Transfers;

struct LinkParts {
  Timeline& timeline;
  trace::Recorder& recorder;
  CostLedger& ledger;
  const LinkSpec& spec;  ///< device.link, which a link may read or not
};

class LinkModule : public sc_core::sc_module {
 public:
  explicit LinkModule(sc_core::sc_module_name name) : sc_core::sc_module{name} {}

  // Always the same sockets; that of the device's side takes any number of initiators.
  [[nodiscard]] virtual tlm::tlm_base_target_socket_b<>& host_side() = 0;
  [[nodiscard]] virtual tlm::tlm_base_initiator_socket<>& device_out() = 0;
  [[nodiscard]] virtual tlm::tlm_base_target_socket_b<>& device_side() = 0;
  [[nodiscard]] virtual tlm::tlm_base_initiator_socket<>& host_out() = 0;

  /// The device is pulled: nothing arrives any more on either side, reads of registers give all ones.
  virtual void cut() = 0;
  /// It asks them of each posted write whether an error of the link strikes. One that does not ask has none. They
  /// outlive it.
  virtual void bind_faults(fault::Injector& /*faults*/) {}
  /// Among whose packets its own stand. They outlive it.
  virtual void bind_transfers(const Transfers& /*transfers*/) {}
};

}  // namespace gpusim::hw
