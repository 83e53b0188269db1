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
    : LinkModule{name},
      timeline_{timeline},
      recorder_{recorder},
      ledger_{ledger},
      spec_{spec},
      ways_{{{to_device, timeline.add_component(std::string{this->name()} + ".down"), spec.mmio_write_latency,
              LinkWire{spec, LinkWay::down}},
             {to_host, timeline.add_component(std::string{this->name()} + ".up"), spec.dma_write_latency,
              LinkWire{spec, LinkWay::up}}}},
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
  renew(transaction);
  socket->b_transport(transaction, delay);
  return from_sc(delay - offset);
}

// --- posted writes ---------------------------------------------------------------------------------------------------

void PcieLink::cross(std::uint64_t way, tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
  if (!is_plain(transaction)) return;
  if (transaction.is_write()) return post(way, transaction, effect_of(timeline_, delay));
  wait_until_effect(timeline_, delay);
  delay += to_sc(forward(ways_[way].out, transaction));
}

void PcieLink::post(std::uint64_t way, const tlm::tlm_generic_payload& transaction, SimTime issued) {
  Way& to = ways_[way];
  ledger_.charge(to.write_latency);
  Posted& posted = to.posted.queue.push_stale();
  posted.address = transaction.get_address();
  posted.size = transaction.get_data_length();
  std::memcpy(posted.bytes.data(), transaction.get_data_ptr(), posted.size);
  const ArrivalNote* note = transaction.get_extension<ArrivalNote>();
  posted.note = note != nullptr && note->wanted;
  if (posted.note) posted.event = note->event;
  const Picoseconds retry = faults_ == nullptr ? Picoseconds{0} : faults_->delays_write();
  const SimTime sent = to.wire.send(issued, posted.size);
  timeline_.schedule<&PcieLink::arrive>(to.posted.arrival(sent + to.write_latency.value + retry), Phase::transfer,
                                        to.component, this, way);
}

void PcieLink::arrive(std::uint64_t way) {
  Way& to = ways_[way];
  if (timeline_.now() < to.takes) {
    timeline_.schedule<&PcieLink::arrive>(to.takes, Phase::transfer, to.component, this, way);
    return;
  }
  to.takes = timeline_.now() + deliver(to);
}

/// The first of those posted. Returns the time for which the target asks.
Picoseconds PcieLink::deliver(Way& to) {
  Posted& posted = to.posted.queue.front();
  // First the value, then its event, then what follows from it.
  if (posted.note && !is_cut_) recorder_.emit_in_place(posted.event);
  // What follows may post more, and the queue grow.
  const std::array<std::byte, kMostBytes> bytes = posted.bytes;
  prepare(payload_, tlm::TLM_WRITE_COMMAND, posted.address, std::span{bytes}.first(posted.size));
  (void)to.posted.queue.pop_front();
  if (is_cut_) return {};
  const Picoseconds asked = forward(to.out, payload_);
  require_ok(payload_, name());
  return asked;
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
      [&] { post(kDown, transaction, issued); });
}

tlm::tlm_sync_enum PcieLink::nb_from_device(int port, tlm::tlm_generic_payload& transaction, tlm::tlm_phase& phase,
                                            sc_core::sc_time& delay) {
  const SimTime issued = effect_of(timeline_, delay);
  return accept(
      transaction, phase, to_ports_[static_cast<std::size_t>(port)],
      [&] { request_memory({&transaction, port}, issued); }, [&] { post(kUp, transaction, issued); });
}

void PcieLink::request_register(const Read& read, SimTime issued) {
  ledger_.charge(spec_.mmio_read_latency);
  // Not before the posted writes that were issued ahead of it.
  const Picoseconds way = std::max(spec_.mmio_read_latency.value / 2, spec_.mmio_write_latency.value);
  const SimTime sent = ways_[kDown].wire.send(issued, 0);
  timeline_.schedule<&PcieLink::register_request_arrives>(register_requests_.send(read, sent + way), Phase::transfer,
                                                          ways_[kDown].component, this);
}

void PcieLink::register_request_arrives() {
  if (timeline_.now() < ways_[kDown].takes) {  // a posted write ahead of it holds it up
    timeline_.schedule<&PcieLink::register_request_arrives>(ways_[kDown].takes, Phase::transfer, ways_[kDown].component,
                                                            this);
    return;
  }
  const Read read = register_requests_.queue.pop_front();
  Picoseconds rest = spec_.mmio_read_latency.value - spec_.mmio_read_latency.value / 2;
  if (!is_cut_) rest += forward(to_device, *read.transaction);
  // A read flushes what the device wrote before: a completion passes no posted write (PCIe's ordering rules).
  const SimTime flushed = is_cut_ ? SimTime{} : ways_[kUp].posted.last;
  const SimTime sent = ways_[kUp].wire.send(timeline_.now(), read.transaction->get_data_length());
  timeline_.schedule<&PcieLink::register_completion_arrives>(
      register_completions_.send(read, std::max(sent + rest, flushed)), Phase::transfer, ways_[kUp].component, this);
}

void PcieLink::register_completion_arrives() {
  if (timeline_.now() < ways_[kUp].takes && !is_cut_) {
    timeline_.schedule<&PcieLink::register_completion_arrives>(ways_[kUp].takes, Phase::transfer, ways_[kUp].component,
                                                               this);
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
      memory_requests_.send(read, ways_[kUp].wire.send(issued, 0) + spec_.dma_read_latency.value / 2), Phase::transfer,
      ways_[kUp].component, this);
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
  const SimTime sent = ways_[kDown].wire.send(answered, read.transaction->get_data_length());
  timeline_.schedule<&PcieLink::memory_completion_arrives>(memory_completions_.send(read, sent + rest), Phase::transfer,
                                                           ways_[kDown].component, this);
}

void PcieLink::memory_completion_arrives() {
  const Read read = memory_completions_.queue.pop_front();
  to_ports_[static_cast<std::size_t>(read.port)].respond(*from_device[read.port], *read.transaction,
                                                         offset_of(timeline_));
}

}  // namespace gpusim::hw
