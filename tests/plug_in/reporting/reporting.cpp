// SPDX-License-Identifier: MIT
// Memories that report something by sc_report: each at another moment of a machine's life.
#include "sim/hw/plug_in.h"

namespace {

using namespace gpusim;

/// Answers at once; what is asked of it is looked at by `asked`.
class ReportingMemory : public hw::MemoryModule {
 public:
  ReportingMemory(sc_core::sc_module_name name, const hw::MemoryParts& /*parts*/) : MemoryModule{name} {
    socket_.register_nb_transport_fw(this, &ReportingMemory::nb_transport_fw);
  }
  tlm::tlm_base_target_socket_b<>& socket() override { return socket_; }

 protected:
  virtual void asked() {}

 private:
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& transaction, tlm::tlm_phase& phase, sc_core::sc_time&) {
    if (phase != tlm::BEGIN_REQ) return tlm::TLM_ACCEPTED;
    asked();
    transaction.set_response_status(tlm::TLM_OK_RESPONSE);
    return tlm::TLM_COMPLETED;
  }
  tlm_utils::simple_target_socket<ReportingMemory> socket_{"socket"};
};

class Talkative final : public ReportingMemory {
 public:
  Talkative(sc_core::sc_module_name name, const hw::MemoryParts& parts) : ReportingMemory{name, parts} {
    SC_REPORT_INFO("/reporting", "built");
  }

 private:
  void asked() override {
    if (!warned_) SC_REPORT_WARNING("/reporting", "first access");
    warned_ = true;
  }
  bool warned_ = false;
};

class BrokenWhenBuilt final : public ReportingMemory {
 public:
  BrokenWhenBuilt(sc_core::sc_module_name name, const hw::MemoryParts& parts) : ReportingMemory{name, parts} {
    SC_REPORT_ERROR("/reporting", "not built");
  }
};

class BrokenWhenAsked final : public ReportingMemory {
  using ReportingMemory::ReportingMemory;
  void asked() override { SC_REPORT_FATAL("/reporting", "asked"); }
};

class BrokenInProcess final : public ReportingMemory {
 public:
  BrokenInProcess(sc_core::sc_module_name name, const hw::MemoryParts& parts) : ReportingMemory{name, parts} {
    SC_HAS_PROCESS(BrokenInProcess);
    SC_THREAD(run);
  }

 private:
  void run() {
    wait(3, sc_core::SC_US);
    SC_REPORT_ERROR("/reporting", "in its process");
  }
};

class BrokenAtEnd final : public ReportingMemory {
  using ReportingMemory::ReportingMemory;

 public:
  ~BrokenAtEnd() override { SC_REPORT_ERROR("/reporting", "destroyed"); }
};

}  // namespace

GPUSIM_PLUG_IN("reporting", "1.0") {
  offers.memory<Talkative>("talkative");
  offers.memory<BrokenWhenBuilt>("when_built");
  offers.memory<BrokenWhenAsked>("when_asked");
  offers.memory<BrokenInProcess>("in_process");
  offers.memory<BrokenAtEnd>("at_end");
}
