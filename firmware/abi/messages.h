// SPDX-License-Identifier: MIT
// The contract of host and device, part 3: the message channel. Two rings of dwords in host memory with a descriptor;
// the sender moves the tail, the receiver the head. A message is a header dword (action, type, length, fence), the
// queue's id, and words by action; it never straddles the end of a ring: the rest is filled with padding dwords.
//
// The shape is that of xe's CT buffers (docs/reference/firmware.md, "The message channel"), with one header dword for
// its two. A request carries a fence number that its answer returns. The sender of a request reserves the room for the
// answer beforehand (answer_dwords). Half of the firmware-to-host ring is reserved for events.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace gpusim::abi {

enum class Action : std::uint8_t {
  padding,           ///< one dword, skipped
  register_queue,    ///< RegisterQueue; no reply
  schedule,          ///< the queue's write index has moved; no reply
  set_priority,      ///< word: level; no reply
  disable_queue,     ///< DisableReply when the queue is off the engines
  deregister_queue,  ///< replied when the firmware has forgotten the queue
  enable_queue,      ///< ends a disable; no reply
  reset_notify,      ///< event: an engine was reset under the queue, which is disabled now and cannot be enabled again
  terminate_queue,   ///< as disable_queue, but its context is thrown away: an engine that has it is reset at once
  preempt_missed,    ///< event: the queue has not left its engine in the preempt timeout; it is left there
  refused,           ///< event, RefusedEvent: what the firmware was told makes no sense, and it has done nothing
  queue_idle,        ///< event, RunPolicy::host_slots: a queue with a slot has nothing left to do
  page_fault,        ///< event: a job of the queue touched a page that is not mapped; else as reset_notify
  set_limits,        ///< SetLimits; no reply
};
inline constexpr std::uint32_t kActions = 14;
/// By Action, as in traces.
inline constexpr std::array kActionNames{"padding",         "register_queue",   "schedule",     "set_priority",
                                         "disable_queue",   "deregister_queue", "enable_queue", "reset_notify",
                                         "terminate_queue", "preempt_missed",   "refused",      "queue_idle",
                                         "page_fault",      "set_limits"};
static_assert(kActionNames.size() == kActions && static_cast<std::uint32_t>(Action::set_limits) + 1 == kActions);

enum class MessageType : std::uint8_t {
  fast_request,  ///< no answer
  request,       ///< answered by a reply of the same action and fence
  reply,
  event,  ///< sent by the firmware on its own
};

[[nodiscard]] constexpr std::uint32_t message_header(Action action, std::uint32_t dwords,
                                                     MessageType type = MessageType::fast_request,
                                                     std::uint16_t fence = 0) {
  return static_cast<std::uint32_t>(action) | static_cast<std::uint32_t>(type) << 8 | dwords << 10 |
         static_cast<std::uint32_t>(fence) << 16;
}
[[nodiscard]] constexpr Action message_action(std::uint32_t header) { return static_cast<Action>(header & 0xff); }
[[nodiscard]] constexpr MessageType message_type(std::uint32_t header) {
  return static_cast<MessageType>(header >> 8 & 3);
}
[[nodiscard]] constexpr std::uint32_t message_dwords(std::uint32_t header) { return header >> 10 & 0x3f; }
[[nodiscard]] constexpr std::uint16_t message_fence(std::uint32_t header) {
  return static_cast<std::uint16_t>(header >> 16);
}

/// Beside the level in RegisterQueue::priority.
inline constexpr std::uint32_t kHasWaits = 0x100;  ///< there are EntryWaits behind its ring

/// Whose it is, for policies that give turns to processes: bits 16 to 31 of that word.
inline constexpr std::uint32_t kProcessMask = 0xffff'0000;
[[nodiscard]] constexpr std::uint32_t process_of(std::uint32_t priority_word) { return priority_word >> 16; }
[[nodiscard]] constexpr std::uint32_t process_bits(std::uint32_t process) { return process << 16; }

/// All dwords of a register_queue message.
struct RegisterQueue {
  std::uint32_t header;
  std::uint32_t queue;
  std::uint32_t engine_mask;  ///< engines it may run on, all of one class
  std::uint32_t priority;     ///< 0..kPriorityLevels-1; kHasWaits; process_bits()
  std::uint32_t context_low;  ///< address of its QueueContext
  std::uint32_t context_high;
  std::uint32_t ring_low;
  std::uint32_t ring_high;
  std::uint32_t ring_entries;  ///< power of two
  std::uint32_t read_index;    ///< entries below it are done; 0 but for a queue that outlived a reset
  std::uint32_t tag;           ///< the QueueId, for traces only
};
static_assert(sizeof(RegisterQueue) == 44);

/// schedule, enable, disable, terminate, deregister_queue and its reply, reset_notify, preempt_missed, queue_idle,
/// page_fault.
struct QueueMessage {
  std::uint32_t header;
  std::uint32_t queue;
};

enum DisableFlags : std::uint32_t {
  kHeadBegun = 1,  ///< the entry at read_index has begun to execute and is not done
  kWasReset = 2,   ///< its engine was reset, for it did not save in time or was terminated: its context is lost
  kUnknown = 4,    ///< the firmware does not know the queue: its registration got lost
  kHasWork = 8,    ///< the firmware has seen entries that are not done: they wait their turn, or have begun
  kWaits = 16,     ///< the next one of these waits for another queue's (EntryWaits)
};
struct DisableReply {
  std::uint32_t header;
  std::uint32_t queue;
  std::uint32_t read_index;  ///< entries below it are done
  std::uint32_t flags;       ///< DisableFlags
};
struct SetPriority {
  std::uint32_t header;
  std::uint32_t queue;
  std::uint32_t priority;
};

/// A queue's ContextLimits from now on, also of the quantum or the preempt timeout that is under way. In kind GuC's
/// update of a context's policies (UPDATE_CONTEXT_POLICIES, xe_guc_submit.c). Pre: the queue's context has room for
/// them (kHasLimits).
struct SetLimits {
  std::uint32_t header;
  std::uint32_t queue;
  std::uint32_t quantum_low;  ///< ps; both 0: the device's
  std::uint32_t quantum_high;
  std::uint32_t preempt_timeout_low;
  std::uint32_t preempt_timeout_high;
};
static_assert(sizeof(SetLimits) == 24);

/// Why the firmware refuses a message or a report.
enum class Refusal : std::uint8_t {
  bad_message,         ///< length, type or place in the ring: it reads no more messages until it is reset
  unknown_action,      ///< or one that the firmware sends itself
  no_such_queue,       ///< its id
  already_registered,  ///< the queue
  bad_engines,         ///< none, one that the device has not, or of several classes
  too_many_sets,       ///< of engines, that registered queues may run on
  bad_priority,        ///< not below kPriorityLevels
  bad_ring,            ///< its size is no power of two, or it is not aligned
  bad_write_index,     ///< further from the one before than the ring is long
  still_on_engine,     ///< a queue that is to be forgotten
  bad_report,          ///< of an engine: no such engine, or entries that it never had
  no_slot,             ///< RunPolicy::host_slots: more queues are enabled than there are slots
};
inline constexpr std::uint32_t kRefusals = 12;
/// By Refusal, as in traces.
inline constexpr std::array kRefusalNames{"bad_message",     "unknown_action",  "no_such_queue", "already_registered",
                                          "bad_engines",     "too_many_sets",   "bad_priority",  "bad_ring",
                                          "bad_write_index", "still_on_engine", "bad_report",    "no_slot"};
static_assert(kRefusalNames.size() == kRefusals && static_cast<std::uint32_t>(Refusal::no_slot) + 1 == kRefusals);
struct RefusedEvent {
  std::uint32_t header;
  std::uint32_t queue;   ///< as the firmware was told; 0: it is about none
  std::uint32_t reason;  ///< Refusal
};

struct Dwords {
  std::uint8_t request;  ///< of the message
  std::uint8_t answer;   ///< that its answer takes in the firmware-to-host ring (xe: MODE_SET 4, DEREGISTER 3)
};
/// By Action, of those that the host sends.
inline constexpr std::array<Dwords, kActions> kDwords{{{},
                                                       {sizeof(RegisterQueue) / 4, 0},
                                                       {sizeof(QueueMessage) / 4, 0},
                                                       {sizeof(SetPriority) / 4, 0},
                                                       {sizeof(QueueMessage) / 4, sizeof(DisableReply) / 4},
                                                       {sizeof(QueueMessage) / 4, sizeof(QueueMessage) / 4},
                                                       {sizeof(QueueMessage) / 4, 0},
                                                       {},
                                                       {sizeof(QueueMessage) / 4, sizeof(DisableReply) / 4},
                                                       {},
                                                       {},
                                                       {},
                                                       {},
                                                       {sizeof(SetLimits) / 4, 0}}};

/// Dwords of a message to the firmware; 0: it takes no such message.
[[nodiscard]] constexpr std::uint32_t request_dwords(Action action) {
  return static_cast<std::uint32_t>(action) < kActions ? kDwords[static_cast<std::size_t>(action)].request : 0;
}
/// Dwords that the answer to a request takes; 0: no answer.
[[nodiscard]] constexpr std::uint32_t answer_dwords(Action action) {
  return static_cast<std::uint32_t>(action) < kActions ? kDwords[static_cast<std::size_t>(action)].answer : 0;
}
inline constexpr std::uint32_t kMaxReplyDwords = 4;
inline constexpr std::uint32_t kMaxRequestDwords = sizeof(RegisterQueue) / 4;

enum ChannelStatus : std::uint32_t { kChannelOverflow = 1 };

/// Head and tail of both rings, in dwords, monotonic modulo 2^32.
struct ChannelDescriptor {
  std::uint32_t to_firmware_tail;  ///< host
  std::uint32_t to_firmware_head;  ///< firmware
  std::uint32_t to_host_tail;      ///< firmware
  std::uint32_t to_host_head;      ///< host
  std::uint32_t to_host_status;    ///< firmware: ChannelStatus
};
static_assert(sizeof(ChannelDescriptor) == 20);

// Layout of the channel's memory: the descriptor, then the two rings.
inline constexpr std::uint64_t kChannelDescriptorOffset = 0;
inline constexpr std::uint64_t kToFirmwareOffset = 0x1000;
inline constexpr std::uint32_t kToFirmwareDwords = 1024;  // 4 KiB, as xe's H2G buffer
inline constexpr std::uint64_t kToHostOffset = 0x2000;
inline constexpr std::uint32_t kToHostDwords = 4096;
inline constexpr std::uint32_t kAnswerPool = kToHostDwords / 2;  // dwords for answers; the rest is for events
inline constexpr std::uint64_t kChannelBytes = kToHostOffset + std::uint64_t{kToHostDwords} * 4;

}  // namespace gpusim::abi
