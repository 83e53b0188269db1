// SPDX-License-Identifier: MIT
// A device module's way to host memory: posted writes through its initiator socket, with the event to record on
// arrival.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "sim/hw/pcie_link.h"
#include "sim/hw/systemc.h"

namespace gpusim::hw {

class DevicePort {
 public:
  explicit DevicePort(const char* socket_name) : socket{socket_name} { payload_.set_extension(&note_); }
  ~DevicePort() { payload_.clear_extension(&note_); }
  DevicePort(const DevicePort&) = delete;
  DevicePort& operator=(const DevicePort&) = delete;

  tlm_utils::simple_initiator_socket<DevicePort> socket;

  void write(std::uint64_t address, std::span<const std::byte> bytes, const trace::Event* on_arrival) {
    note_.wanted = on_arrival != nullptr;
    if (note_.wanted) note_.event = *on_arrival;
    payload_.set_command(tlm::TLM_WRITE_COMMAND);
    payload_.set_address(address);
    // TLM knows no constant data; the target of a write only reads it.
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
    payload_.set_data_ptr(const_cast<unsigned char*>(reinterpret_cast<const unsigned char*>(bytes.data())));
    payload_.set_data_length(static_cast<unsigned>(bytes.size()));
    payload_.set_streaming_width(static_cast<unsigned>(bytes.size()));
    payload_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    socket->b_transport(payload_, delay);
  }

 private:
  tlm::tlm_generic_payload payload_;
  ArrivalNote note_;
};

}  // namespace gpusim::hw
