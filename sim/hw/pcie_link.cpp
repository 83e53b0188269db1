// SPDX-License-Identifier: MIT
#include "sim/hw/pcie_link.h"

#include <algorithm>
#include <cstring>
#include <string>

#include <fmt/core.h>

#include "base/invariant.h"
#include "sim/hw/kernel_time.h"

namespace gpusim::hw {

PcieLink::PcieLink(sc_core::sc_module_name name, Timeline& timeline, trace::Recorder& recorder, CostLedger& ledger,
                   const LinkSpec& spec)
    : sc_core::sc_module{name},
      timeline_{timeline},
      recorder_{recorder},
      ledger_{ledger},
      spec_{spec},
      down_{timeline.add_component(std::string{this->name()} + ".down")},
      up_{timeline.add_component(std::string{this->name()} + ".up")},
      host_{timeline, [this](tlm::tlm_generic_payload& t, SimTime when) { on_answer(t, when); }} {
  from_host.register_b_transport(this, &PcieLink::b_from_host);
  from_host.register_nb_transport_fw(this, &PcieLink::nb_from_host);
  from_host.register_transport_dbg(this, &PcieLink::peek_device);
  from_device.register_b_transport(this, &PcieLink::b_from_device);
  from_device.register_nb_transport_fw(this, &PcieLink::nb_from_device);
  from_device.register_transport_dbg(this, &PcieLink::peek_host);
  to_host.register_nb_transport_bw(this, &PcieLink::hear_host);
}

/// Returns the time for which the target asks.
Picoseconds PcieLink::forward(OutSocket& socket, tlm::tlm_generic_payload& transaction) const {
  const sc_core::sc_time offset = offset_of(timeline_);
  sc_core::sc_time delay = offset;
  transaction.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  transaction.set_dmi_allowed(false);
  socket->b_transport(transaction, delay);
  return from_sc(delay - offset);
}

// --- posted writes ---------------------------------------------------------------------------------------------------

void PcieLink::post(Fifo<Posted>& queue, const tlm::tlm_generic_payload& transaction) {
  Posted& posted = queue.push_back({});
  posted.address = transaction.get_address();
  posted.size = transaction.get_data_length();
  std::memcpy(posted.bytes.data(), transaction.get_data_ptr(), posted.size);
  const ArrivalNote* note = transaction.get_extension<ArrivalNote>();
  posted.note = note != nullptr && note->wanted;
  if (posted.note) posted.event = note->event;
}

void PcieLink::b_from_host(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
  if (!is_plain(transaction)) return;
  if (transaction.is_write()) return post_to_device(transaction, effect_of(timeline_, delay));
  wait_until_effect(timeline_, delay);
  delay += to_sc(forward(to_device, transaction));
}

void PcieLink::b_from_device(int, tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
  if (!is_plain(transaction)) return;
  if (transaction.is_write()) return post_to_host(transaction, effect_of(timeline_, delay));
  wait_until_effect(timeline_, delay);
  delay += to_sc(forward(to_host, transaction));
}

void PcieLink::post_to_device(const tlm::tlm_generic_payload& transaction, SimTime issued) {
  ledger_.charge(spec_.mmio_write_latency);
  post(to_device_.queue, transaction);
  const SimTime arrival = to_device_.arrival(issued + spec_.mmio_write_latency.value);
  timeline_.schedule<&PcieLink::arrive_at_device>(arrival, Phase::transfer, down_, this);
}

void PcieLink::post_to_host(const tlm::tlm_generic_payload& transaction, SimTime issued) {
  ledger_.charge(spec_.dma_write_latency);
  post(to_host_.queue, transaction);
  const SimTime arrival = to_host_.arrival(issued + spec_.dma_write_latency.value);
  timeline_.schedule<&PcieLink::arrive_at_host>(arrival, Phase::transfer, up_, this);
}

Picoseconds PcieLink::deliver(OutSocket& socket, Posted& posted) {
  if (is_cut_) return {};
  // First the value, then its event, then what follows from it.
  if (posted.note) recorder_.emit(posted.event);
  payload_.set_command(tlm::TLM_WRITE_COMMAND);
  payload_.set_address(posted.address);
  payload_.set_data_ptr(reinterpret_cast<unsigned char*>(posted.bytes.data()));
  payload_.set_data_length(posted.size);
  payload_.set_streaming_width(posted.size);
  const Picoseconds asked = forward(socket, payload_);
  if (!payload_.is_response_ok()) {
    violate("bus", fmt::format("nothing takes a write to address {:#x} behind {}: {}", posted.address, name(),
                               payload_.get_response_string()));
  }
  return asked;
}

void PcieLink::arrive_at_device() {
  if (timeline_.now() < device_takes_) {
    timeline_.schedule<&PcieLink::arrive_at_device>(device_takes_, Phase::transfer, down_, this);
    return;
  }
  Posted posted = to_device_.queue.pop_front();
  device_takes_ = timeline_.now() + deliver(to_device, posted);
}

void PcieLink::arrive_at_host() {
  if (timeline_.now() < host_takes_) {
    timeline_.schedule<&PcieLink::arrive_at_host>(host_takes_, Phase::transfer, up_, this);
    return;
  }
  Posted posted = to_host_.queue.pop_front();
  host_takes_ = timeline_.now() + deliver(to_host, posted);
}

// --- reads -----------------------------------------------------------------------------------------------------------

namespace {

/// A phase of an initiator's: a read is begun, a write posted, a response ended. To others there is nothing to say.
template <class Begin, class Post>
tlm::tlm_sync_enum accept(tlm::tlm_generic_payload& transaction, tlm::tlm_phase& phase, Responder& responder,
                          Begin begin, Post post) {
  if (phase == tlm::END_RESP) {
    responder.end_response();
    return tlm::TLM_ACCEPTED;
  }
  if (phase != tlm::BEGIN_REQ) return tlm::TLM_ACCEPTED;
  if (!is_plain(transaction)) return tlm::TLM_COMPLETED;
  if (transaction.is_write()) {
    post();
    return tlm::TLM_COMPLETED;
  }
  transaction.acquire();
  begin();
  phase = tlm::END_REQ;
  return tlm::TLM_UPDATED;
}

}  // namespace

tlm::tlm_sync_enum PcieLink::nb_from_host(tlm::tlm_generic_payload& transaction, tlm::tlm_phase& phase,
                                          sc_core::sc_time& delay) {
  const SimTime issued = effect_of(timeline_, delay);
  return accept(
      transaction, phase, to_cpus_, [&] { request_register({&transaction, 0}, issued); },
      [&] { post_to_device(transaction, issued); });
}

tlm::tlm_sync_enum PcieLink::nb_from_device(int port, tlm::tlm_generic_payload& transaction, tlm::tlm_phase& phase,
                                            sc_core::sc_time& delay) {
  const SimTime issued = effect_of(timeline_, delay);
  return accept(
      transaction, phase, to_ports_[static_cast<std::size_t>(port)],
      [&] { request_memory({&transaction, port}, issued); }, [&] { post_to_host(transaction, issued); });
}

void PcieLink::request_register(const Read& read, SimTime issued) {
  ledger_.charge(spec_.mmio_read_latency);
  // Not before the posted writes that were issued ahead of it.
  const Picoseconds way = std::max(spec_.mmio_read_latency.value / 2, spec_.mmio_write_latency.value);
  timeline_.schedule<&PcieLink::register_request_arrives>(register_requests_.send(read, issued + way), Phase::transfer,
                                                          down_, this);
}

void PcieLink::register_request_arrives() {
  if (timeline_.now() < device_takes_) {  // a posted write ahead of it holds it up
    timeline_.schedule<&PcieLink::register_request_arrives>(device_takes_, Phase::transfer, down_, this);
    return;
  }
  const Read read = register_requests_.queue.pop_front();
  Picoseconds rest = spec_.mmio_read_latency.value - spec_.mmio_read_latency.value / 2;
  if (!is_cut_) rest += forward(to_device, *read.transaction);
  // A read flushes what the device wrote before: a completion passes no posted write (PCIe's ordering rules).
  const SimTime flushed = is_cut_ ? SimTime{} : to_host_.last;
  timeline_.schedule<&PcieLink::register_completion_arrives>(
      register_completions_.send(read, std::max(timeline_.now() + rest, flushed)), Phase::transfer, up_, this);
}

void PcieLink::register_completion_arrives() {
  if (timeline_.now() < host_takes_ && !is_cut_) {
    timeline_.schedule<&PcieLink::register_completion_arrives>(host_takes_, Phase::transfer, up_, this);
    return;
  }
  tlm::tlm_generic_payload& transaction = *register_completions_.queue.pop_front().transaction;
  if (is_cut_) {
    std::memset(transaction.get_data_ptr(), 0xff, transaction.get_data_length());
    transaction.set_response_status(tlm::TLM_OK_RESPONSE);
  }
  to_cpus_.respond(*from_host.operator->(), transaction, offset_of(timeline_));
}

void PcieLink::request_memory(const Read& read, SimTime issued) {
  ledger_.charge(spec_.dma_read_latency);
  timeline_.schedule<&PcieLink::memory_request_arrives>(
      memory_requests_.send(read, issued + spec_.dma_read_latency.value / 2), Phase::transfer, up_, this);
}

void PcieLink::memory_request_arrives() {
  const Read read = memory_requests_.queue.pop_front();
  const ReadNote* note = read.transaction->get_extension<ReadNote>();
  if (is_cut_ || (note != nullptr && note->is_aborted)) {
    read.transaction->set_response_status(tlm::TLM_OK_RESPONSE);  // with whatever is there
    return complete(read, timeline_.now());
  }
  asked_.push_back(read);
  host_.send(*to_host.operator->(), *read.transaction);
  if (host_.unanswered() > 0) give_way(timeline_);
}

void PcieLink::on_answer(tlm::tlm_generic_payload& transaction, SimTime answered) {
  const auto found =
      std::find_if(asked_.begin(), asked_.end(), [&](const Read& each) { return each.transaction == &transaction; });
  if (found == asked_.end()) violate("bus", fmt::format("{} gets an answer to a read that it has not asked", name()));
  const Read read = *found;
  asked_.erase(found);
  complete(read, answered);
}

void PcieLink::complete(const Read& read, SimTime answered) {
  const Picoseconds rest = spec_.dma_read_latency.value - spec_.dma_read_latency.value / 2;
  timeline_.schedule<&PcieLink::memory_completion_arrives>(memory_completions_.send(read, answered + rest),
                                                           Phase::transfer, down_, this);
}

void PcieLink::memory_completion_arrives() {
  const Read read = memory_completions_.queue.pop_front();
  to_ports_[static_cast<std::size_t>(read.port)].respond(*from_device[read.port], *read.transaction,
                                                         offset_of(timeline_));
}

}  // namespace gpusim::hw
