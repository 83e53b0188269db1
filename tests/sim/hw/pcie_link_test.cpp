// SPDX-License-Identifier: MIT
// The link with a fresh kernel and a register behind it: posted writes in order after their latency, reads behind them.
#include <cstring>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/invariant.h"
#include "sim/hw/pcie_link.h"
#include "sim/hw/root_complex.h"
#include "sim/hw/timeline_pump.h"
#include "sim/hw/wiring.h"
#include "sim/system/kernel.h"
#include "tests/support/catch.h"

using namespace gpusim;

namespace {

/// A device with one register; notes what is written to it and when.
class OneRegister : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<OneRegister> from_link{"from_link"};
  struct Write {
    SimTime when;
    std::uint64_t address;
    std::uint32_t value;
  };
  std::vector<Write> writes;

  OneRegister(sc_core::sc_module_name name, Timeline& timeline) : sc_core::sc_module{name}, timeline_{timeline} {
    from_link.register_b_transport(this, &OneRegister::b_transport);
  }

 private:
  void b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
    CHECK(hw::effect_of(timeline_, delay) == timeline_.now());
    if (transaction.is_write()) {
      std::memcpy(&value_, transaction.get_data_ptr(), sizeof value_);
      writes.push_back({timeline_.now(), transaction.get_address(), value_});
    } else {
      std::memcpy(transaction.get_data_ptr(), &value_, sizeof value_);
    }
    transaction.set_response_status(tlm::TLM_OK_RESPONSE);
  }
  Timeline& timeline_;
  std::uint32_t value_ = 0;
};

struct Initiator : sc_core::sc_module {
  hw::ReadingPort port;
  Initiator(sc_core::sc_module_name name, Timeline& timeline) : sc_core::sc_module{name}, port{"port", timeline} {}
};

struct Read final : drv::ReadCompletion {
  explicit Read(const Timeline& t) : timeline{t} {}
  const Timeline& timeline;
  std::optional<std::uint32_t> value;
  SimTime when{};
  void on_read_complete(std::uint32_t v) override {
    value = v;
    when = timeline.now();
  }
};

struct RegisterBench {
  system::Kernel kernel;
  Timeline timeline;
  trace::Recorder recorder{timeline};
  CostLedger ledger;
  hw::TimelinePump pump{"pump", timeline, true};
  hw::Wiring wiring{true};
  hw::PcieLink link;
  hw::RootComplex host{"host", timeline, ns(0)};
  OneRegister device{"device", timeline};
  Initiator initiator{"initiator", timeline};
  hw::ReadingPort& port{initiator.port};
  std::vector<std::pair<SimTime, std::uint32_t>> interrupts;
  Timeline::Component component = timeline.add_component("test");

  explicit RegisterBench(Picoseconds dma_write = ns(400), std::uint64_t packet_bytes = 0)
      : link{"link", timeline, recorder, ledger,
             hw::LinkSpec{Cost{ns(300), 1}, Cost{dma_write, 2}, Cost{ns(700), 3}, Cost{ns(900), 4}, 16'000,
                          packet_bytes}} {
    wiring.connect(host.to_link(), link.from_host);
    wiring.connect(link.to_device, device.from_link);
    wiring.connect(link.to_host, host.from_link);
    wiring.connect(port.socket, link.from_device);
    host.deliver_interrupt = [this](std::uint32_t vector) { interrupts.emplace_back(timeline.now(), vector); };
    timeline.freeze();
  }

  /// Runs the bench with `action` at time zero: sockets carry nothing before the kernel has elaborated.
  void run(std::function<void()> action) {
    action_ = std::move(action);
    timeline.schedule<&RegisterBench::act>(SimTime{}, Phase::cpu, component, this);
    kernel.run();
  }

 private:
  void act() { action_(); }
  std::function<void()> action_;
};

}  // namespace

TEST_CASE("posted writes arrive after one latency, in the order they were issued", "[link]") {
  RegisterBench bench;
  bench.run([&] {
    for (std::uint32_t i = 1; i <= 3; ++i) bench.host.mmio_write32(0x10, i, nullptr);
  });
  REQUIRE(bench.device.writes.size() == 3);
  for (std::uint32_t i = 0; i < 3; ++i) {
    CHECK(bench.device.writes[i].value == i + 1);
    CHECK(bench.device.writes[i].when == at(ns(300)));
  }
  CHECK(bench.ledger.totals()[1] == 3 * ns(300));
}

TEST_CASE("with packets each write and each half of a read takes its bytes on the wire", "[link]") {
  // At 16 GB/s: 4 + 24 bytes are 1.75 ns, a header is 1.5 ns.
  RegisterBench bench{ns(400), 256};
  Read read{bench.timeline};
  bench.run([&] {
    for (std::uint32_t i = 1; i <= 3; ++i) bench.host.mmio_write32(0x10, i, nullptr);
    bench.host.mmio_read32(0x10, read);
  });
  REQUIRE(bench.device.writes.size() == 3);
  CHECK(bench.device.writes[0].when == at(ps(301'750)));
  CHECK(bench.device.writes[1].when == at(ps(303'500)));
  CHECK(bench.device.writes[2].when == at(ps(305'250)));
  CHECK(read.value == 3U);
  // Three writes, its request, its completion.
  CHECK(read.when == at(ns(900) + 3 * ps(1'750) + ps(1'500) + ps(1'750)));
}

TEST_CASE("an MMIO read sees the posted writes ahead of it and completes after its latency", "[link]") {
  RegisterBench bench;
  Read read{bench.timeline};
  bench.run([&] {
    bench.host.mmio_write32(0x10, 42, nullptr);
    bench.host.mmio_read32(0x10, read);
  });
  CHECK(read.value == 42U);
  CHECK(read.when == at(ns(900)));
}

TEST_CASE("a fence value stands in memory before the interrupt that follows it", "[link]") {
  RegisterBench bench;
  const std::uint64_t address = bench.host.allocate(8);
  const std::uint64_t value = 5;
  const std::uint32_t vector = 3;
  std::uint64_t seen = 0;
  bench.host.deliver_interrupt = [&](std::uint32_t v) {
    CHECK(v == vector);
    seen = bench.host.load_value<std::uint64_t>(address);
  };
  bench.run([&] {
    bench.port.write(address, std::as_bytes(std::span{&value, 1}), nullptr);
    bench.port.write(abi::kMsiAddress, std::as_bytes(std::span{&vector, 1}), nullptr);
  });
  CHECK(seen == 5);
  CHECK(bench.timeline.now() == at(ns(400)));
}

TEST_CASE("a read of a register comes back behind what the device wrote before it", "[link]") {
  RegisterBench bench{us(5)};
  const std::uint64_t address = bench.host.allocate(8);
  const std::uint64_t value = 7;
  Read read{bench.timeline};
  bench.run([&] {
    bench.port.write(address, std::as_bytes(std::span{&value, 1}), nullptr);
    bench.host.mmio_read32(0x100, read);
  });
  CHECK(read.when == at(us(5)));
  CHECK(bench.host.load_value<std::uint64_t>(address) == 7);
}

TEST_CASE("a DMA read takes its latency and reads what memory holds when the request arrives", "[link]") {
  RegisterBench bench;
  const std::uint64_t address = bench.host.allocate(8);
  bench.host.store_value(0, address, std::uint64_t{7});
  std::uint64_t value = 0;
  SimTime when{};
  bench.port.on_read = [&](std::uint32_t, std::span<const std::byte> bytes) {
    std::memcpy(&value, bytes.data(), sizeof value);
    when = bench.timeline.now();
  };
  // A write of the device that is posted at the same time arrives at 400 ns: after the request (350 ns).
  const std::uint64_t later = 8;
  bench.run([&] {
    (void)bench.port.begin_read(address, sizeof value);
    bench.port.write(address, std::as_bytes(std::span{&later, 1}), nullptr);
  });
  CHECK(value == 7);
  CHECK(when == at(ns(700)));
  CHECK(bench.host.load_value<std::uint64_t>(address) == 8);
}

TEST_CASE("an address that no device answers is a violation", "[link]") {
  RegisterBench bench;
  const std::uint64_t value = 1;
  bench.run([&] { bench.port.write(0x20, std::as_bytes(std::span{&value, 1}), nullptr); });  // outside host memory
  REQUIRE(bench.pump.error());
  CHECK_THROWS_AS(std::rethrow_exception(bench.pump.error()), InvariantViolation);
}

TEST_CASE("SystemC models with events of their own meet Timeline entries in order of time", "[link]") {
  system::Kernel kernel;
  Timeline timeline;
  hw::TimelinePump pump{"pump", timeline, true};
  std::string order;
  struct Kernelish : sc_core::sc_module {
    sc_core::sc_event event;
    std::string& order;
    Kernelish(sc_core::sc_module_name name, std::string& log) : sc_core::sc_module{name}, order{log} {
      SC_HAS_PROCESS(Kernelish);
      SC_METHOD(on_event);
      sensitive << event;
      dont_initialize();
      event.notify(hw::to_sc(ns(15)));
    }
    void on_event() {
      order += 'k';
      if (hw::sc_now() < at(ns(30))) event.notify(hw::to_sc(ns(10)));
    }
  } module{"module", order};
  struct Log {
    std::string& order;
    void note(std::uint64_t letter) { order += static_cast<char>(letter); }
  } log{order};
  const auto c = timeline.add_component("c");
  timeline.freeze();
  for (const std::int64_t when : {10, 20, 30, 40}) {
    timeline.schedule<&Log::note>(at(ns(when)), Phase::cpu, c, &log, 't');
  }
  // A last entry, so that the kernel's own last event (35 ns) comes before the end.
  kernel.run();
  CHECK(order == "tktktkt");
}
