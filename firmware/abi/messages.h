// SPDX-License-Identifier: MIT
// The contract of host and device, part 3: the message channel. Two rings of dwords in host memory with a descriptor
// each; the sender moves the tail, the receiver the head. A message is a header dword (action, length), the queue's id,
// and words by action; it never straddles the end of a ring: the rest is filled with padding dwords.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gpusim::abi {

enum class Action : std::uint8_t {
  padding,           ///< one dword, skipped
  register_queue,    ///< RegisterQueue; no reply
  schedule,          ///< the queue's write index has moved; no reply
  set_priority,      ///< word: level; no reply
  disable_queue,     ///< replied when the queue is off the engines
  deregister_queue,  ///< replied when the firmware has forgotten the queue
};
inline constexpr std::uint32_t kActions = 6;

[[nodiscard]] constexpr std::uint32_t message_header(Action action, std::uint32_t dwords) {
  return static_cast<std::uint32_t>(action) | dwords << 16;
}
[[nodiscard]] constexpr Action message_action(std::uint32_t header) { return static_cast<Action>(header & 0xff); }
[[nodiscard]] constexpr std::uint32_t message_dwords(std::uint32_t header) { return header >> 16; }

/// All dwords of a register_queue message.
struct RegisterQueue {
  std::uint32_t header;
  std::uint32_t queue;
  std::uint32_t engine_mask;  ///< engines it may run on, all of one class
  std::uint32_t priority;     ///< 0..kPriorityLevels-1
  std::uint32_t context_low;  ///< address of its QueueContext
  std::uint32_t context_high;
  std::uint32_t ring_low;
  std::uint32_t ring_high;
  std::uint32_t ring_entries;  ///< power of two
};
static_assert(sizeof(RegisterQueue) == 36);

struct QueueMessage {  ///< schedule, disable_queue, deregister_queue, and the replies to them
  std::uint32_t header;
  std::uint32_t queue;
};
struct SetPriority {
  std::uint32_t header;
  std::uint32_t queue;
  std::uint32_t priority;
};

/// Head and tail of both rings, in dwords, monotonic modulo 2^32.
struct ChannelDescriptor {
  std::uint32_t to_firmware_tail;  ///< host
  std::uint32_t to_firmware_head;  ///< firmware
  std::uint32_t to_host_tail;      ///< firmware
  std::uint32_t to_host_head;      ///< host
};
static_assert(sizeof(ChannelDescriptor) == 16);

// Layout of the channel's memory: the descriptor, then the two rings.
inline constexpr std::uint64_t kChannelDescriptorOffset = 0;
inline constexpr std::uint64_t kToFirmwareOffset = 0x1000;
inline constexpr std::uint32_t kToFirmwareDwords = 1024;  // 4 KiB, as xe's H2G buffer
inline constexpr std::uint64_t kToHostOffset = 0x2000;
inline constexpr std::uint32_t kToHostDwords = 4096;
inline constexpr std::uint64_t kChannelBytes = kToHostOffset + kToHostDwords * 4;

}  // namespace gpusim::abi
