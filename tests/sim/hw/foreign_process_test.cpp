// SPDX-License-Identifier: MIT
// SystemC modules of others, with processes of their own, beside the Timeline: each side meets the other at the right
// time, whoever of them runs ahead.
#include <array>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "sim/hw/bus_port.h"
#include "sim/hw/kernel_time.h"
#include "sim/hw/patient_target.h"
#include "sim/hw/pcie_link.h"
#include "sim/hw/root_complex.h"
#include "sim/hw/timeline_pump.h"
#include "sim/hw/wiring.h"
#include "sim/system/kernel.h"
#include "tests/support/catch.h"

using namespace gpusim;

namespace {

/// An initiator of somebody else: what it does, it does in an SC_THREAD.
struct ForeignInitiator : sc_core::sc_module {
  tlm_utils::simple_initiator_socket<ForeignInitiator> socket{"socket"};
  std::function<void()> act;

  explicit ForeignInitiator(sc_core::sc_module_name name) : sc_core::sc_module{name} {
    SC_HAS_PROCESS(ForeignInitiator);
    SC_THREAD(run);
  }
  template <class T>
  tlm::tlm_response_status send(tlm::tlm_command command, std::uint64_t address, T& value,
                                Picoseconds annotated = ns(0)) {
    tlm::tlm_generic_payload payload;
    payload.set_command(command);
    payload.set_address(address);
    payload.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
    payload.set_data_length(sizeof value);
    payload.set_streaming_width(sizeof value);
    sc_core::sc_time delay = hw::to_sc(annotated);
    socket->b_transport(payload, delay);
    return payload.get_response_status();
  }

 private:
  void run() { act(); }
};

/// A target whose effect comes 10 ns after the transaction's, by the Timeline.
struct LateTarget : sc_core::sc_module {
  tlm_utils::simple_target_socket<LateTarget> socket{"socket"};
  std::vector<SimTime> called;
  std::vector<SimTime> arrived;

  LateTarget(sc_core::sc_module_name name, Timeline& timeline)
      : sc_core::sc_module{name}, timeline_{timeline}, component_{timeline.add_component(this->name())} {
    socket.register_b_transport(this, &LateTarget::b_transport);
  }

 private:
  void b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
    const SimTime effect = hw::effect_of(timeline_, delay);
    called.push_back(effect);
    timeline_.schedule<&LateTarget::arrive>(effect + ns(10), Phase::transfer, component_, this);
    transaction.set_response_status(tlm::TLM_OK_RESPONSE);
  }
  void arrive() { arrived.push_back(timeline_.now()); }

  Timeline& timeline_;
  Timeline::Component component_;
};

/// Between link and host: passes on, and asks for `asked` beside what the host does.
struct SlowInterconnect : sc_core::sc_module {
  tlm_utils::simple_target_socket<SlowInterconnect> from_link{"from_link"};
  tlm_utils::simple_initiator_socket<SlowInterconnect> to_host{"to_host"};
  Picoseconds asked{0};
  std::vector<SimTime> writes;

  SlowInterconnect(sc_core::sc_module_name name, Timeline& timeline) : sc_core::sc_module{name}, timeline_{timeline} {
    from_link.register_b_transport(this, &SlowInterconnect::b_transport);
    from_link.register_nb_transport_fw(this, &SlowInterconnect::nb_transport_fw);
  }

 private:
  /// The host completes at once.
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& transaction, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) {
    const tlm::tlm_sync_enum status = to_host->nb_transport_fw(transaction, phase, delay);
    delay += hw::to_sc(asked);
    return status;
  }
  void b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
    if (transaction.is_write()) writes.push_back(timeline_.now());
    to_host->b_transport(transaction, delay);
    delay += hw::to_sc(asked);
  }
  Timeline& timeline_;
};

/// The same, and it waits for itself, as b_transport may.
struct WaitingInterconnect : sc_core::sc_module {
  tlm_utils::simple_target_socket<WaitingInterconnect> from_link{"from_link"};
  tlm_utils::simple_initiator_socket<WaitingInterconnect> to_host{"to_host"};
  std::vector<SimTime> writes;

  explicit WaitingInterconnect(sc_core::sc_module_name name) : sc_core::sc_module{name} {
    from_link.register_b_transport(this, &WaitingInterconnect::b_transport);
    from_link.register_transport_dbg(this, &WaitingInterconnect::transport_dbg);
  }

 private:
  void b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
    sc_core::wait(hw::to_sc(ns(100)) + delay);
    delay = sc_core::SC_ZERO_TIME;
    if (transaction.is_write()) writes.push_back(hw::sc_now());
    to_host->b_transport(transaction, delay);
  }
  unsigned transport_dbg(tlm::tlm_generic_payload& transaction) { return to_host->transport_dbg(transaction); }
};

/// The host's end, the link, and a device that is a port of the test's; `asked`: of a foreign interconnect between.
struct ForeignBench {
  system::Kernel kernel;
  hw::Wiring wiring{true};
  Timeline timeline;
  trace::Recorder recorder{timeline};
  CostLedger ledger;
  hw::TimelinePump pump;
  hw::PcieLink link{"link", timeline, recorder, ledger,
                    hw::LinkSpec{Cost{ns(300), 1}, Cost{ns(400), 2}, Cost{ns(700), 3}, Cost{ns(900), 4}}};
  hw::RootComplex host{"host", timeline, ns(0)};
  SlowInterconnect interconnect{"interconnect", timeline};
  LateTarget device{"device", timeline};
  struct Dma : sc_core::sc_module {
    hw::ReadingPort port;
    Dma(sc_core::sc_module_name name, Timeline& timeline) : sc_core::sc_module{name}, port{"port", timeline} {}
  } dma{"dma", timeline};
  Timeline::Component component = timeline.add_component("test");
  std::vector<SimTime> read;
  std::uint64_t word = 0;

  explicit ForeignBench(bool look_ahead = true, Picoseconds asked = ns(0)) : pump{"pump", timeline, look_ahead} {
    interconnect.asked = asked;
    wiring.connect(host.to_link(), link.from_host);
    wiring.connect(link.to_device, device.socket);
    wiring.connect(link.to_host, interconnect.from_link);
    wiring.connect(interconnect.to_host, host.from_link);
    wiring.connect(dma.port.socket, link.from_device);
    dma.port.on_read = [this](std::uint32_t, std::span<const std::byte> bytes) {
      read.push_back(timeline.now());
      std::memcpy(&word, bytes.data(), sizeof word);
    };
  }
  void at_start(std::function<void()> action) {
    action_ = std::move(action);
    timeline.schedule<&ForeignBench::act>(SimTime{}, Phase::cpu, component, this);
  }
  void run() {
    timeline.freeze();
    kernel.run();
    if (pump.error()) std::rethrow_exception(pump.error());
  }

 private:
  void act() { action_(); }
  std::function<void()> action_;
};

}  // namespace

TEST_CASE("a foreign process that calls a target of the Timeline is there at its own time", "[foreign]") {
  for (const bool look_ahead : {true, false}) {
    INFO(look_ahead);
    system::Kernel kernel;
    Timeline timeline;
    hw::TimelinePump pump{"pump", timeline, look_ahead};
    ForeignInitiator foreign{"foreign"};
    LateTarget target{"target", timeline};
    foreign.socket.bind(target.socket);
    struct Own {
      void nothing() {}
    } own;
    timeline.schedule<&Own::nothing>(at(ns(100)), Phase::cpu, timeline.add_component("own"), &own);
    foreign.act = [&] {
      for (std::uint32_t i = 0; i < 3; ++i) {
        sc_core::wait(hw::to_sc(ns(50)));
        CHECK(foreign.send(tlm::TLM_WRITE_COMMAND, 0, i) == tlm::TLM_OK_RESPONSE);
      }
    };
    timeline.freeze();
    kernel.run();
    CHECK_FALSE(pump.error());
    CHECK(target.called == std::vector{at(ns(50)), at(ns(100)), at(ns(150))});
    CHECK(target.arrived == std::vector{at(ns(60)), at(ns(110)), at(ns(160))});
    CHECK(timeline.now() == at(ns(160)));
  }
}

TEST_CASE("a foreign initiator's writes cross the link, with what it annotates", "[foreign]") {
  for (const bool look_ahead : {true, false}) {
    system::Kernel kernel;
    Timeline timeline;
    trace::Recorder recorder{timeline};
    CostLedger ledger;
    hw::TimelinePump pump{"pump", timeline, look_ahead};
    hw::PcieLink link{"link", timeline, recorder, ledger,
                      hw::LinkSpec{Cost{ns(300), 1}, Cost{ns(400), 2}, Cost{ns(700), 3}, Cost{ns(900), 4}}};
    ForeignInitiator cpu{"cpu"};
    ForeignInitiator dma{"dma"};
    LateTarget device{"device", timeline};
    LateTarget unused{"unused", timeline};
    hw::RootComplex host{"host", timeline, ns(0)};
    hw::Wiring wiring{true};
    wiring.connect(host.to_link(), unused.socket);
    wiring.connect(cpu.socket, link.from_host);
    wiring.connect(dma.socket, link.from_device);
    wiring.connect(link.to_device, device.socket);
    wiring.connect(link.to_host, host.from_link);
    const std::uint64_t address = host.allocate(8);
    std::uint32_t word = 7;
    std::uint64_t value = 1;
    cpu.act = [&] {
      sc_core::wait(hw::to_sc(ns(50)));
      CHECK(cpu.send(tlm::TLM_WRITE_COMMAND, 0, word, ns(5)) == tlm::TLM_OK_RESPONSE);
    };
    dma.act = [&] {
      host.store_value(0, address, std::uint64_t{42});
      sc_core::wait(hw::to_sc(ns(20)));
      CHECK(dma.send(tlm::TLM_READ_COMMAND, address, value) == tlm::TLM_OK_RESPONSE);
      CHECK(value == 42);
      value = 43;
      CHECK(dma.send(tlm::TLM_WRITE_COMMAND, address, value) == tlm::TLM_OK_RESPONSE);
      sc_core::wait(hw::to_sc(ns(399)));
      CHECK(host.load_value<std::uint64_t>(address) == 42);
      sc_core::wait(hw::to_sc(ns(2)));
      CHECK(host.load_value<std::uint64_t>(address) == 43);
      // Nothing is there; more than a link takes at once.
      std::array<std::byte, 65> much{};
      CHECK(dma.send(tlm::TLM_READ_COMMAND, 0x20, value) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
      CHECK(dma.send(tlm::TLM_READ_COMMAND, address, much) == tlm::TLM_BURST_ERROR_RESPONSE);
    };
    timeline.freeze();
    kernel.run();
    CHECK_FALSE(pump.error());
    CHECK(device.called == std::vector{at(ns(355))});
    CHECK(hw::sc_now() == at(ns(421)));
  }
}

TEST_CASE("a target that asks for 100 ns moves a read by 100 ns, and what is posted behind a write", "[foreign]") {
  for (const bool look_ahead : {true, false}) {
    for (const Picoseconds asked : {ns(0), ns(100)}) {
      ForeignBench bench{look_ahead, asked};
      const std::uint64_t address = bench.host.allocate(16);
      bench.host.store_value(0, address, std::uint64_t{5});
      bench.at_start([&] {
        (void)bench.dma.port.begin_read(address, sizeof bench.word);
        bench.dma.port.write_value(address, std::uint64_t{6});
        bench.dma.port.write_value(address + 8, std::uint64_t{7});
      });
      bench.run();
      CHECK(bench.word == 5);
      CHECK(bench.read == std::vector{at(ns(700) + asked)});
      CHECK(bench.interconnect.writes == std::vector{at(ns(400)), at(ns(400) + asked)});
    }
  }
}

TEST_CASE("a target that waits for 100 ns moves a read by 100 ns, and what is posted behind a write", "[foreign]") {
  for (const bool look_ahead : {true, false}) {
    system::Kernel kernel;
    hw::Wiring wiring{true};
    Timeline timeline;
    trace::Recorder recorder{timeline};
    CostLedger ledger;
    hw::TimelinePump pump{"pump", timeline, look_ahead};
    hw::PcieLink link{"link", timeline, recorder, ledger,
                      hw::LinkSpec{Cost{ns(300), 1}, Cost{ns(400), 2}, Cost{ns(700), 3}, Cost{ns(900), 4}}};
    hw::RootComplex host{"host", timeline, ns(0)};
    hw::PatientTarget patient{"patient"};
    WaitingInterconnect waiting{"waiting"};
    LateTarget device{"device", timeline};
    ForeignInitiator dma{"dma"};
    ForeignBench::Dma own{"own", timeline};
    wiring.connect(host.to_link(), link.from_host);
    wiring.connect(link.to_device, device.socket);
    wiring.connect(link.to_host, patient.from_initiator);
    wiring.connect(patient.to_target, waiting.from_link);
    wiring.connect(waiting.to_host, host.from_link);
    wiring.connect(dma.socket, link.from_device);
    wiring.connect(own.port.socket, link.from_device);
    const std::uint64_t address = host.allocate(16);
    host.store_value(0, address, std::uint64_t{5});
    std::vector<SimTime> read;
    std::uint64_t word = 0;
    own.port.on_read = [&](std::uint32_t, std::span<const std::byte> bytes) {
      read.push_back(timeline.now());
      std::memcpy(&word, bytes.data(), sizeof word);
    };
    dma.act = [&] {
      // The read's request is there at 350 ns and answered at 450; the writes arrive at 400.
      (void)own.port.begin_read(address, sizeof word);
      for (std::uint64_t value : {6, 7})
        CHECK(dma.send(tlm::TLM_WRITE_COMMAND, address, value) == tlm::TLM_OK_RESPONSE);
    };
    timeline.freeze();
    kernel.run();
    CHECK_FALSE(pump.error());
    CHECK(word == 5);
    CHECK(read == std::vector{at(ns(800))});
    CHECK(waiting.writes == std::vector{at(ns(550)), at(ns(650))});
    CHECK(host.load_value<std::uint64_t>(address) == 7);
  }
}
