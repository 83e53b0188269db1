// SPDX-License-Identifier: MIT
#include "sim/hw/doorbell_unit.h"

#include <cstring>

#include "firmware/abi/device.h"

namespace gpusim::hw {

DoorbellUnit::DoorbellUnit(sc_core::sc_module_name name, const abi::DeviceDescriptor& device, fault::Injector& faults)
    : sc_core::sc_module{name}, max_queues_{device.max_queues}, faults_{faults} {
  from_link.register_b_transport(this, &DoorbellUnit::b_transport);
}

void DoorbellUnit::b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time&) {
  transaction.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  if (transaction.get_data_length() != 4) return;
  std::uint32_t value = abi::kDeviceVersion;
  if (transaction.is_read()) {
    if (transaction.get_address() != abi::kRegVersion) return;
    std::memcpy(transaction.get_data_ptr(), &value, sizeof value);
  } else {
    std::memcpy(&value, transaction.get_data_ptr(), sizeof value);
    if (!write(transaction.get_address(), value)) return;
  }
  transaction.set_response_status(tlm::TLM_OK_RESPONSE);
}

bool DoorbellUnit::write(std::uint64_t address, std::uint32_t value) {
  if (address == abi::kRegNotify) {
    firmware_->notify();
    return true;
  }
  if (address == abi::kRegChannelBase) {
    channel_base_ = value;
    return true;
  }
  if (address == abi::kRegChannelBaseHigh) {  // written last: the base is whole
    firmware_->set_channel(channel_base_ | std::uint64_t{value} << 32);
    return true;
  }
  if (address < abi::kDoorbellBase || (address - abi::kDoorbellBase) % abi::kDoorbellStride != 0) return false;
  const std::uint64_t queue = (address - abi::kDoorbellBase) / abi::kDoorbellStride;
  if (queue == 0 || queue > max_queues_) return false;
  const auto number = static_cast<std::uint32_t>(queue);
  if (!faults_.loses_doorbell(number)) firmware_->doorbell(number);
  return true;
}

}  // namespace gpusim::hw
