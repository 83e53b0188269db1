// SPDX-License-Identifier: MIT
#include "sim/hw/root_complex.h"

#include <cstring>

#include <fmt/core.h>

#include "sim/hw/kernel_time.h"

namespace gpusim::hw {
namespace {

std::span<std::byte> data_of(tlm::tlm_generic_payload& transaction) {
  return {reinterpret_cast<std::byte*>(transaction.get_data_ptr()), transaction.get_data_length()};
}

}  // namespace

RootComplex::RootComplex(sc_core::sc_module_name name, Timeline& timeline, Picoseconds store_drain,
                         std::uint32_t engines, ChoiceSource* choices)
    : sc_core::sc_module{name},
      timeline_{timeline},
      memory_{timeline, store_drain, choices},
      mmio_{"to_link", timeline} {
  from_link.register_b_transport(this, &RootComplex::b_transport);
  from_link.register_nb_transport_fw(this, &RootComplex::nb_transport_fw);
  from_link.register_transport_dbg(this, &RootComplex::transport_dbg);
  from_device.register_b_transport(this, &RootComplex::serve_device);
  mmio_.on_read = [this](std::uint32_t read, std::span<const std::byte> bytes) { on_read(read, bytes); };
  for (std::uint32_t i = 0; i < engines; ++i) {
    watchers_.push_back(std::make_unique<DeviceWatcher>(fmt::format("to_engine_{}", i).c_str(), timeline));
  }
  if (engines != 0) watchers_.push_back(std::make_unique<DeviceWatcher>("to_firmware", timeline));
}

void RootComplex::mmio_write32(std::uint64_t address, std::uint32_t value, const trace::Event* on_arrival) {
  mmio_.write(address, std::as_bytes(std::span{&value, 1}), on_arrival);
}

void RootComplex::mmio_read32(std::uint64_t address, drv::ReadCompletion& completion) {
  const std::uint32_t read = mmio_.begin_read(address, sizeof(std::uint32_t));
  if (read >= reads_.size()) reads_.resize(read + 1);
  reads_[read] = &completion;
}

void RootComplex::on_read(std::uint32_t read, std::span<const std::byte> bytes) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data(), sizeof value);
  reads_[read]->on_read_complete(value);
}

void RootComplex::b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
  wait_until_effect(timeline_, delay);
  access(transaction);
}

/// A phase is all it takes; who annotates more time than has passed gets the memory as it is now.
tlm::tlm_sync_enum RootComplex::nb_transport_fw(tlm::tlm_generic_payload& transaction, tlm::tlm_phase& phase,
                                                sc_core::sc_time& delay) {
  if (phase != tlm::BEGIN_REQ) return tlm::TLM_ACCEPTED;
  (void)effect_of(timeline_, delay);
  access(transaction);
  return tlm::TLM_COMPLETED;
}

void RootComplex::serve_device(int port, tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
  wait_until_effect(timeline_, delay);
  const bool is_watch = transaction.get_address() == bus::kWatch || transaction.get_address() == bus::kUnwatch;
  if (is_watch) return watch(*watchers_[static_cast<std::size_t>(port)], transaction);
  access(transaction);
}

void RootComplex::access(tlm::tlm_generic_payload& transaction) {
  const std::uint64_t address = transaction.get_address();
  if (address == abi::kMsiAddress) {
    std::uint32_t vector = 0;
    if (take(transaction, vector)) deliver_interrupt(vector);
    return;
  }
  if (!is_plain(transaction)) return;
  if (!memory_.contains(address, transaction.get_data_length())) {
    transaction.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  } else if (transaction.is_read()) {
    memory_.device_read(address, data_of(transaction));
  } else {
    memory_.device_write(address, data_of(transaction));
  }
}

void RootComplex::watch(DeviceWatcher& watcher, tlm::tlm_generic_payload& transaction) {
  std::uint64_t address = 0;
  if (!take(transaction, address)) return;
  if (transaction.get_address() == bus::kWatch) {
    memory_.watch(address, watcher);
  } else {
    memory_.unwatch(address, watcher);
  }
}

unsigned RootComplex::transport_dbg(tlm::tlm_generic_payload& transaction) {
  const unsigned length = transaction.get_data_length();
  if (!transaction.is_read() || !memory_.contains(transaction.get_address(), length)) return 0;
  memory_.device_peek(transaction.get_address(), data_of(transaction));
  return length;
}

}  // namespace gpusim::hw
