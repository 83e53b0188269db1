// SPDX-License-Identifier: MIT
#include "sim/hw/link_wire.h"

#include <algorithm>

namespace gpusim::hw {

SimTime LinkWire::send(SimTime issued, std::uint64_t payload) {
  if (spec_.packet_bytes == 0 || spec_.bandwidth_mb_s == 0) return issued;
  const SimTime turn = std::max(issued, free_);
  return free_ = turn + wait(turn, issued < free_) + time_of(payload + spec_.packet_header_bytes);
}

/// Rounded up to the next picosecond.
Picoseconds LinkWire::time_of(std::uint64_t bytes) const {
  constexpr std::uint64_t kPicosecondsAtOneMegabyte = 1'000'000;  // that a byte takes at 1 MB/s
  return Picoseconds{
      static_cast<std::int64_t>((bytes * kPicosecondsAtOneMegabyte + spec_.bandwidth_mb_s - 1) / spec_.bandwidth_mb_s)};
}

Picoseconds LinkWire::wait(SimTime when, bool is_behind_another) const {
  if (transfers_ == nullptr) return Picoseconds{0};
  const LinkTraffic traffic = transfers_->traffic(way_, when);
  if (traffic.rate == 0) return Picoseconds{0};
  const Picoseconds packet = time_of(spec_.packet_bytes + spec_.packet_header_bytes);
  // Shares are rounded down, each by less than a byte a second.
  const bool is_full = traffic.rate + traffic.flows >= payload_bandwidth(spec_);
  if (is_behind_another && is_full) return packet * traffic.flows;
  // One begins each time that so many bytes have been moved.
  const Picobytes begun = traffic.moved % (kPicobytesPerByte * spec_.packet_bytes);
  return std::max(packet - Picoseconds{static_cast<std::int64_t>(begun / traffic.rate)}, Picoseconds{0});
}

}  // namespace gpusim::hw
