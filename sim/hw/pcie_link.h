// SPDX-License-Identifier: MIT
// The PCIe link: posted writes in order, each way, arriving after their latency; reads split into request and
// completion. A request arrives half of the read's latency after it was issued and does not pass posted writes issued
// before it, the completion takes the rest; that of a register's read arrives behind what the device wrote before it.
// (A DMA read's request is not held up by the device's posted writes: ours.) The target's b_transport is called at the
// moment of arrival with zero delay: targets never wait. Bandwidth, credits and packet sizes are not modelled: at the
// rates of submission they do not matter.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/cost.h"
#include "base/fifo.h"
#include "base/timeline.h"
#include "firmware/abi/device.h"
#include "host_driver/device_access.h"
#include "sim/hw/spec.h"
#include "sim/hw/systemc.h"
#include "traces/event/recorder.h"

namespace gpusim::hw {

/// Rides on a posted write: the event to record when it arrives.
struct ArrivalNote : tlm::tlm_extension<ArrivalNote> {
  trace::Event event;
  bool wanted = false;
  [[nodiscard]] tlm_extension_base* clone() const override { return new ArrivalNote{*this}; }
  void copy_from(const tlm_extension_base& other) override { *this = static_cast<const ArrivalNote&>(other); }
};

/// Gets the data of a DMA read. Must live until then.
class DmaClient {
 public:
  virtual void on_dma_read(std::span<const std::byte> bytes) = 0;

 protected:
  ~DmaClient() = default;
};

/// Violates "bus" for an address at which nothing answers.
class PcieLink : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<PcieLink> from_host{"from_host"};
  tlm_utils::simple_initiator_socket<PcieLink> to_device{"to_device"};
  tlm_utils::multi_passthrough_target_socket<PcieLink> from_device{"from_device"};
  tlm_utils::simple_initiator_socket<PcieLink> to_host{"to_host"};

  PcieLink(sc_core::sc_module_name name, Timeline& timeline, trace::Recorder& recorder, CostLedger& ledger,
           const LinkSpec& spec);

  /// MMIO read by a CPU.
  void read_register(std::uint64_t address, drv::ReadCompletion& completion);
  /// DMA read by a device module; at most 64 bytes.
  void read_memory(std::uint64_t address, std::size_t size, DmaClient& client);
  /// The client was reset: reads of it that are on their way do not look at memory. They still come back, with nothing.
  void abort_reads(const DmaClient& client);
  /// The device is pulled: nothing arrives any more on either side, reads of registers give all ones.
  void cut() { is_cut_ = true; }

  /// DMA read whose time is part of the reader's own service time (the firmware core's).
  void read_memory_now(std::uint64_t address, std::span<std::byte> bytes) {
    forward(to_host, tlm::TLM_READ_COMMAND, address, bytes.data(), static_cast<std::uint32_t>(bytes.size()));
  }

 private:
  static constexpr std::size_t kMaxBytes = 64;
  struct Posted {
    std::uint64_t address;
    std::array<std::byte, kMaxBytes> bytes;
    std::uint32_t size;
    bool note;
    trace::Event event;
  };
  struct Read {
    std::uint64_t address;
    std::array<std::byte, kMaxBytes> bytes;
    std::uint32_t size;
    drv::ReadCompletion* cpu;
    DmaClient* device;
    bool is_aborted = false;
  };

  void accept_from_host(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay);
  void accept_from_device(int id, tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay);
  static void enqueue(Fifo<Posted>& queue, tlm::tlm_generic_payload& transaction);
  void arrive_at_device();
  void arrive_at_host();
  void register_request_arrives();
  void register_completion_arrives();
  void memory_request_arrives();
  void memory_completion_arrives();
  void forward(tlm_utils::simple_initiator_socket<PcieLink>& socket, tlm::tlm_command command, std::uint64_t address,
               std::byte* data, std::uint32_t size);
  void deliver(tlm_utils::simple_initiator_socket<PcieLink>& socket, Posted& posted);

  Timeline& timeline_;
  trace::Recorder& recorder_;
  CostLedger& ledger_;
  LinkSpec spec_;
  Timeline::Component down_;
  Timeline::Component up_;
  Fifo<Posted> to_device_;
  Fifo<Posted> to_host_;
  // Requests and completions of one kind take equal times, so each kind stays in order.
  Fifo<Read> register_requests_;
  Fifo<Read> register_completions_;
  Fifo<Read> memory_requests_;
  Fifo<Read> memory_completions_;
  SimTime last_arrival_at_host_{};  // of the posted write that was issued last
  bool is_cut_ = false;
  tlm::tlm_generic_payload payload_;
};

}  // namespace gpusim::hw
