// SPDX-License-Identifier: MIT
// A queue's ring as the driver writes it: encodes jobs by firmware/abi into real bytes, handles the wrap and a full
// ring.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/time.h"
#include "firmware/abi/ring.h"
#include "host_driver/device_access.h"
#include "host_driver/queue_limits.h"

namespace gpusim::drv {

/// A queue's context, whose completion value others may wait for: it stays as long as the queue or one of these.
class ContextMemory {
 public:
  ContextMemory(DeviceAccess& device, bool has_limits)
      : device_{device},
        bytes_{sizeof(abi::QueueContext) + (has_limits ? sizeof(abi::ContextLimits) : 0)},
        address_{device.allocate(bytes_)} {}
  ~ContextMemory() { device_.free(address_, bytes_); }
  ContextMemory(const ContextMemory&) = delete;
  ContextMemory& operator=(const ContextMemory&) = delete;
  [[nodiscard]] std::uint64_t address() const { return address_; }

 private:
  DeviceAccess& device_;
  std::size_t bytes_;
  std::uint64_t address_;
};

class Ring {
 public:
  /// `entries` is a power of two. Allocates ring and queue context. `has_waits`: entries may wait (abi::EntryWaits).
  Ring(DeviceAccess& device, std::uint32_t entries, bool has_waits = false, const QueueLimits& limits = {});
  ~Ring();
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  [[nodiscard]] std::uint64_t ring_address() const { return ring_; }
  [[nodiscard]] std::uint64_t context_address() const { return context_->address(); }
  [[nodiscard]] const std::shared_ptr<const ContextMemory>& context() const { return context_; }
  [[nodiscard]] bool has_waits() const { return has_waits_; }
  [[nodiscard]] std::uint32_t capacity() const { return entries_; }
  /// Entries since creation.
  [[nodiscard]] std::uint64_t written() const { return written_; }
  /// Entries that are known to be done.
  [[nodiscard]] std::uint64_t completed() const { return completed_; }
  [[nodiscard]] std::uint32_t free() const { return entries_ - static_cast<std::uint32_t>(written_ - completed_); }

  /// Stores what the entry waits for and the entry (its index, magic and checksum are filled in here), then, behind a
  /// barrier, the write index. Pre: free() > 0; at most abi::kMaxEntryWaits, and has_waits() if there are any.
  void write(std::uint16_t cpu, abi::RingEntry entry, std::span<const abi::RingWait> waits = {});

  /// The device's completion value, read from memory now.
  [[nodiscard]] std::uint64_t read_completed();
  [[nodiscard]] std::uint64_t read_started();
  /// Entries below `count` are done and their room is free.
  void set_completed(std::uint64_t count) { completed_ = count; }
  /// The device's mark of the last entry begun; above read_completed() while an entry is at work.
  [[nodiscard]] std::uint64_t read_begun();
  struct RunTime {
    Picoseconds run{0};
    bool on_engine = false;  ///< or was, when the engine was reset
  };
  /// How long the last entry begun has run, as of `now`.
  [[nodiscard]] RunTime read_run_time(SimTime now);
  /// There is room for limits in its context.
  [[nodiscard]] bool has_limits() const { return limits_.need_words(); }
  /// For write_limits(): from its next registration on. Pre: has_limits().
  void set_limits(Picoseconds quantum, Picoseconds preempt_timeout) {
    limits_ = {.quantum = quantum, .preempt_timeout = preempt_timeout, .may_change = true};
  }
  /// What the queue has of its own stands in its context. Before the device knows the queue.
  void write_limits(std::uint16_t cpu);
  /// The ring is empty, and its context as good as new: no engine takes up what it had begun. Only while none has it.
  void renew(std::uint16_t cpu);
  /// The completion value is that of the last entry: who waits for it need not. Only when the device has let go of the
  /// queue for good.
  void force_completed(std::uint16_t cpu);
  /// Replaces a full ring by a larger one, with the entries that are not done. Only while the device is in reset: it
  /// needs the new address before it runs again.
  void grow(std::uint16_t cpu);

 private:
  [[nodiscard]] std::size_t bytes_of(std::uint32_t entries) const {
    return std::size_t{entries} * (sizeof(abi::RingEntry) + (has_waits_ ? sizeof(abi::EntryWaits) : 0));
  }

  DeviceAccess& device_;
  std::uint32_t entries_;
  bool has_waits_;
  QueueLimits limits_;
  std::uint64_t ring_;
  std::shared_ptr<const ContextMemory> context_;
  std::uint64_t written_ = 0;
  std::uint64_t completed_ = 0;
  std::uint64_t image_ = 0;
};

}  // namespace gpusim::drv
