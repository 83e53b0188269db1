// SPDX-License-Identifier: MIT
#include "host_driver/ring.h"

#include <algorithm>
#include <cstddef>

namespace gpusim::drv {

Ring::Ring(DeviceAccess& device, std::uint32_t entries, bool has_waits, const QueueLimits& limits)
    : device_{device},
      entries_{entries},
      has_waits_{has_waits},
      limits_{limits},
      ring_{device.allocate(bytes_of(entries))},
      context_{std::make_shared<const ContextMemory>(device, limits.need_words())} {}

Ring::~Ring() { device_.free(ring_, bytes_of(entries_)); }

void Ring::write(std::uint16_t cpu, abi::RingEntry entry, std::span<const abi::RingWait> waits) {
  if (!waits.empty()) {
    abi::EntryWaits place{};
    place.index = static_cast<std::uint32_t>(written_);
    place.count = static_cast<std::uint32_t>(waits.size());
    std::copy(waits.begin(), waits.end(), place.waits);
    device_.store_value(cpu, abi::entry_waits_address(ring_, entries_, place.index), place);
  }
  entry.magic = abi::kEntryMagic;
  entry.index = static_cast<std::uint32_t>(written_);
  entry.checksum = abi::entry_checksum(entry);
  device_.store_value(cpu, ring_ + written_ % entries_ * sizeof(abi::RingEntry), entry);
  device_.barrier(cpu);  // the entry before the index that makes it valid
  ++written_;
  device_.store_value(cpu, context_address() + offsetof(abi::QueueContext, write_index),
                      static_cast<std::uint32_t>(written_));
  device_.barrier(cpu);  // the index before the doorbell
}

std::uint64_t Ring::read_completed() {
  return device_.load_value<std::uint64_t>(context_address() + offsetof(abi::QueueContext, completed));
}

std::uint64_t Ring::read_started() {
  return device_.load_value<std::uint64_t>(context_address() + offsetof(abi::QueueContext, started));
}

std::uint64_t Ring::read_begun() {
  return device_.load_value<std::uint64_t>(context_address() + offsetof(abi::QueueContext, begun));
}

Ring::RunTime Ring::read_run_time(SimTime now) {
  const auto context = device_.load_value<abi::QueueContext>(context_address());
  const Picoseconds run{static_cast<std::int64_t>(context.run_ps)};
  if (context.place != abi::kOnEngine) return {run, context.place != abi::kInMemory};
  return {run + (now.time_since_epoch() - Picoseconds{static_cast<std::int64_t>(context.on_engine_since_ps)}), true};
}

void Ring::write_limits(std::uint16_t cpu) {
  if (!has_limits()) return;
  const abi::ContextLimits limits{static_cast<std::uint64_t>(limits_.quantum.count()),
                                  static_cast<std::uint64_t>(limits_.preempt_timeout.count())};
  device_.store_value(cpu, abi::context_limits_address(context_address()), limits);
  device_.store_value(cpu, context_address() + offsetof(abi::QueueContext, flags), std::uint32_t{abi::kHasLimits});
}

void Ring::renew(std::uint16_t cpu) {
  completed_ = written_;
  device_.store_value(cpu, context_address() + offsetof(abi::QueueContext, image), ++image_);
  device_.barrier(cpu);
}

void Ring::force_completed(std::uint16_t cpu) {
  device_.store_value(cpu, context_address() + offsetof(abi::QueueContext, completed), written_);
  device_.barrier(cpu);
}

void Ring::grow(std::uint16_t cpu) {
  const std::uint32_t larger = entries_ * 2;
  const std::uint64_t ring = device_.allocate(bytes_of(larger));
  for (std::uint64_t index = completed_; index != written_; ++index) {
    const auto entry = device_.load_value<abi::RingEntry>(ring_ + index % entries_ * sizeof(abi::RingEntry));
    device_.store_value(cpu, ring + index % larger * sizeof(abi::RingEntry), entry);
    if (!has_waits_) continue;
    const auto place = static_cast<std::uint32_t>(index);
    const auto waits = device_.load_value<abi::EntryWaits>(abi::entry_waits_address(ring_, entries_, place));
    device_.store_value(cpu, abi::entry_waits_address(ring, larger, place), waits);
  }
  device_.barrier(cpu);
  device_.free(ring_, bytes_of(entries_));
  ring_ = ring;
  entries_ = larger;
}

}  // namespace gpusim::drv
