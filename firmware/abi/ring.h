// SPDX-License-Identifier: MIT
// The contract of host and device, part 2: what each queue has in memory. A ring of 64-byte entries, a queue context
// with the write index (moved by the host) and the completion value (moved by the device), and for a queue that is
// registered with kHasWaits, behind the ring, what each entry waits for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <type_traits>

namespace gpusim::abi {

inline constexpr std::uint32_t kEntryMagic = 0x4a42;  // "JB"
inline constexpr std::uint32_t kMaxRingEntries = 1U << 20;
inline constexpr std::uint64_t kEndless = ~std::uint64_t{0};
inline constexpr std::uint64_t kPreemptAnywhere = 1;  ///< after any instruction
inline constexpr std::uint64_t kPreemptNowhere = 0;   ///< only between entries

enum EntryFlags : std::uint16_t {
  kEntryInterrupt = 1,  ///< raise the completion vector after the fence write
  kEntryMarkStart = 2,  ///< write start_value to the queue's start address, and interrupt, when execution begins
  kEntryEstimate = 4,   ///< work_ps is an estimate: for the simulator's books only, as `job`
  kEntryTransfer = 8,   ///< it moves bytes, `operand` of them, and ends when they are moved and its work is done
  kEntryFromHost = 16,  ///< out of host memory; else the device's own
  kEntryToHost = 32,    ///< into host memory; else the device's own
};

/// One job. Little endian.
struct RingEntry {
  std::uint16_t magic;
  std::uint16_t flags;             ///< EntryFlags
  std::uint32_t index;             ///< the entry's index since the queue's creation, which gives a stale entry away
  std::uint64_t job;               ///< JobId, for traces only
  std::uint64_t work_ps;           ///< execution time; kEndless: until the word at `operand` is not zero
  std::uint64_t preempt_every_ps;  ///< kPreemptAnywhere, kPreemptNowhere, or the distance of arbitration points
  std::uint64_t fence_value;       ///< written to the queue's fence address when done
  std::uint64_t start_value;
  std::uint64_t operand;   ///< of kEndless an address, of kEntryTransfer a number of bytes; else 0
  std::uint64_t checksum;  ///< entry_checksum() of the fields above
};

static_assert(sizeof(RingEntry) == 64 && alignof(RingEntry) == 8 && std::is_trivially_copyable_v<RingEntry>);
static_assert(offsetof(RingEntry, index) == 4 && offsetof(RingEntry, job) == 8 && offsetof(RingEntry, checksum) == 56);

[[nodiscard]] constexpr std::uint64_t entry_checksum(const RingEntry& e) {
  std::uint64_t sum = 0x6a09e667f3bcc908U;
  for (const std::uint64_t word : {std::uint64_t{e.magic} | std::uint64_t{e.flags} << 16 | std::uint64_t{e.index} << 32,
                                   e.job, e.work_ps, e.preempt_every_ps, e.fence_value, e.start_value, e.operand}) {
    sum = (sum ^ word) * 0x100000001b3U;
    sum ^= sum >> 29;
  }
  return sum;
}

/// What an entry waits for before it may begin: until the word at `address`, the low half of a queue's completion
/// value, has come to `value`, modulo 2^32. In kind PVR's UFO, an address and a value.
struct RingWait {
  std::uint64_t address;
  std::uint32_t value;
  std::uint32_t reserved;
};
[[nodiscard]] constexpr bool is_reached(std::uint32_t word, std::uint32_t value) {
  return static_cast<std::int32_t>(word - value) >= 0;
}

/// Of indices of entries, modulo 2^32.
[[nodiscard]] constexpr bool is_ahead(std::uint32_t index, std::uint32_t of) {
  return static_cast<std::int32_t>(index - of) > 0;
}

inline constexpr std::uint32_t kMaxEntryWaits = 7;

/// Behind the ring, one for each of its places. Written by the host before the entry.
struct EntryWaits {
  std::uint32_t index;  ///< RingEntry::index; if it is another entry's, this one waits for nothing
  std::uint32_t count;  ///< at most kMaxEntryWaits
  std::uint64_t reserved;
  RingWait waits[kMaxEntryWaits];
};
static_assert(sizeof(RingWait) == 16 && offsetof(RingWait, value) == 8);
static_assert(sizeof(EntryWaits) == 128 && offsetof(EntryWaits, waits) == 16 &&
              std::is_trivially_copyable_v<EntryWaits>);

[[nodiscard]] constexpr std::uint64_t entry_waits_address(std::uint64_t ring, std::uint32_t entries,
                                                          std::uint32_t index) {
  return ring + std::uint64_t{entries} * sizeof(RingEntry) + std::uint64_t{index % entries} * sizeof(EntryWaits);
}

/// QueueContext::place: where the context is.
enum ContextPlace : std::uint64_t {
  kInMemory = 0,  ///< its run time stands still
  kOnEngine = 1,  ///< its run time goes on since QueueContext::on_engine_since_ps
  kBeingSaved = 2,
  kLost = 3,  ///< an engine was reset under it: its run time stands still
};

enum ContextFlags : std::uint32_t {
  kHasLimits = 1,  ///< ContextLimits stand behind the context
};

/// Per queue, in host memory, 64 bytes. Each field has one writer.
struct QueueContext {
  /// Device: fence_value of the last entry done. Host, when the device has let go of the queue for good: that of its
  /// last entry, for those that wait for it.
  std::uint64_t completed;
  std::uint64_t started;      ///< device: start_value of the last marked entry begun
  std::uint32_t write_index;  ///< host: entries below it are valid
  std::uint32_t flags;        ///< host, before it registers the queue: ContextFlags
  std::uint64_t begun;        ///< device: fence_value of the last entry begun
  /// Device: of that entry, the time on engines until it was last taken off one, and since when it is on one. xe has
  /// both as 32-bit counters of 19.2 MHz: the context's time stamp, which the engine's register continues while the
  /// context is on it, and that of the job's start. Absolute and in ps, so that nothing wraps, and with a word that
  /// says whether it is on an engine: ours.
  std::uint64_t run_ps;
  std::uint64_t on_engine_since_ps;  ///< with kOnEngine
  std::uint64_t place;               ///< ContextPlace
  std::uint64_t image;               ///< host: number of the context image; what was saved in another one is void
};
static_assert(sizeof(QueueContext) == 64 && std::is_trivially_copyable_v<QueueContext>);
static_assert(offsetof(QueueContext, completed) == 0 && offsetof(QueueContext, started) == 8 &&
              offsetof(QueueContext, write_index) == 16 && offsetof(QueueContext, flags) == 20 &&
              offsetof(QueueContext, begun) == 24 && offsetof(QueueContext, run_ps) == 32 &&
              offsetof(QueueContext, on_engine_since_ps) == 40 && offsetof(QueueContext, place) == 48 &&
              offsetof(QueueContext, image) == 56);

/// Of one queue, in place of the device's; 0: those. In kind GuC's policies of a context, which are words of a message
/// there (UPDATE_CONTEXT_POLICIES, xe_guc_submit.c). Written by the host, before it registers the queue; then by the
/// firmware (SetLimits).
struct ContextLimits {
  std::uint64_t quantum_ps;
  std::uint64_t preempt_timeout_ps;
};
static_assert(sizeof(ContextLimits) == 16 && std::is_trivially_copyable_v<ContextLimits>);

[[nodiscard]] constexpr std::uint64_t context_limits_address(std::uint64_t context) {
  return context + sizeof(QueueContext);
}

}  // namespace gpusim::abi
