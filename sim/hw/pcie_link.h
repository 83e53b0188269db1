// SPDX-License-Identifier: MIT
// The PCIe link: posted writes in order, each way, arriving after their latency; reads split into request and
// completion. A request arrives half of the read's latency after it was issued and does not pass posted writes issued
// before it, the completion takes the rest; that of a register's read arrives behind what the device wrote before it.
// (A DMA read's request is not held up by the device's posted writes: ours.) The target's b_transport is called at the
// moment of arrival; if it asks for time, a read is answered later by so much, and a posted write holds up those behind
// it. A DMA read is asked of the host's side by nb_transport, so that its target may take as long as it likes.
// A link error is a posted write that is sent again: it and those behind it arrive later.
// What jobs move has a bandwidth (transfers.h); with LinkSpec::packet_bytes these writes and reads stand among its
// packets (link_wire.h). Credits are not modelled.
//
// Posted writes come by b_transport, or in one phase; reads in two halves, by nb_transport. A read by b_transport
// crosses at once: for who charges its flight himself (the firmware's core, device.firmware.host_read).
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/cost.h"
#include "base/fifo.h"
#include "base/timeline.h"
#include "firmware/abi/device.h"
#include "sim/fault/injector.h"
#include "sim/hw/bus_port.h"
#include "sim/hw/link_module.h"
#include "sim/hw/link_wire.h"
#include "sim/hw/requester.h"
#include "sim/hw/spec.h"
#include "sim/hw/systemc.h"
#include "traces/event/recorder.h"

namespace gpusim::hw {

/// Violates "bus" for a posted write that nothing takes.
class PcieLink : public LinkModule {
 public:
  tlm_utils::simple_target_socket<PcieLink> from_host{"from_host"};
  tlm_utils::simple_initiator_socket<PcieLink> to_device{"to_device"};
  tlm_utils::multi_passthrough_target_socket<PcieLink> from_device{"from_device"};
  tlm_utils::simple_initiator_socket<PcieLink> to_host{"to_host"};

  PcieLink(sc_core::sc_module_name name, Timeline& timeline, trace::Recorder& recorder, CostLedger& ledger,
           const LinkSpec& spec);

  [[nodiscard]] tlm::tlm_base_target_socket_b<>& host_side() override { return from_host; }
  [[nodiscard]] tlm::tlm_base_initiator_socket<>& device_out() override { return to_device; }
  [[nodiscard]] tlm::tlm_base_target_socket_b<>& device_side() override { return from_device; }
  [[nodiscard]] tlm::tlm_base_initiator_socket<>& host_out() override { return to_host; }
  void cut() override { is_cut_ = true; }
  void bind_faults(fault::Injector& faults) override { faults_ = &faults; }
  void bind_transfers(const Transfers& transfers) override {
    for (Way& way : ways_) way.wire.bind(transfers);
  }

 private:
  using OutSocket = tlm_utils::simple_initiator_socket<PcieLink>;
  struct Posted {
    std::uint64_t address;
    std::array<std::byte, kMostBytes> bytes;
    std::uint32_t size;
    bool note;
    trace::Event event;
  };
  struct Read {
    tlm::tlm_generic_payload* transaction;
    int port;  ///< of from_device
  };
  /// What is on its way, one behind the other.
  template <class T>
  struct Lane {
    Fifo<T> queue;
    SimTime last{};  ///< of all that was ever sent, when the last arrives

    /// Behind all others, not before `when`. Returns the time.
    [[nodiscard]] SimTime arrival(SimTime when) { return last = std::max(last, when); }
    [[nodiscard]] SimTime send(const T& item, SimTime when) {
      queue.push_back(item);
      return arrival(when);
    }
  };
  /// One of the link's two directions.
  struct Way {
    OutSocket& out;
    Timeline::Component component;
    Cost write_latency;
    LinkWire wire;
    Lane<Posted> posted{};
    SimTime takes{};  ///< the next posted write, not before then
  };
  enum : std::uint64_t { kDown, kUp };

  void start_of_simulation() override { to_ports_.resize(from_device.size()); }
  void b_from_host(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) { cross(kDown, transaction, delay); }
  void b_from_device(int, tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
    cross(kUp, transaction, delay);
  }
  tlm::tlm_sync_enum nb_from_host(tlm::tlm_generic_payload& transaction, tlm::tlm_phase& phase,
                                  sc_core::sc_time& delay);
  tlm::tlm_sync_enum nb_from_device(int port, tlm::tlm_generic_payload& transaction, tlm::tlm_phase& phase,
                                    sc_core::sc_time& delay);
  unsigned peek_device(tlm::tlm_generic_payload& transaction) { return to_device->transport_dbg(transaction); }
  unsigned peek_host(int, tlm::tlm_generic_payload& transaction) { return to_host->transport_dbg(transaction); }

  void cross(std::uint64_t way, tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay);
  void post(std::uint64_t way, const tlm::tlm_generic_payload& transaction, SimTime issued);
  void arrive(std::uint64_t way);
  [[nodiscard]] Picoseconds deliver(Way& to);

  void request_register(const Read& read, SimTime issued);
  void register_request_arrives();
  void register_completion_arrives();
  void request_memory(const Read& read, SimTime issued);
  void memory_request_arrives();
  tlm::tlm_sync_enum hear_host(tlm::tlm_generic_payload& transaction, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
    return host_.hear(transaction, phase, delay);
  }
  void on_answer(tlm::tlm_generic_payload& transaction, SimTime answered);
  void complete(const Read& read, SimTime answered);
  void memory_completion_arrives();
  [[nodiscard]] Picoseconds forward(OutSocket& socket, tlm::tlm_generic_payload& transaction) const;

  Timeline& timeline_;
  trace::Recorder& recorder_;
  CostLedger& ledger_;
  LinkSpec spec_;
  fault::Injector* faults_ = nullptr;
  std::array<Way, 2> ways_;
  Lane<Read> register_requests_;
  Lane<Read> register_completions_;
  Lane<Read> memory_requests_;
  Lane<Read> memory_completions_;
  Requester host_;
  std::vector<Read> asked_;  // the host's side, which has not answered
  Responder to_cpus_;
  std::vector<Responder> to_ports_;  // of from_device
  bool is_cut_ = false;
  tlm::tlm_generic_payload payload_;
};

}  // namespace gpusim::hw
