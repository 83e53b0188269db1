// SPDX-License-Identifier: MIT
// Between the link and the host's end of it, for a MemoryModule: each access of the device that crosses the link is
// asked of the module, too, which says when it is there.
//
// A DMA read is answered when the module has answered it, with what host memory holds then. A write is posted: it takes
// effect when it arrives, as controllers forward from their write queues, and keeps the module busy (ours). What does
// not get there: interrupts (abi::kMsiAddress); reads by b_transport, which are the firmware's and cost
// device.firmware.host_read; what engines read of contexts and stop words, whose flight is in what that costs.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

#include "base/timeline.h"
#include "sim/hw/memory_module.h"
#include "sim/hw/requester.h"
#include "sim/hw/systemc.h"
#include "sim/hw/transactions.h"

namespace gpusim::hw {

class TimedMemory : public sc_core::sc_module, private tlm::tlm_mm_interface {
 public:
  tlm_utils::simple_target_socket<TimedMemory> from_link{"from_link"};
  tlm_utils::simple_initiator_socket<TimedMemory> to_host{"to_host"};
  tlm_utils::simple_initiator_socket<TimedMemory> to_module{"to_module"};

  TimedMemory(sc_core::sc_module_name name, Timeline& timeline);
  ~TimedMemory() override;

 private:
  /// What the module is asked: a copy, since contents are not its matter.
  struct Asked {
    explicit Asked(tlm::tlm_mm_interface* owner) : payload{owner} {}
    tlm::tlm_generic_payload payload;
    std::array<std::byte, kMostBytes> bytes{};
    tlm::tlm_generic_payload* read = nullptr;  ///< the device's, to be answered; nullptr: a write
  };

  void b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay);
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& transaction, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& transaction) { return to_host->transport_dbg(transaction); }
  tlm::tlm_sync_enum hear(tlm::tlm_generic_payload& transaction, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
    return module_.hear(transaction, phase, delay);
  }

  void ask(const tlm::tlm_generic_payload& transaction, tlm::tlm_generic_payload* read);
  void on_answer(tlm::tlm_generic_payload& payload, SimTime when);
  void answer(std::uint64_t number);
  void free(tlm::tlm_generic_payload* payload) override;
  [[nodiscard]] std::size_t number_of(const tlm::tlm_generic_payload& payload) const;

  Timeline& timeline_;
  Timeline::Component component_;
  Requester module_;
  Responder link_;
  std::vector<std::unique_ptr<Asked>> all_;
  std::vector<std::size_t> free_;
};

}  // namespace gpusim::hw
