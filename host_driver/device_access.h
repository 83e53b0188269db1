// SPDX-License-Identifier: MIT
// The driver's way to its device: registers over PCIe, and memory that both can see. Implemented by sim/hw's root
// complex.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "traces/event/event.h"

namespace gpusim::drv {

/// Gets the completion of an MMIO read. Must live until then.
class ReadCompletion {
 public:
  virtual void on_read_complete(std::uint32_t value) = 0;

 protected:
  ~ReadCompletion() = default;
};

/// Told when a write of the device is in memory that begins in a watched line. Called from the Timeline.
class WriteWatcher {
 public:
  /// `offset`: of the write, in the line.
  virtual void on_device_wrote(std::size_t offset) = 0;

 protected:
  ~WriteWatcher() = default;
};

/// What is allocated begins with a line.
inline constexpr std::size_t kMemoryLine = 64;

class DeviceAccess {
 public:
  virtual ~DeviceAccess() = default;

  /// Posted write to a 32-bit register. Leaves now, arrives after the link's latency, in order with others.
  /// `on_arrival` is recorded when it arrives (a kind of event and its ids; time is set then); pass none by a default
  /// Event.
  virtual void mmio_write32(std::uint64_t address, std::uint32_t value, const trace::Event* on_arrival) = 0;

  /// Read of a 32-bit register: posted writes ahead of it arrive first. `completion` is called from the Timeline.
  virtual void mmio_read32(std::uint64_t address, ReadCompletion& completion) = 0;

  // Host memory that the device can reach ("coherent DMA"). Stores become visible to the device when the CPU's store
  // buffer drains by itself or at a barrier; the CPU sees its own at once.
  [[nodiscard]] virtual std::uint64_t allocate(std::size_t bytes) = 0;  ///< 64-byte aligned, zeroed
  virtual void free(std::uint64_t address, std::size_t bytes) = 0;
  virtual void store(std::uint16_t cpu, std::uint64_t address, std::span<const std::byte> bytes) = 0;
  virtual void load(std::uint64_t address, std::span<std::byte> bytes) = 0;
  virtual void barrier(std::uint16_t cpu) = 0;
  /// For the simulator's books: nothing in the machine is told; who wants to know looks. One watcher for the line of
  /// kMemoryLine bytes that begins at `line`, the address of an allocation.
  virtual void watch_writes(std::uint64_t /*line*/, WriteWatcher& /*watcher*/) {}
  virtual void unwatch_writes(std::uint64_t /*line*/) {}

  template <class T>
  void store_value(std::uint16_t cpu, std::uint64_t address, const T& value) {
    store(cpu, address, std::as_bytes(std::span{&value, 1}));
  }
  template <class T>
  [[nodiscard]] T load_value(std::uint64_t address) {
    T value;
    load(address, std::as_writable_bytes(std::span{&value, 1}));
    return value;
  }
};

}  // namespace gpusim::drv
