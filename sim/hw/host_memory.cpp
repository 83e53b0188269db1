// SPDX-License-Identifier: MIT
#include "sim/hw/host_memory.h"

#include <algorithm>
#include <cstring>
#include <string>

#include <fmt/core.h>

#include "base/invariant.h"

namespace gpusim::hw {
namespace {

constexpr std::size_t kAlignment = 64;

// How much longer than store_drain a store may stay in its buffer.
constexpr std::array kDrainDelays{ps(0), ns(200), us(1), us(5), us(50)};
constexpr ChoicePlace kStoreDrain{"store_drain"};

constexpr std::size_t round_up(std::size_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

bool overlap(std::uint64_t a, std::size_t a_size, std::uint64_t b, std::size_t b_size) {
  return a < b + b_size && b < a + a_size;
}

}  // namespace

HostMemory::HostMemory(Timeline& timeline, Picoseconds store_drain, ChoiceSource* choices)
    : timeline_{timeline},
      component_{timeline.add_component("host.memory")},
      store_drain_{store_drain},
      choices_{choices} {}

// A store leaves its CPU's buffer behind all that the CPU stored before.
SimTime HostMemory::drain_time(std::uint16_t cpu) {
  SimTime when = timeline_.now() + store_drain_;
  if (choices_ == nullptr) return when;
  when += kDrainDelays[choices_->choose(ChoiceKind::delay, kStoreDrain.of(cpu + 1U), kDrainDelays.size())];
  for (const BufferedStore& earlier : buffer_) {
    if (earlier.cpu == cpu) when = std::max(when, earlier.visible_at);
  }
  return when;
}

std::uint64_t HostMemory::allocate(std::size_t bytes) {
  const std::size_t size = round_up(bytes);
  const auto block = std::lower_bound(free_.begin(), free_.end(), size,
                                      [](const FreeBlock& b, std::size_t wanted) { return b.bytes < wanted; });
  if (block != free_.end() && block->bytes == size && !block->addresses.empty()) {
    const std::uint64_t address = block->addresses.back();
    block->addresses.pop_back();
    freed_.erase(address);
    constexpr std::array<std::byte, kAlignment> kZeros{};
    for (std::size_t at = 0; at < size; at += kAlignment) copy_in(address + at, kZeros);
    return address;
  }
  const std::uint64_t address = next_;
  next_ += size;
  return address;
}

void HostMemory::free(std::uint64_t address, std::size_t bytes) {
  const std::size_t size = round_up(bytes);
  auto block = std::lower_bound(free_.begin(), free_.end(), size,
                                [](const FreeBlock& b, std::size_t wanted) { return b.bytes < wanted; });
  if (block == free_.end() || block->bytes != size) block = free_.insert(block, FreeBlock{size, {}});
  block->addresses.push_back(address);
  freed_.insert_or_assign(address, Freed{size, timeline_.now()});
}

void HostMemory::look_for_freed(std::uint64_t address, std::size_t size, const char* verb) const {
  auto block = freed_.upper_bound(address + size - 1);
  if (block == freed_.begin()) return;
  --block;
  if (!overlap(block->first, block->second.bytes, address, size)) return;
  violate("ring_memory", fmt::format("the device {} address {} at {}, which was freed at {}", verb, address,
                                     format_duration(timeline_.now().time_since_epoch()),
                                     format_duration(block->second.when.time_since_epoch())));
}

void HostMemory::store(std::uint16_t cpu, std::uint64_t address, std::span<const std::byte> bytes) {
  if (store_drain_.count() == 0) {
    copy_in(address, bytes);
    tell(address, bytes.size());
    return;
  }
  const SimTime visible_at = drain_time(cpu);
  while (!bytes.empty()) {
    const std::size_t size = std::min(bytes.size(), kMaxStore);
    BufferedStore& entry = buffer_.emplace_back();
    entry.visible_at = visible_at;
    entry.address = address;
    entry.cpu = cpu;
    entry.size = static_cast<std::uint8_t>(size);
    std::memcpy(entry.bytes.data(), bytes.data(), size);
    bytes = bytes.subspan(size);
    address += size;
  }
  // A drained store has no effect until the device reads it, unless the word is watched.
  if (!watches_.empty()) {
    timeline_.schedule<&HostMemory::drain_due>(visible_at, Phase::transfer, component_, this);
  }
}

void HostMemory::load(std::uint64_t address, std::span<std::byte> bytes) {
  copy_out(address, bytes);
  look_into_buffer(address, bytes, [](const BufferedStore&) { return true; });
}

template <class Predicate>
void HostMemory::look_into_buffer(std::uint64_t address, std::span<std::byte> bytes, Predicate is_seen) const {
  for (const BufferedStore& store : buffer_) {
    if (!is_seen(store) || !overlap(store.address, store.size, address, bytes.size())) continue;
    for (std::size_t i = 0; i < store.size; ++i) {
      const std::uint64_t at = store.address + i;
      if (at >= address && at < address + bytes.size()) bytes[at - address] = store.bytes[i];
    }
  }
}

void HostMemory::barrier(std::uint16_t cpu) {
  drain([cpu](const BufferedStore& store) { return store.cpu == cpu; });
}

void HostMemory::drain_due() {
  drain([now = timeline_.now()](const BufferedStore& store) { return store.visible_at <= now; });
}

template <class Predicate>
void HostMemory::drain(Predicate is_due) {
  // One at a time: a notified watcher may read, and so drain more stores.
  for (std::size_t i = 0; i < buffer_.size();) {
    if (!is_due(buffer_[i])) {
      ++i;
      continue;
    }
    const BufferedStore store = buffer_[i];
    buffer_.erase(buffer_.begin() + static_cast<std::ptrdiff_t>(i));
    commit(store);
  }
}

void HostMemory::commit(const BufferedStore& store) {
  copy_in(store.address, std::span{store.bytes}.first(store.size));
  tell(store.address, store.size);
}

void HostMemory::device_write(std::uint64_t address, std::span<const std::byte> bytes) {
  check_not_freed(address, bytes.size(), "writes");
  copy_in(address, bytes);
  tell(address, bytes.size());
  const std::uint64_t offset = address % drv::kMemoryLine;
  const auto watch = write_watches_.find(address - offset);
  if (watch != write_watches_.end()) watch->second->on_device_wrote(offset);
}

void HostMemory::device_read(std::uint64_t address, std::span<std::byte> bytes) {
  drain_due();
  check_not_freed(address, bytes.size(), "reads");
  copy_out(address, bytes);
}

void HostMemory::device_peek(std::uint64_t address, std::span<std::byte> bytes) {
  copy_out(address, bytes);
  look_into_buffer(address, bytes,
                   [now = timeline_.now()](const BufferedStore& store) { return store.visible_at <= now; });
}

void HostMemory::watch(std::uint64_t address, MemoryWatcher& watcher) { watches_.push_back({address, &watcher}); }

void HostMemory::unwatch(std::uint64_t address, MemoryWatcher& watcher) {
  std::erase_if(watches_, [&](const Watch& w) { return w.address == address && w.watcher == &watcher; });
}

void HostMemory::tell_watchers(std::uint64_t address, std::size_t size) {
  const auto is_hit = [&](const Watch& watch) { return overlap(address, size, watch.address, sizeof(std::uint64_t)); };
  if (std::none_of(watches_.begin(), watches_.end(), is_hit)) return;
  const std::vector<Watch> watches = watches_;
  for (const Watch& watch : watches) {
    if (is_hit(watch)) watch.watcher->on_memory_written(watch.address);
  }
}

inline HostMemory::Page& HostMemory::page(std::uint64_t address) {
  if (address < kBase || address >= next_) violate("host_memory", "access outside allocated memory");
  const auto number = static_cast<std::size_t>((address - kBase) / kPage);
  const bool is_touched = number < pages_.size() && pages_[number] != nullptr;
  return is_touched ? *pages_[number] : touch(number);
}

HostMemory::Page& HostMemory::touch(std::size_t number) {
  if (number >= pages_.size()) pages_.resize(number + 1);
  pages_[number] = std::make_unique<Page>();
  ++touched_;
  return *pages_[number];
}

void HostMemory::copy_in(std::uint64_t address, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto offset = static_cast<std::size_t>((address - kBase) % kPage);
    const std::size_t size = std::min(bytes.size(), kPage - offset);
    std::memcpy(page(address).data() + offset, bytes.data(), size);
    bytes = bytes.subspan(size);
    address += size;
  }
}

void HostMemory::copy_out(std::uint64_t address, std::span<std::byte> bytes) {
  while (!bytes.empty()) {
    const auto offset = static_cast<std::size_t>((address - kBase) % kPage);
    const std::size_t size = std::min(bytes.size(), kPage - offset);
    std::memcpy(bytes.data(), page(address).data() + offset, size);
    bytes = bytes.subspan(size);
    address += size;
  }
}

}  // namespace gpusim::hw
