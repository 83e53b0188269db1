// SPDX-License-Identifier: MIT
#include "sim/hw/bus_port.h"

#include <string>

#include <fmt/core.h>

#include "base/invariant.h"
#include "sim/hw/kernel_time.h"

namespace gpusim::hw {

BusPort::BusPort(const char* socket_name, Timeline& timeline) : socket{socket_name}, timeline_{timeline} {
  socket.register_nb_transport_bw(this, &BusPort::backward);
  payload_.set_extension(&note_);
}

BusPort::~BusPort() { payload_.clear_extension(&note_); }

void BusPort::write(std::uint64_t address, std::span<const std::byte> bytes, const trace::Event* on_arrival) {
  note_.wanted = on_arrival != nullptr;
  if (note_.wanted) note_.event = *on_arrival;
  prepare(payload_, tlm::TLM_WRITE_COMMAND, address, bytes);
  sc_core::sc_time delay = offset_of(timeline_);
  socket->b_transport(payload_, delay);
  require_ok(payload_, socket.name());
}

Picoseconds BusPort::read(std::uint64_t address, std::span<std::byte> bytes) {
  note_.wanted = false;
  prepare(payload_, tlm::TLM_READ_COMMAND, address, bytes);
  const sc_core::sc_time offset = offset_of(timeline_);
  sc_core::sc_time delay = offset;
  socket->b_transport(payload_, delay);
  require_ok(payload_, socket.name());
  return from_sc(delay - offset);
}

bool BusPort::peek(std::uint64_t address, std::span<std::byte> bytes) {
  note_.wanted = false;
  prepare(payload_, tlm::TLM_READ_COMMAND, address, bytes);
  return socket->transport_dbg(payload_) == bytes.size();
}

tlm::tlm_sync_enum BusPort::backward(tlm::tlm_generic_payload& payload, tlm::tlm_phase&, sc_core::sc_time&) {
  violate("bus", fmt::format("{} gets an answer to a read that it has not begun, of address {:#x}", socket.name(),
                             payload.get_address()));
}

std::vector<std::unique_ptr<BusPort>> ports_to_engines(std::uint32_t engines, Timeline& timeline) {
  std::vector<std::unique_ptr<BusPort>> ports;
  for (std::uint32_t i = 0; i < engines; ++i) {
    ports.push_back(std::make_unique<BusPort>(fmt::format("to_engine_{}", i).c_str(), timeline));
  }
  return ports;
}

// --- reads in two halves ---------------------------------------------------------------------------------------------

ReadingPort::Read::Read(tlm::tlm_mm_interface* owner, std::uint32_t number) : payload{owner} {
  note.number = number;
  payload.set_extension(&note);
}

ReadingPort::ReadingPort(const char* socket_name, Timeline& timeline)
    : BusPort{socket_name, timeline},
      component_{timeline.add_component(socket.name())},
      requester_{timeline, [this](tlm::tlm_generic_payload& payload, SimTime when) { arrive(payload, when); }} {}

std::uint32_t ReadingPort::begin_read(std::uint64_t address, std::size_t size) {
  if (free_.empty()) {
    const auto number = static_cast<std::uint32_t>(reads_.size());
    tlm::tlm_mm_interface& owner = *this;
    reads_.push_back(std::make_unique<Read>(&owner, number));
    free_.push_back(number);
  }
  const std::uint32_t number = free_.back();
  free_.pop_back();
  Read& read = *reads_[number];
  read.note.is_aborted = false;
  prepare(read.payload, tlm::TLM_READ_COMMAND, address, std::span{read.bytes}.first(size));
  read.payload.acquire();
  is_beginning_ = true;
  requester_.send(*socket.operator->(), read.payload);
  is_beginning_ = false;
  return number;
}

void ReadingPort::abort(std::uint32_t read) { reads_[read]->note.is_aborted = true; }

tlm::tlm_sync_enum ReadingPort::backward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                         sc_core::sc_time& delay) {
  return requester_.hear(payload, phase, delay);
}

void ReadingPort::arrive(const tlm::tlm_generic_payload& payload, SimTime when) {
  const std::uint32_t number = payload.get_extension<ReadNote>()->number;
  // Whoever has begun it does not hear of its end before begin_read() has returned.
  if (when == timeline().now() && !is_beginning_) return finish(number);
  timeline().schedule<&ReadingPort::finish>(when, Phase::transfer, component_, this, number);
}

void ReadingPort::finish(std::uint64_t read) {
  Read& over = *reads_[read];
  if (!over.note.is_aborted) {
    require_ok(over.payload, socket.name());
    on_read(static_cast<std::uint32_t>(read), std::span{over.bytes}.first(over.payload.get_data_length()));
  }
  over.payload.release();
}

void ReadingPort::free(tlm::tlm_generic_payload* payload) {
  free_.push_back(payload->get_extension<ReadNote>()->number);
}

}  // namespace gpusim::hw
