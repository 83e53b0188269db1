// SPDX-License-Identifier: MIT
// What waits for which packet on the link: closed forms, to the picosecond. At 16 GB/s a packet of 256 + 24 bytes takes
// 17.5 ns, a write of 8 bytes with its header 2 ns.
#include "sim/hw/link_wire.h"

#include <cstdint>
#include <string>
#include <utility>

#include "base/timeline.h"
#include "sim/hw/spec.h"
#include "sim/hw/transfers.h"
#include "tests/support/catch.h"

namespace gpusim::hw {
namespace {

[[nodiscard]] DeviceSpec wire_spec(std::uint64_t packet_bytes, std::uint64_t memory_mb_s = 0) {
  DeviceSpec spec;
  spec.link.bandwidth_mb_s = 16'000;
  spec.link.packet_bytes = packet_bytes;
  spec.memory.bandwidth_mb_s = memory_mb_s;
  return spec;
}

struct WireRig {
  explicit WireRig(const DeviceSpec& device) : spec{device} {
    for (std::uint32_t i = 0; i < 3; ++i) transfers.bind(i, timeline.add_component("e" + std::to_string(i)), [] {});
    timeline.freeze();
    down.bind(transfers);
    up.bind(transfers);
  }
  void upload(std::uint32_t engine) {
    transfers.begin(engine, TransferPath::between(true, false), kPicobytesPerByte * 1'000'000);
  }
  /// When a write of 8 bytes has left that is issued so long after the start.
  [[nodiscard]] Picoseconds left(Picoseconds issued) { return down.send(SimTime{issued}, 8).time_since_epoch(); }

  DeviceSpec spec;
  Timeline timeline;
  Transfers transfers{timeline, spec};
  LinkWire down{spec.link, LinkWay::down};
  LinkWire up{spec.link, LinkWay::up};
};

}  // namespace

TEST_CASE("without packets, or without a bandwidth, nothing waits on the wire", "[link]") {
  WireRig without_packets{wire_spec(0)};
  without_packets.upload(0);
  CHECK(without_packets.left(ns(10)) == ns(10));
  CHECK(without_packets.left(ns(10)) == ns(10));
  DeviceSpec spec = wire_spec(256);
  spec.link.bandwidth_mb_s = 0;
  WireRig without_bandwidth{spec};
  CHECK(without_bandwidth.left(ns(10)) == ns(10));
}

TEST_CASE("on an idle link a write takes its bytes and its header, one behind the other", "[link]") {
  WireRig rig{wire_spec(256)};
  CHECK(rig.left(ns(10)) == ns(12));
  CHECK(rig.left(ns(11)) == ns(14));
  CHECK(rig.left(ns(20)) == ns(22));
  rig.spec.link.packet_header_bytes = 0;
  LinkWire bare{rig.spec.link, LinkWay::down};
  CHECK(bare.send(SimTime{}, 16) == SimTime{ns(1)});
  LinkWire odd{{.bandwidth_mb_s = 7, .packet_bytes = 64, .packet_header_bytes = 0}, LinkWay::down};
  CHECK(odd.send(SimTime{}, 1) == SimTime{ps(142'858)});  // rounded up
}

TEST_CASE("a write waits for the packet that is on the wire, not for the transfer", "[link]") {
  // One packet after the other: at 10 ns 7.5 ns of the first are left, at 30 ns 5 ns of the second, and a picosecond
  // more, because rates are whole bytes a second.
  for (const auto& [issued, expected] : {std::pair{ns(10), ps(19'500)}, std::pair{ns(30), ps(37'001)}}) {
    WireRig rig{wire_spec(256)};
    rig.upload(0);
    CHECK(rig.left(issued) == expected);
    CHECK(rig.up.send(SimTime{issued}, 8) == SimTime{issued + ns(2)});  // the other direction is its own
  }
  // Larger packets keep it for longer: 512 + 24 bytes take 33.5 ns.
  WireRig large{wire_spec(512)};
  large.upload(0);
  CHECK(large.left(ns(10)) == ps(35'500));
}

TEST_CASE("writes behind each other take turns with each transfer's packets", "[link]") {
  WireRig rig{wire_spec(256)};
  rig.upload(0);
  CHECK(rig.left(ns(10)) == ps(19'500));
  CHECK(rig.left(ns(10)) == ns(39));
  CHECK(rig.left(ns(10)) == ps(58'500));
  WireRig two{wire_spec(256)};
  two.upload(0);
  two.upload(1);
  CHECK(two.left(ns(10)) == ps(19'500));
  CHECK(two.left(ns(10)) == ps(56'500));
}

TEST_CASE("a transfer that something else holds up leaves the wire idle between its packets", "[link]") {
  // Memory of 1 GB/s: a packet begins each 256 ns.
  WireRig rig{wire_spec(256, 1'000)};
  rig.upload(0);
  CHECK(rig.left(ns(10)) == ps(19'500));
  CHECK(rig.left(ns(10)) == ps(21'500));
  CHECK(rig.left(ns(100)) == ns(102));
  CHECK(rig.left(ns(260)) == ps(275'500));
}

TEST_CASE("a transfer that begins while there is none begins with a packet", "[link]") {
  WireRig rig{wire_spec(256)};
  rig.upload(0);
  rig.timeline.run_until(SimTime{ns(10)});
  (void)rig.transfers.stop(0);
  CHECK(rig.left(ns(10)) == ns(12));
  rig.timeline.run_until(SimTime{ns(15)});
  rig.upload(1);
  CHECK(rig.left(ns(20)) == ps(34'500));
}

TEST_CASE("packets leave transfers the link's bandwidth less their headers", "[link]") {
  CHECK(payload_bandwidth(wire_spec(0).link) == 16'000'000'000);
  CHECK(payload_bandwidth(wire_spec(256).link) == 14'628'571'428);
  WireRig rig{wire_spec(256)};
  rig.upload(0);
  CHECK(rig.transfers.rate(0) == 14'628'571'428);
  rig.upload(1);
  CHECK(rig.transfers.traffic(LinkWay::down, SimTime{}).flows == 2);
  CHECK(rig.transfers.traffic(LinkWay::down, SimTime{}).rate == 14'628'571'428);
  CHECK(rig.transfers.traffic(LinkWay::up, SimTime{}).flows == 0);
}

}  // namespace gpusim::hw
