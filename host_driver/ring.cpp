// SPDX-License-Identifier: MIT
#include "host_driver/ring.h"

#include <cstddef>

namespace gpusim::drv {

Ring::Ring(DeviceAccess& device, std::uint32_t entries)
    : device_{device},
      entries_{entries},
      ring_{device.allocate(std::size_t{entries} * sizeof(abi::RingEntry))},
      context_{device.allocate(sizeof(abi::QueueContext))} {}

Ring::~Ring() {
  device_.free(context_, sizeof(abi::QueueContext));
  device_.free(ring_, std::size_t{entries_} * sizeof(abi::RingEntry));
}

void Ring::write(std::uint16_t cpu, abi::RingEntry entry) {
  entry.magic = abi::kEntryMagic;
  entry.index = static_cast<std::uint32_t>(written_);
  entry.checksum = abi::entry_checksum(entry);
  device_.store_value(cpu, ring_ + written_ % entries_ * sizeof(abi::RingEntry), entry);
  device_.barrier(cpu);  // the entry before the index that makes it valid
  ++written_;
  device_.store_value(cpu, context_ + offsetof(abi::QueueContext, write_index), static_cast<std::uint32_t>(written_));
  device_.barrier(cpu);  // the index before the doorbell
}

std::uint64_t Ring::read_completed() {
  return device_.load_value<std::uint64_t>(context_ + offsetof(abi::QueueContext, completed));
}

std::uint64_t Ring::read_started() {
  return device_.load_value<std::uint64_t>(context_ + offsetof(abi::QueueContext, started));
}

std::uint64_t Ring::read_begun() {
  return device_.load_value<std::uint64_t>(context_ + offsetof(abi::QueueContext, begun));
}

Ring::RunTime Ring::read_run_time(SimTime now) {
  const auto context = device_.load_value<abi::QueueContext>(context_);
  const Picoseconds run{static_cast<std::int64_t>(context.run_ps)};
  if (context.place != abi::kOnEngine) return {run, context.place != abi::kInMemory};
  return {run + (now.time_since_epoch() - Picoseconds{static_cast<std::int64_t>(context.on_engine_since_ps)}), true};
}

void Ring::renew(std::uint16_t cpu) {
  completed_ = written_;
  device_.store_value(cpu, context_ + offsetof(abi::QueueContext, image), ++image_);
  device_.barrier(cpu);
}

void Ring::grow(std::uint16_t cpu) {
  const std::uint32_t larger = entries_ * 2;
  const std::uint64_t ring = device_.allocate(std::size_t{larger} * sizeof(abi::RingEntry));
  for (std::uint64_t index = completed_; index != written_; ++index) {
    const auto entry = device_.load_value<abi::RingEntry>(ring_ + index % entries_ * sizeof(abi::RingEntry));
    device_.store_value(cpu, ring + index % larger * sizeof(abi::RingEntry), entry);
  }
  device_.barrier(cpu);
  device_.free(ring_, std::size_t{entries_} * sizeof(abi::RingEntry));
  ring_ = ring;
  entries_ = larger;
}

}  // namespace gpusim::drv
