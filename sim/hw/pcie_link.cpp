// SPDX-License-Identifier: MIT
#include "sim/hw/pcie_link.h"

#include <algorithm>
#include <cstring>
#include <string>

#include <fmt/core.h>

#include "base/invariant.h"

namespace gpusim::hw {

PcieLink::PcieLink(sc_core::sc_module_name name, Timeline& timeline, trace::Recorder& recorder, CostLedger& ledger,
                   const LinkSpec& spec)
    : sc_core::sc_module{name},
      timeline_{timeline},
      recorder_{recorder},
      ledger_{ledger},
      spec_{spec},
      down_{timeline.add_component(std::string{this->name()} + ".down")},
      up_{timeline.add_component(std::string{this->name()} + ".up")} {
  from_host.register_b_transport(this, &PcieLink::accept_from_host);
  from_device.register_b_transport(this, &PcieLink::accept_from_device);
}

// --- posted writes ---------------------------------------------------------------------------------------------------

void PcieLink::enqueue(Fifo<Posted>& queue, tlm::tlm_generic_payload& transaction) {
  if (!transaction.is_write() || transaction.get_data_length() > kMaxBytes) {
    transaction.set_response_status(tlm::TLM_COMMAND_ERROR_RESPONSE);
    return;
  }
  Posted& posted = queue.push_back({});
  posted.address = transaction.get_address();
  posted.size = transaction.get_data_length();
  std::memcpy(posted.bytes.data(), transaction.get_data_ptr(), posted.size);
  const ArrivalNote* note = transaction.get_extension<ArrivalNote>();
  posted.note = note != nullptr && note->wanted;
  if (posted.note) posted.event = note->event;
  transaction.set_response_status(tlm::TLM_OK_RESPONSE);
}

void PcieLink::accept_from_host(tlm::tlm_generic_payload& transaction, sc_core::sc_time&) {
  enqueue(to_device_, transaction);
  ledger_.charge(spec_.mmio_write_latency);
  timeline_.schedule<&PcieLink::arrive_at_device>(timeline_.now() + spec_.mmio_write_latency.value, Phase::transfer,
                                                  down_, this);
}

void PcieLink::accept_from_device(int, tlm::tlm_generic_payload& transaction, sc_core::sc_time&) {
  enqueue(to_host_, transaction);
  ledger_.charge(spec_.dma_write_latency);
  last_arrival_at_host_ = timeline_.now() + spec_.dma_write_latency.value;
  timeline_.schedule<&PcieLink::arrive_at_host>(last_arrival_at_host_, Phase::transfer, up_, this);
}

void PcieLink::forward(tlm_utils::simple_initiator_socket<PcieLink>& socket, tlm::tlm_command command,
                       std::uint64_t address, std::byte* data, std::uint32_t size) {
  payload_.set_command(command);
  payload_.set_address(address);
  payload_.set_data_ptr(reinterpret_cast<unsigned char*>(data));
  payload_.set_data_length(size);
  payload_.set_streaming_width(size);
  payload_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  socket->b_transport(payload_, delay);
  if (!payload_.is_response_ok()) {
    violate("bus", fmt::format("no device answers at address {} behind {}", address, name()));
  }
}

void PcieLink::deliver(tlm_utils::simple_initiator_socket<PcieLink>& socket, Posted& posted) {
  if (is_cut_) return;
  // First the value, then its event, then what follows from it.
  if (posted.note) recorder_.emit(posted.event);
  forward(socket, tlm::TLM_WRITE_COMMAND, posted.address, posted.bytes.data(), posted.size);
}

void PcieLink::arrive_at_device() {
  Posted posted = to_device_.pop_front();
  deliver(to_device, posted);
}

void PcieLink::arrive_at_host() {
  Posted posted = to_host_.pop_front();
  deliver(to_host, posted);
}

// --- reads -----------------------------------------------------------------------------------------------------------

void PcieLink::read_register(std::uint64_t address, drv::ReadCompletion& completion) {
  ledger_.charge(spec_.mmio_read_latency);
  register_requests_.push_back(Read{address, {}, 4, &completion, nullptr});
  // Not before the posted writes that were issued ahead of it.
  const Picoseconds way = std::max(spec_.mmio_read_latency.value / 2, spec_.mmio_write_latency.value);
  timeline_.schedule<&PcieLink::register_request_arrives>(timeline_.now() + way, Phase::transfer, down_, this);
}

void PcieLink::register_request_arrives() {
  Read read = register_requests_.pop_front();
  if (is_cut_) {
    read.bytes.fill(std::byte{0xff});
  } else {
    forward(to_device, tlm::TLM_READ_COMMAND, read.address, read.bytes.data(), read.size);
  }
  register_completions_.push_back(read);
  const Picoseconds rest = spec_.mmio_read_latency.value - spec_.mmio_read_latency.value / 2;
  // A read flushes what the device wrote before: a completion passes no posted write (PCIe's ordering rules).
  const SimTime flushed = is_cut_ ? SimTime{} : last_arrival_at_host_;
  timeline_.schedule<&PcieLink::register_completion_arrives>(std::max(timeline_.now() + rest, flushed), Phase::transfer,
                                                             up_, this);
}

void PcieLink::register_completion_arrives() {
  const Read read = register_completions_.pop_front();
  std::uint32_t value = abi::kAllOnes;
  if (!is_cut_) std::memcpy(&value, read.bytes.data(), sizeof value);
  read.cpu->on_read_complete(value);
}

void PcieLink::read_memory(std::uint64_t address, std::size_t size, DmaClient& client) {
  ledger_.charge(spec_.dma_read_latency);
  memory_requests_.push_back(Read{address, {}, static_cast<std::uint32_t>(size), nullptr, &client});
  timeline_.schedule<&PcieLink::memory_request_arrives>(timeline_.now() + spec_.dma_read_latency.value / 2,
                                                        Phase::transfer, up_, this);
}

void PcieLink::abort_reads(const DmaClient& client) {
  memory_requests_.for_each([&](Read& read) { read.is_aborted |= read.device == &client; });
}

void PcieLink::memory_request_arrives() {
  Read& read = memory_completions_.push_back(memory_requests_.pop_front());
  if (!is_cut_ && !read.is_aborted) forward(to_host, tlm::TLM_READ_COMMAND, read.address, read.bytes.data(), read.size);
  const Picoseconds rest = spec_.dma_read_latency.value - spec_.dma_read_latency.value / 2;
  timeline_.schedule<&PcieLink::memory_completion_arrives>(timeline_.now() + rest, Phase::transfer, down_, this);
}

void PcieLink::memory_completion_arrives() {
  const Read read = memory_completions_.pop_front();
  read.device->on_dma_read(std::span{read.bytes}.first(read.size));
}

}  // namespace gpusim::hw
