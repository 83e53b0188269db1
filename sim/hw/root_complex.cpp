// SPDX-License-Identifier: MIT
#include "sim/hw/root_complex.h"

#include <cstring>

namespace gpusim::hw {

RootComplex::RootComplex(sc_core::sc_module_name name, Timeline& timeline, Picoseconds store_drain,
                         ChoiceSource* choices)
    : sc_core::sc_module{name}, memory_{timeline, store_drain, choices} {
  from_link.register_b_transport(this, &RootComplex::b_transport);
}

void RootComplex::mmio_write32(std::uint64_t address, std::uint32_t value, const trace::Event* on_arrival) {
  mmio_.write(address, std::as_bytes(std::span{&value, 1}), on_arrival);
}

void RootComplex::mmio_read32(std::uint64_t address, drv::ReadCompletion& completion) {
  link_->read_register(address, completion);
}

void RootComplex::b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time&) {
  const std::span bytes{reinterpret_cast<std::byte*>(transaction.get_data_ptr()), transaction.get_data_length()};
  transaction.set_response_status(tlm::TLM_OK_RESPONSE);
  if (transaction.is_read()) {
    memory_.device_read(transaction.get_address(), bytes);
    return;
  }
  if (transaction.get_address() != abi::kMsiAddress) {
    memory_.device_write(transaction.get_address(), bytes);
    return;
  }
  std::uint32_t vector = 0;
  std::memcpy(&vector, bytes.data(), sizeof vector);
  deliver_interrupt(vector);
}

}  // namespace gpusim::hw
