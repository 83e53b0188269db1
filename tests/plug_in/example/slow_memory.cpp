// SPDX-License-Identifier: MIT
// An approximately timed memory, seen from outside as DRAMSys is: one target socket, requests one after the other,
// each for 100 ns, and a response when it is through.
#include <algorithm>
#include <deque>

#include "sim/hw/plug_in.h"

namespace {

using namespace gpusim;

class SlowMemory final : public hw::MemoryModule {
 public:
  SlowMemory(sc_core::sc_module_name name, const hw::MemoryParts& /*parts*/) : MemoryModule{name} {
    socket_.register_nb_transport_fw(this, &SlowMemory::nb_transport_fw);
    SC_HAS_PROCESS(SlowMemory);
    SC_METHOD(respond);
    dont_initialize();
    sensitive << done_;
  }

  tlm::tlm_base_target_socket_b<>& socket() override { return socket_; }

 private:
  struct Request {
    tlm::tlm_generic_payload* transaction;
    sc_core::sc_time done;
  };

  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& transaction, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) {
    if (phase != tlm::BEGIN_REQ) return tlm::TLM_ACCEPTED;
    transaction.acquire();
    // The delay says by how far the initiator is ahead of SystemC's time.
    const sc_core::sc_time begin = std::max(sc_core::sc_time_stamp() + delay, free_);
    free_ = begin + sc_core::sc_time{100, sc_core::SC_NS};
    requests_.push_back({&transaction, free_});
    if (requests_.size() == 1) done_.notify(free_ - sc_core::sc_time_stamp());
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
  }

  void respond() {
    tlm::tlm_generic_payload& transaction = *requests_.front().transaction;
    requests_.pop_front();
    transaction.set_response_status(tlm::TLM_OK_RESPONSE);
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_core::sc_time delay;
    // gpusim takes a response at once. Who has others' initiators waits for END_RESP, too.
    socket_->nb_transport_bw(transaction, phase, delay);
    transaction.release();
    if (!requests_.empty()) done_.notify(requests_.front().done - sc_core::sc_time_stamp());
  }

  tlm_utils::simple_target_socket<SlowMemory> socket_{"socket"};
  sc_core::sc_event done_;
  sc_core::sc_time free_;  // when the request behind all others begins
  std::deque<Request> requests_;
};

}  // namespace

GPUSIM_PLUG_IN("slow_memory", "1.0") { offers.memory<SlowMemory>("slow_memory"); }
