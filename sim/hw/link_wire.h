// SPDX-License-Identifier: MIT
// One direction of the link as a row of packets: what crosses it beside transfers - posted writes, requests of reads,
// their completions - takes its turn between their packets. Off, with LinkSpec::packet_bytes = 0: then nothing waits.
//
// A small packet waits for the packet that is on the wire, and no longer: the arbiter serves sources in turn, and it
// comes from one that has not sent lately. Small ones that stand behind each other take turns with the transfers: in
// front of the second and each further one goes a packet of each transfer. They leave in the order in which they are
// issued (PCIe: a posted write passes none before it; that requests and completions do not either is ours). Then each
// takes its own bytes, with its header, over the link's bandwidth.
//
// All is computed when the packet is issued, from the transfers under way then (Transfers::traffic()); nothing is
// ticked. Left out: that these packets take time from transfers, flow control credits, splits of completions.
#pragma once

#include <cstdint>

#include "base/time.h"
#include "sim/hw/spec.h"
#include "sim/hw/transfers.h"

namespace gpusim::hw {

class LinkWire {
 public:
  LinkWire(const LinkSpec& spec, LinkWay way) : spec_{spec}, way_{way} {}

  /// Whose packets it stands among; outlives this. None: the wire has no others.
  void bind(const Transfers& transfers) { transfers_ = &transfers; }
  /// When the last byte leaves of a packet with so much payload that is issued then, not before now.
  [[nodiscard]] SimTime send(SimTime issued, std::uint64_t payload);

 private:
  [[nodiscard]] Picoseconds time_of(std::uint64_t bytes) const;
  [[nodiscard]] Picoseconds wait(SimTime when, bool is_behind_another) const;

  LinkSpec spec_;
  LinkWay way_;
  const Transfers* transfers_ = nullptr;
  SimTime free_{};  ///< when the last small one has left
};

}  // namespace gpusim::hw
