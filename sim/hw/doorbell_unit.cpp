// SPDX-License-Identifier: MIT
#include "sim/hw/doorbell_unit.h"

#include <cstring>

#include "firmware/abi/device.h"
#include "sim/hw/kernel_time.h"

namespace gpusim::hw {

DoorbellUnit::DoorbellUnit(sc_core::sc_module_name name, Timeline& timeline, CostLedger& ledger,
                           const DeviceSpec& device, fault::Injector& faults)
    : sc_core::sc_module{name},
      timeline_{timeline},
      ledger_{ledger},
      component_{timeline.add_component(this->name())},
      max_queues_{device.descriptor.max_queues},
      route_{device.descriptor.doorbell_route},
      reset_{device.reset},
      faults_{faults},
      firmware_{"to_firmware", timeline},
      engines_{ports_to_engines(device.descriptor.engine_count, timeline)} {
  from_link.register_b_transport(this, &DoorbellUnit::b_transport);
  from_link.register_transport_dbg(this, &DoorbellUnit::transport_dbg);
}

void DoorbellUnit::b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
  if (!is_plain(transaction, sizeof(std::uint32_t))) return;
  wait_until_effect(timeline_, delay);
  transaction.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  if (transaction.get_data_length() != sizeof(std::uint32_t)) return;
  std::uint32_t value = 0;
  if (transaction.is_read()) {
    if (!read(transaction.get_address(), value)) return;
    std::memcpy(transaction.get_data_ptr(), &value, sizeof value);
  } else {
    std::memcpy(&value, transaction.get_data_ptr(), sizeof value);
    if (!write(transaction.get_address(), value)) return;
  }
  transaction.set_response_status(tlm::TLM_OK_RESPONSE);
}

unsigned DoorbellUnit::transport_dbg(tlm::tlm_generic_payload& transaction) {
  std::uint32_t value = 0;
  if (!transaction.is_read() || transaction.get_data_length() != sizeof value) return 0;
  if (!read(transaction.get_address(), value)) return 0;
  std::memcpy(transaction.get_data_ptr(), &value, sizeof value);
  return sizeof value;
}

bool DoorbellUnit::read(std::uint64_t address, std::uint32_t& value) const {
  if (address == abi::kRegVersion) {
    value = abi::kDeviceVersion;
    return true;
  }
  value = ready_ ? abi::kStatusReady : 0;
  return address == abi::kRegStatus;
}

bool DoorbellUnit::write(std::uint64_t address, std::uint32_t value) {
  if (address == abi::kRegReset) {
    begin_reset();
    return true;
  }
  if (address == abi::kRegNotify) {
    if (ready_) notify(value);
    return true;
  }
  if (address == abi::kRegKillWork) {
    if (ready_) kill_work(value);
    return true;
  }
  if (address == abi::kRegChannelBase) {
    channel_base_ = value;
    return true;
  }
  if (address == abi::kRegChannelBaseHigh) {  // written last: the base is whole
    if (ready_) firmware_.write_value(bus::kChannel, channel_base_ | std::uint64_t{value} << 32);
    return true;
  }
  if (address < abi::kDoorbellBase || (address - abi::kDoorbellBase) % abi::kDoorbellStride != 0) return false;
  const std::uint64_t queue = (address - abi::kDoorbellBase) / abi::kDoorbellStride;
  if (queue == 0 || queue > max_queues_) return false;
  if (ready_) ring(static_cast<std::uint32_t>(queue), value);
  return true;
}

void DoorbellUnit::kill_work(std::uint32_t word) {
  const std::uint32_t engine = abi::killed_engine(word);
  if (engine < engines_.size()) engines_[engine]->write_value(bus::kKillWork, word);
}

void DoorbellUnit::ring(std::uint32_t number, std::uint32_t value) {
  const fault::Delivery delivery = faults_.doorbell(tag_of(number), number);
  if (delivery.lost) return;
  if (delivery.delay.count() == 0) return deliver(number, value);
  timeline_.schedule<&DoorbellUnit::on_delayed_doorbell>(timeline_.now() + delivery.delay, Phase::transfer, component_,
                                                         this, number | std::uint64_t{value} << 32);
}

void DoorbellUnit::on_delayed_doorbell(std::uint64_t written) {
  if (ready_) deliver(static_cast<std::uint32_t>(written), static_cast<std::uint32_t>(written >> 32));
}

void DoorbellUnit::deliver(std::uint32_t number, std::uint32_t value) {
  if (route_ == abi::DoorbellRoute::direct) {
    for (const auto& engine : engines_) {
      if (engine->read_value<std::uint32_t>(bus::kQueue) == number) return engine->write_value(bus::kRing, value);
    }
  }
  firmware_.write_value(bus::kDoorbell, number);
}

void DoorbellUnit::notify(std::uint32_t value) {
  const Picoseconds delay = faults_.delays_notification();
  if (delay.count() == 0) return firmware_.write_value(bus::kNotify, value);
  timeline_.schedule<&DoorbellUnit::on_delayed_notification>(timeline_.now() + delay, Phase::transfer, component_, this,
                                                             value);
}

void DoorbellUnit::on_delayed_notification(std::uint64_t value) {
  if (ready_) firmware_.write_value(bus::kNotify, static_cast<std::uint32_t>(value));
}

void DoorbellUnit::begin_reset() {
  timeline_.cancel(reset_end_);
  ready_ = false;
  reset_device();
  if (faults_.fails_device_reset()) return;
  ledger_.charge(reset_);
  reset_end_ =
      timeline_.schedule<&DoorbellUnit::on_reset_done>(timeline_.now() + reset_.value, Phase::engine, component_, this);
}

}  // namespace gpusim::hw
