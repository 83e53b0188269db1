// SPDX-License-Identifier: MIT
// Partners that use TLM-2.0's base protocol in all the ways it allows: ports and link take each of them, one request
// and one response at a time.
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "base/invariant.h"
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

using Payload = tlm::tlm_generic_payload;

/// A target that answers as the test says; words are their addresses.
struct AnyTarget : sc_core::sc_module {
  tlm_utils::simple_target_socket<AnyTarget> socket{"socket"};
  std::function<tlm::tlm_sync_enum(Payload&, tlm::tlm_phase&, sc_core::sc_time&)> on_phase;
  std::vector<std::string> heard;

  explicit AnyTarget(sc_core::sc_module_name name) : sc_core::sc_module{name} {
    socket.register_nb_transport_fw(this, &AnyTarget::nb_transport_fw);
  }
  static void fill(Payload& p) {
    const std::uint64_t word = p.get_address();
    std::memcpy(p.get_data_ptr(), &word, sizeof word);
    p.set_response_status(tlm::TLM_OK_RESPONSE);
    p.set_dmi_allowed(true);  // a hint, that nobody takes
  }
  void say(Payload& p, tlm::tlm_phase phase) {
    sc_core::sc_time none = sc_core::SC_ZERO_TIME;
    (void)socket->nb_transport_bw(p, phase, none);
  }

 private:
  tlm::tlm_sync_enum nb_transport_fw(Payload& p, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
    heard.push_back(std::string{phase.get_name()} + ' ' + std::to_string(p.get_address()));
    return on_phase(p, phase, delay);
  }
};

struct Dma : sc_core::sc_module {
  hw::ReadingPort port;
  Dma(sc_core::sc_module_name name, Timeline& timeline) : sc_core::sc_module{name}, port{"port", timeline} {}
};

/// A port that reads twice at once from an AnyTarget, through a checker.
struct TwoReads {
  system::Kernel kernel;
  hw::Wiring wiring{true};
  Timeline timeline;
  hw::TimelinePump pump{"pump", timeline, true};
  Dma dma{"dma", timeline};
  AnyTarget target{"target"};
  Timeline::Component component = timeline.add_component("test");
  std::vector<std::uint64_t> words;
  std::vector<SimTime> when;

  TwoReads() {
    wiring.connect(dma.port.socket, target.socket);
    dma.port.on_read = [this](std::uint32_t, std::span<const std::byte> bytes) {
      std::memcpy(&words.emplace_back(), bytes.data(), sizeof words[0]);
      when.push_back(timeline.now());
    };
  }
  void run() {
    timeline.schedule<&TwoReads::read>(at(ns(10)), Phase::cpu, component, this);
    timeline.freeze();
    kernel.run();
    if (pump.error()) std::rethrow_exception(pump.error());
  }
  /// The target goes on at `time`.
  void later(Picoseconds time, std::function<void()> action) {
    later_.push_back(std::move(action));
    timeline.schedule<&TwoReads::go_on>(at(time), Phase::cpu, component, this, later_.size() - 1);
  }

 private:
  void read() {
    (void)dma.port.begin_read(8, sizeof words[0]);
    (void)dma.port.begin_read(16, sizeof words[0]);
  }
  void go_on(std::uint64_t number) { later_[number](); }
  std::vector<std::function<void()>> later_;
};

const std::vector<std::uint64_t> kBoth{8, 16};

}  // namespace

TEST_CASE("a target that completes at once is read twice, with what it annotates", "[tlm]") {
  TwoReads bench;
  bench.target.on_phase = [](Payload& p, tlm::tlm_phase&, sc_core::sc_time& delay) {
    AnyTarget::fill(p);
    delay += hw::to_sc(ns(5));
    return tlm::TLM_COMPLETED;
  };
  bench.run();
  CHECK(bench.words == kBoth);
  CHECK(bench.when == std::vector{at(ns(15)), at(ns(15))});
}

TEST_CASE("a response that comes back with the request is ended", "[tlm]") {
  TwoReads bench;
  bench.target.on_phase = [](Payload& p, tlm::tlm_phase& phase, sc_core::sc_time&) {
    if (phase == tlm::END_RESP) return tlm::TLM_COMPLETED;
    AnyTarget::fill(p);
    phase = tlm::BEGIN_RESP;
    return tlm::TLM_UPDATED;
  };
  bench.run();
  CHECK(bench.words == kBoth);
  CHECK(bench.target.heard == std::vector<std::string>{"BEGIN_REQ 8", "END_RESP 8", "BEGIN_REQ 16", "END_RESP 16"});
}

TEST_CASE("a second request waits until the first has ended, by its end or by its response", "[tlm]") {
  for (const bool says_end : {true, false}) {
    INFO(says_end);
    TwoReads bench;
    std::vector<Payload*> asked;
    bench.target.on_phase = [&](Payload& p, tlm::tlm_phase&, sc_core::sc_time&) {
      asked.push_back(&p);
      return tlm::TLM_ACCEPTED;
    };
    const auto respond = [&](std::size_t i) {
      AnyTarget::fill(*asked.at(i));
      bench.target.say(*asked.at(i), tlm::BEGIN_RESP);
    };
    bench.later(ns(20), [&] {
      CHECK(asked.size() == 1);
      if (says_end) bench.target.say(*asked[0], tlm::END_REQ);
    });
    bench.later(ns(30), [&] {
      CHECK(asked.size() == (says_end ? 2 : 1));
      respond(0);
    });
    bench.later(ns(40), [&] { respond(1); });
    bench.run();
    CHECK(bench.words == kBoth);
    CHECK(bench.when == std::vector{at(ns(30)), at(ns(40))});
  }
}

namespace {

/// Reads two registers through the link, and ends each response by a phase of its own, 10 ns later.
struct FourPhases : sc_core::sc_module, tlm::tlm_mm_interface {
  tlm_utils::simple_initiator_socket<FourPhases> socket{"socket"};
  Payload first{this};
  Payload second{this};
  std::uint64_t word = 0;
  std::vector<SimTime> responses;

  explicit FourPhases(sc_core::sc_module_name name) : sc_core::sc_module{name} {
    socket.register_nb_transport_bw(this, &FourPhases::nb_transport_bw);
    SC_HAS_PROCESS(FourPhases);
    SC_THREAD(run);
  }
  void free(Payload*) override {}

 private:
  void run() {
    for (Payload* p : {&first, &second}) {
      p->acquire();
      p->set_command(tlm::TLM_READ_COMMAND);
      p->set_data_ptr(reinterpret_cast<unsigned char*>(&word));
      p->set_data_length(4);
      p->set_streaming_width(4);
      tlm::tlm_phase phase = tlm::BEGIN_REQ;
      sc_core::sc_time none = sc_core::SC_ZERO_TIME;
      CHECK(socket->nb_transport_fw(*p, phase, none) == tlm::TLM_UPDATED);
      CHECK(phase == tlm::END_REQ);
    }
    for (Payload* p : {&first, &second}) {
      while (responses.size() < (p == &first ? 1U : 2U)) sc_core::wait(answered_);
      sc_core::wait(hw::to_sc(ns(10)));
      tlm::tlm_phase phase = tlm::END_RESP;
      sc_core::sc_time none = sc_core::SC_ZERO_TIME;
      (void)socket->nb_transport_fw(*p, phase, none);
    }
  }
  tlm::tlm_sync_enum nb_transport_bw(Payload&, tlm::tlm_phase&, sc_core::sc_time&) {
    responses.push_back(hw::sc_now());
    answered_.notify(sc_core::SC_ZERO_TIME);
    return tlm::TLM_ACCEPTED;
  }
  sc_core::sc_event answered_;
};

/// A register that asks for time with each write.
struct SlowRegister : sc_core::sc_module {
  tlm_utils::simple_target_socket<SlowRegister> socket{"socket"};
  std::uint32_t value = 0;
  std::vector<SimTime> writes;
  Picoseconds asked{0};

  SlowRegister(sc_core::sc_module_name name, Timeline& timeline) : sc_core::sc_module{name}, timeline_{timeline} {
    socket.register_b_transport(this, &SlowRegister::b_transport);
  }

 private:
  void b_transport(Payload& p, sc_core::sc_time& delay) {
    if (p.is_read()) {
      std::memcpy(p.get_data_ptr(), &value, sizeof value);
    } else {
      std::memcpy(&value, p.get_data_ptr(), sizeof value);
      writes.push_back(timeline_.now());
      delay += hw::to_sc(asked);
    }
    p.set_response_status(tlm::TLM_OK_RESPONSE);
  }
  Timeline& timeline_;
};

struct LinkBench {
  system::Kernel kernel;
  hw::Wiring wiring{true};
  Timeline timeline;
  trace::Recorder recorder{timeline};
  CostLedger ledger;
  hw::TimelinePump pump{"pump", timeline, true};
  hw::PcieLink link{"link", timeline, recorder, ledger,
                    hw::LinkSpec{Cost{ns(300), 1}, Cost{ns(400), 2}, Cost{ns(700), 3}, Cost{ns(900), 4}}};
  hw::RootComplex host{"host", timeline, ns(0)};
  SlowRegister device{"device", timeline};

  LinkBench() {
    wiring.connect(link.to_device, device.socket);
    wiring.connect(link.to_host, host.from_link);
  }
  void run() {
    timeline.freeze();
    kernel.run();
    if (pump.error()) std::rethrow_exception(pump.error());
  }
};

struct ReadValue final : drv::ReadCompletion {
  std::uint32_t value = 0;
  void on_read_complete(std::uint32_t v) override { value = v; }
};

}  // namespace

TEST_CASE("the link begins a response when the initiator has ended the one before", "[tlm]") {
  LinkBench bench;
  FourPhases cpu{"cpu"};
  Dma unused{"unused", bench.timeline};
  bench.wiring.connect(cpu.socket, bench.link.from_host);
  bench.wiring.connect(unused.port.socket, bench.link.from_device);
  SlowRegister nobody{"nobody", bench.timeline};
  bench.wiring.connect(bench.host.to_link(), nobody.socket);
  bench.run();
  CHECK(cpu.responses == std::vector{at(ns(900)), at(ns(910))});
}

TEST_CASE("a read of a register waits behind a posted write that the device holds up", "[tlm]") {
  LinkBench bench;
  bench.device.asked = us(2);
  Dma unused{"unused", bench.timeline};
  bench.wiring.connect(bench.host.to_link(), bench.link.from_host);
  bench.wiring.connect(unused.port.socket, bench.link.from_device);
  ReadValue read;
  struct Cpu {
    LinkBench& bench;
    ReadValue& read;
    void act() {
      bench.host.mmio_write32(0, 1, nullptr);
      bench.host.mmio_write32(0, 2, nullptr);
      bench.host.mmio_read32(0, read);
    }
  } cpu{bench, read};
  bench.timeline.schedule<&Cpu::act>(SimTime{}, Phase::cpu, bench.timeline.add_component("cpu"), &cpu);
  bench.run();
  CHECK(bench.device.writes == std::vector{at(ns(300)), at(ns(2'300))});
  CHECK(read.value == 2);
}

namespace {

/// Its thread writes and reads a word behind a PatientTarget.
struct WriteAndRead : sc_core::sc_module {
  tlm_utils::simple_initiator_socket<WriteAndRead> socket{"socket"};
  std::uint32_t word = 42;

  explicit WriteAndRead(sc_core::sc_module_name name) : sc_core::sc_module{name} {
    SC_HAS_PROCESS(WriteAndRead);
    SC_THREAD(run);
  }

 private:
  void run() {
    for (const tlm::tlm_command command : {tlm::TLM_WRITE_COMMAND, tlm::TLM_READ_COMMAND}) {
      Payload& p = payload_;  // not on the stack of a thread that may never come to its end
      p.set_command(command);
      p.set_data_ptr(reinterpret_cast<unsigned char*>(&word));
      p.set_data_length(4);
      p.set_streaming_width(4);
      p.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
      sc_core::sc_time none = sc_core::SC_ZERO_TIME;
      socket->b_transport(p, none);
      CHECK(p.is_response_ok());
      if (command == tlm::TLM_WRITE_COMMAND) word = 0;
    }
  }
  Payload payload_;
};

struct Refusing : sc_core::sc_module {
  tlm_utils::simple_target_socket<Refusing> socket{"socket"};
  explicit Refusing(sc_core::sc_module_name name) : sc_core::sc_module{name} {
    socket.register_b_transport(this, &Refusing::b_transport);
  }

 private:
  void b_transport(Payload& p, sc_core::sc_time&) { p.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE); }
};

}  // namespace

TEST_CASE("a read behind a patient target sees the write before it", "[tlm]") {
  system::Kernel kernel;
  Timeline timeline;
  hw::TimelinePump pump{"pump", timeline, true};
  hw::PatientTarget patient{"patient"};
  SlowRegister device{"device", timeline};
  WriteAndRead foreign{"foreign"};
  foreign.socket.bind(patient.from_initiator);
  patient.to_target.bind(device.socket);
  device.asked = ns(50);
  timeline.freeze();
  kernel.run();
  CHECK(foreign.word == 42);
  CHECK(device.writes.size() == 1);
}

TEST_CASE("what breaks a rule in a process of SystemC ends the run with that rule", "[tlm]") {
  system::Kernel kernel;
  Timeline timeline;
  hw::TimelinePump pump{"pump", timeline, true};
  hw::PatientTarget patient{"patient"};
  Refusing refusing{"refusing"};
  WriteAndRead foreign{"foreign"};
  foreign.socket.bind(patient.from_initiator);
  patient.to_target.bind(refusing.socket);
  timeline.freeze();
  try {
    kernel.run();
    FAIL("it went through");
  } catch (const InvariantViolation& violation) {
    CHECK(violation.oracle() == "bus");
  }
}

TEST_CASE("a run that is to stop at a time does, whatever processes of others do", "[foreign]") {
  system::Kernel kernel;
  Timeline timeline;
  hw::TimelinePump pump{"pump", timeline, true};
  sc_core::sc_clock clock{"clock", sc_core::sc_time{10, sc_core::SC_NS}};
  pump.stop_at = at(us(1));
  timeline.freeze();
  kernel.run();
  CHECK(pump.stopped());
  CHECK(hw::sc_now() == at(us(1)));
}
