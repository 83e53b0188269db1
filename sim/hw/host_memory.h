// SPDX-License-Identifier: MIT
// Host memory that the device can reach: real bytes, and the CPUs' store buffers in front of it. A CPU's store becomes
// visible to the device when it drains by itself (store_drain after the store) or at a barrier of that CPU; CPUs see
// all stores at once (x86-like: the device is the only observer that can see them late). Pages are allocated at the
// first touch.
//
// Oracle "ring_memory": the device touches no memory that the driver has freed and not allocated again.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/choice.h"
#include "base/time.h"
#include "base/timeline.h"
#include "host_driver/device_access.h"

namespace gpusim::hw {

/// Notified when the device-visible value at a watched address may have changed.
class MemoryWatcher {
 public:
  virtual void on_memory_written(std::uint64_t address) = 0;

 protected:
  ~MemoryWatcher() = default;
};

/// Violates "host_memory" for an access outside what was ever allocated, "ring_memory" for one of the device to what
/// has been freed.
class HostMemory {
 public:
  /// `choices`: of an exploration, in which stores may stay in their buffer for longer.
  HostMemory(Timeline& timeline, Picoseconds store_drain, ChoiceSource* choices = nullptr);

  [[nodiscard]] std::uint64_t allocate(std::size_t bytes);
  void free(std::uint64_t address, std::size_t bytes);

  // The CPUs' side.
  void store(std::uint16_t cpu, std::uint64_t address, std::span<const std::byte> bytes);
  void load(std::uint64_t address, std::span<std::byte> bytes);
  void barrier(std::uint16_t cpu);

  // The device's side: sees only what has drained.
  void device_write(std::uint64_t address, std::span<const std::byte> bytes);
  void device_read(std::uint64_t address, std::span<std::byte> bytes);
  /// What device_read() would give, and nothing else.
  void device_peek(std::uint64_t address, std::span<std::byte> bytes);
  /// Whether all of it was ever allocated.
  [[nodiscard]] bool contains(std::uint64_t address, std::size_t size) const {
    return address >= kBase && address <= next_ && size <= next_ - address;
  }

  /// Words 8 bytes long that are watched by a device. A watcher may unwatch from its call.
  void watch(std::uint64_t address, MemoryWatcher& watcher);
  void unwatch(std::uint64_t address, MemoryWatcher& watcher);

  /// drv::DeviceAccess.
  void watch_writes(std::uint64_t line, drv::WriteWatcher& watcher) { write_watches_[line] = &watcher; }
  void unwatch_writes(std::uint64_t line) { write_watches_.erase(line); }

  [[nodiscard]] std::size_t pages_touched() const { return touched_; }

 private:
  static constexpr std::uint64_t kBase = 0x1000'0000;
  static constexpr std::size_t kPage = 4096;
  static constexpr std::size_t kMaxStore = 64;
  using Page = std::array<std::byte, kPage>;

  struct BufferedStore {
    SimTime visible_at;
    std::uint64_t address;
    std::uint16_t cpu;
    std::uint8_t size;
    std::array<std::byte, kMaxStore> bytes;
  };
  struct Watch {
    std::uint64_t address;
    MemoryWatcher* watcher;
  };
  struct Freed {
    std::size_t bytes;
    SimTime when;
  };
  struct FreeBlock {
    std::size_t bytes;
    std::vector<std::uint64_t> addresses;
  };

  void check_not_freed(std::uint64_t address, std::size_t size, const char* verb) const {
    if (!freed_.empty()) look_for_freed(address, size, verb);
  }
  void look_for_freed(std::uint64_t address, std::size_t size, const char* verb) const;
  [[nodiscard]] SimTime drain_time(std::uint16_t cpu);
  [[nodiscard]] inline Page& page(std::uint64_t address);
  [[nodiscard]] Page& touch(std::size_t number);
  void copy_in(std::uint64_t address, std::span<const std::byte> bytes);
  void copy_out(std::uint64_t address, std::span<std::byte> bytes);
  void commit(const BufferedStore& store);
  void drain_due();
  template <class Predicate>
  void drain(Predicate is_due);
  template <class Predicate>
  void look_into_buffer(std::uint64_t address, std::span<std::byte> bytes, Predicate is_seen) const;
  void tell(std::uint64_t address, std::size_t size) {
    if (!watches_.empty()) tell_watchers(address, size);
  }
  void tell_watchers(std::uint64_t address, std::size_t size);

  Timeline& timeline_;
  Timeline::Component component_;
  Picoseconds store_drain_;
  ChoiceSource* choices_;
  std::uint64_t next_ = kBase;
  std::vector<std::unique_ptr<Page>> pages_;
  std::size_t touched_ = 0;
  std::vector<FreeBlock> free_;           // sorted by size
  std::map<std::uint64_t, Freed> freed_;  // by address
  std::vector<BufferedStore> buffer_;     // in order of stores, all CPUs
  std::vector<Watch> watches_;
  std::unordered_map<std::uint64_t, drv::WriteWatcher*> write_watches_;  // by line
};

}  // namespace gpusim::hw
