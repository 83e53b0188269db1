// SPDX-License-Identifier: MIT
#include "sim/hw/timed_memory.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "firmware/abi/device.h"
#include "sim/hw/bus_port.h"
#include "sim/hw/kernel_time.h"

namespace gpusim::hw {

TimedMemory::TimedMemory(sc_core::sc_module_name name, Timeline& timeline)
    : sc_core::sc_module{name},
      timeline_{timeline},
      component_{timeline.add_component(this->name())},
      module_{timeline, [this](tlm::tlm_generic_payload& payload, SimTime when) { on_answer(payload, when); }} {
  from_link.register_b_transport(this, &TimedMemory::b_transport);
  from_link.register_nb_transport_fw(this, &TimedMemory::nb_transport_fw);
  from_link.register_transport_dbg(this, &TimedMemory::transport_dbg);
  to_module.register_nb_transport_bw(this, &TimedMemory::hear);
}

TimedMemory::~TimedMemory() = default;

void TimedMemory::b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
  to_host->b_transport(transaction, delay);
  const bool is_of_memory = transaction.get_address() != abi::kMsiAddress;
  if (transaction.is_write() && is_of_memory && transaction.is_response_ok()) ask(transaction, nullptr);
}

tlm::tlm_sync_enum TimedMemory::nb_transport_fw(tlm::tlm_generic_payload& transaction, tlm::tlm_phase& phase,
                                                sc_core::sc_time& delay) {
  if (phase == tlm::END_RESP) link_.end_response();
  if (phase != tlm::BEGIN_REQ) return tlm::TLM_ACCEPTED;
  if (!is_plain(transaction)) return tlm::TLM_COMPLETED;
  if (!transaction.is_read()) {
    b_transport(transaction, delay);
    return tlm::TLM_COMPLETED;
  }
  renew(transaction);
  transaction.acquire();
  ask(transaction, &transaction);
  phase = tlm::END_REQ;
  return tlm::TLM_UPDATED;
}

void TimedMemory::ask(const tlm::tlm_generic_payload& transaction, tlm::tlm_generic_payload* read) {
  if (free_.empty()) {
    free_.push_back(all_.size());
    all_.push_back(std::make_unique<Asked>(static_cast<tlm::tlm_mm_interface*>(this)));
  }
  Asked& asked = *all_[free_.back()];
  free_.pop_back();
  asked.read = read;
  const std::size_t size = transaction.get_data_length();
  if (read == nullptr) std::memcpy(asked.bytes.data(), transaction.get_data_ptr(), size);
  asked.payload.acquire();
  prepare(asked.payload, transaction.get_command(), transaction.get_address(), std::span{asked.bytes}.first(size));
  module_.send(*to_module.operator->(), asked.payload);
  if (module_.unanswered() > 0) give_way(timeline_);
}

std::size_t TimedMemory::number_of(const tlm::tlm_generic_payload& payload) const {
  const auto found =
      std::find_if(all_.begin(), all_.end(), [&](const auto& each) { return &each->payload == &payload; });
  return static_cast<std::size_t>(found - all_.begin());
}

/// In whatever process the module has: the device hears of it from the Timeline.
void TimedMemory::on_answer(tlm::tlm_generic_payload& payload, SimTime when) {
  require_ok(payload, name());
  timeline_.schedule<&TimedMemory::answer>(when, Phase::transfer, component_, this, number_of(payload));
}

void TimedMemory::answer(std::uint64_t number) {
  Asked& asked = *all_[number];
  if (tlm::tlm_generic_payload* read = asked.read; read != nullptr) {
    const ReadNote* note = read->get_extension<ReadNote>();
    if (note != nullptr && note->is_aborted) {
      read->set_response_status(tlm::TLM_OK_RESPONSE);  // with whatever is there
    } else {
      sc_core::sc_time delay = offset_of(timeline_);
      to_host->b_transport(*read, delay);
    }
    link_.respond(*from_link.operator->(), *read, offset_of(timeline_));
  }
  asked.payload.release();
}

void TimedMemory::free(tlm::tlm_generic_payload* payload) {
  payload->reset();
  free_.push_back(number_of(*payload));
}

}  // namespace gpusim::hw
