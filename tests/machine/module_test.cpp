// SPDX-License-Identifier: MIT
// Modules of others in the places of ours, as factories of plug-ins make them: each does what it says, to the
// picosecond, and ours made by a factory are ours. That shared objects are found and loaded is tests/plug_in/.
#include <algorithm>
#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "firmware/runlist/round_robin.h"
#include "sim/hw/engine.h"
#include "sim/hw/memory_module.h"
#include "sim/hw/native_firmware_core.h"
#include "sim/hw/pcie_link.h"
#include "sim/system/simulation.h"
#include "tests/support/catch.h"
#include "tests/support/machine/scenarios.h"

using namespace gpusim;

namespace {

/// Approximately timed: requests one after the other, each for 100 ns.
class QueuedMemory final : public hw::MemoryModule {
 public:
  explicit QueuedMemory(sc_core::sc_module_name name) : MemoryModule{name} {
    socket_.register_nb_transport_fw(this, &QueuedMemory::nb_transport_fw);
    SC_HAS_PROCESS(QueuedMemory);
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
    free_ = std::max(sc_core::sc_time_stamp() + delay, free_) + sc_core::sc_time{100, sc_core::SC_NS};
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
    (void)socket_->nb_transport_bw(transaction, phase, delay);
    transaction.release();
    if (!requests_.empty()) done_.notify(requests_.front().done - sc_core::sc_time_stamp());
  }

  tlm_utils::simple_target_socket<QueuedMemory> socket_{"socket"};
  sc_core::sc_event done_;
  sc_core::sc_time free_;
  std::deque<Request> requests_;
};

/// Loosely timed: annotates 100 ns.
class AnnotatingMemory final : public hw::MemoryModule {
 public:
  explicit AnnotatingMemory(sc_core::sc_module_name name) : MemoryModule{name} {
    socket_.register_nb_transport_fw(this, &AnnotatingMemory::nb_transport_fw);
  }
  tlm::tlm_base_target_socket_b<>& socket() override { return socket_; }

 private:
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& transaction, tlm::tlm_phase& /*phase*/,
                                     sc_core::sc_time& delay) {
    transaction.set_response_status(tlm::TLM_OK_RESPONSE);
    delay += sc_core::sc_time{100, sc_core::SC_NS};
    return tlm::TLM_COMPLETED;
  }
  tlm_utils::simple_target_socket<AnnotatingMemory> socket_{"socket"};
};

template <class T>
[[nodiscard]] std::unique_ptr<hw::MemoryModule> make_memory(const char* name, const hw::MemoryParts& /*parts*/) {
  return std::make_unique<T>(name);
}

/// Ours, as somebody else's module.
[[nodiscard]] std::unique_ptr<hw::EngineModule> make_engine(const char* name, const hw::EngineParts& parts) {
  return std::make_unique<hw::Engine>(name, parts.timeline, parts.recorder, parts.ledger, parts.device, parts.index,
                                      parts.faults);
}
[[nodiscard]] std::unique_ptr<hw::LinkModule> make_link(const char* name, const hw::LinkParts& parts) {
  return std::make_unique<hw::PcieLink>(name, parts.timeline, parts.recorder, parts.ledger, parts.spec);
}
[[nodiscard]] std::unique_ptr<hw::LinkModule> make_slow_link(const char* name, const hw::LinkParts& parts) {
  hw::LinkSpec slow = parts.spec;
  slow.dma_write_latency.value += ns(250);
  return std::make_unique<hw::PcieLink>(name, parts.timeline, parts.recorder, parts.ledger, slow);
}
[[nodiscard]] std::unique_ptr<hw::FirmwareCore> make_core(const hw::FirmwareCoreParts& parts) {
  return std::make_unique<hw::NativeFirmwareCore<fw::RoundRobin>>(parts.registers, parts.device);
}

/// From the events of one kind to those of another, in their order.
[[nodiscard]] std::vector<Picoseconds> intervals_of(const test::Recording& run, trace::EventKind from,
                                                    trace::EventKind to) {
  const std::vector<trace::Event> begins = run.of_kind(from);
  const std::vector<trace::Event> ends = run.of_kind(to);
  REQUIRE(begins.size() == ends.size());
  std::vector<Picoseconds> result;
  for (std::size_t i = 0; i < begins.size(); ++i) result.push_back(ends[i].time - begins[i].time);
  return result;
}

/// Three jobs, one after the other: a fetch finds nothing under way.
[[nodiscard]] scenario::ScenarioSpec three_jobs() {
  scenario::ScenarioSpec spec = test::costly_scenario();
  workload::LoopSpec loop;
  loop.placement = test::kRender;
  loop.cycles = 3;
  loop.work = test::fixed(us(20));
  loop.wait = {us(100), us(100)};
  spec.clients = {test::client("app", loop)};
  return spec;
}

}  // namespace

TEST_CASE("a memory of 100 ns moves each fetch by exactly 100 ns", "[module]") {
  using Kind = trace::EventKind;
  scenario::ScenarioSpec spec = three_jobs();
  const Picoseconds link = spec.device.link.dma_read_latency.value;
  CHECK(intervals_of(test::run(spec), Kind::fetch_begin, Kind::job_start) == std::vector(3, link));
  for (const hw::MakeMemory make : {&make_memory<QueuedMemory>, &make_memory<AnnotatingMemory>}) {
    spec.device.modules.memory = {"memory", make};
    for (const bool look_ahead : {true, false}) {
      system::MachineOptions options;
      options.look_ahead = look_ahead;
      options.check_transactions = true;
      const test::Recording run = test::run(spec, options);
      CHECK(intervals_of(run, Kind::fetch_begin, Kind::job_start) == std::vector(3, link + ns(100)));
      CHECK(intervals_of(run, Kind::fence_write, Kind::fence_visible) ==
            std::vector(3, spec.device.link.dma_write_latency.value));
    }
  }
}

TEST_CASE("a busy machine with a slow memory does all its jobs, the same ones in each run", "[module]") {
  scenario::ScenarioSpec spec = test::busy_scenario();
  const std::size_t jobs = test::run(spec).jobs().size();
  spec.device.modules.memory = {"memory", &make_memory<QueuedMemory>};
  const test::Recording run = test::run(spec);
  CHECK(run.result.outcome == system::Outcome::finished);
  CHECK(run.jobs().size() == jobs);
  CHECK(test::run(spec).hash == run.hash);
}

TEST_CASE("our engines, link and firmware core are ours when factories make them", "[module]") {
  scenario::ScenarioSpec spec = test::busy_scenario();
  const std::uint64_t hash = test::run(spec).hash;
  for (auto& engine : spec.device.modules.engines) engine = {"ours", &make_engine};
  CHECK(test::run(spec).hash == hash);
  spec.device.modules.link = {"ours", &make_link};
  CHECK(test::run(spec).hash == hash);
  spec.device.modules.core = {"ours", &make_core};
  CHECK(test::run(spec).hash == hash);
}

TEST_CASE("a link of somebody else takes what it takes", "[module]") {
  using Kind = trace::EventKind;
  scenario::ScenarioSpec spec = three_jobs();
  spec.device.modules.link = {"slow", &make_slow_link};
  CHECK(intervals_of(test::run(spec), Kind::fence_write, Kind::fence_visible) ==
        std::vector(3, spec.device.link.dma_write_latency.value + ns(250)));
}
