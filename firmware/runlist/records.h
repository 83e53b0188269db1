// SPDX-License-Identifier: MIT
// The run-list processor's state: one record per queue and per engine, in storage that its owner provides. Plain data
// that starts as zeros, so that an image of the firmware does not grow with the number of queues.
#pragma once

#include <cstdint>

#include "firmware/abi/messages.h"

namespace gpusim::fw {

inline constexpr std::uint32_t kNil = 0;  ///< no queue: their numbers begin at 1
inline constexpr std::uint32_t kNoEngine = 0xffff'ffff;

/// A queue in a list: its number, of which the registers of doorbells have 16 bits (abi::kFirmwareRegisterBytes).
using Link = std::uint16_t;

enum class QueueState : std::uint8_t {
  unregistered,
  idle,       ///< no entries that the firmware knows of
  waiting,    ///< has entries, holds no slot
  runnable,   ///< in the run-list
  running,    ///< on an engine
  disabling,  ///< on an engine that was told to give it up; disabled once it has
  disabled,   ///< by the host, or because its engine was reset under it
};

/// What the entries of a queue wait for: abi::EntryWaits.
enum class Waits : std::uint8_t {
  none,  ///< its ring has none
  over,  ///< all that have been looked at
  open,  ///< one of the entry at write_index is not; the word is watched
  more,  ///< there are entries behind write_index that have not been looked at
};

/// As large as a shift can count.
struct alignas(64) QueueRecord {
  QueueState state = QueueState::unregistered;
  std::uint8_t priority = 0;
  std::uint8_t engine = 0;  ///< that it is on: running or disabling
  std::uint8_t engine_set = 0;
  std::uint8_t slot = 0;
  bool has_slot = false;
  bool begun = false;                                 ///< the entry at read_index was cut off in the middle
  bool was_reset = false;                             ///< its context is lost: not enabled again
  abi::Action disable_action = abi::Action::padding;  ///< the request that is answered when it is off its engine
  Waits waits = Waits::none;
  std::uint16_t disable_fence = 0;  ///< of that request
  std::uint32_t tag = 0;            ///< its number in traces
  std::uint32_t write_index = 0;    ///< entries that the firmware has seen, up to one that waits
  std::uint32_t read_index = 0;     ///< entries that are done, as last reported by an engine
  std::uint32_t sent_index = 0;     ///< the write index last sent to its engine
  std::uint32_t ring_entries = 0;
  std::uint32_t ticket = 0;  ///< its place in the run-list: RunLines
  Link next = kNil;          ///< in a QueueList
  Link previous = kNil;
  std::uint64_t context_address = 0;
  std::uint64_t ring_address = 0;
};
static_assert(sizeof(QueueRecord) == 64);

enum class EngineState : std::uint8_t { idle, running, preempting };

struct EngineRecord {
  EngineState state = EngineState::idle;
  std::uint32_t queue = kNil;
  std::uint32_t run = 0;  ///< counts engine_run orders; a report of an earlier run is stale
};

/// What an engine reports back.
struct EngineReport {
  std::uint32_t engine;
  std::uint32_t queue;
  std::uint32_t run;         ///< RunRequest::run of the order it belongs to
  std::uint32_t read_index;  ///< entries that are done
  bool begun = false;        ///< the next one was cut off in the middle
};

/// What an engine gets with a queue to run.
struct RunRequest {
  std::uint32_t queue;
  std::uint32_t tag;
  std::uint32_t run;
  std::uint32_t read_index;
  std::uint32_t write_index;
  std::uint32_t ring_entries;
  std::uint64_t ring_address;
  std::uint64_t context_address;
};

/// Doubly linked list through QueueRecord::next and previous.
class QueueList {
 public:
  [[nodiscard]] constexpr bool empty() const { return head_ == kNil; }
  [[nodiscard]] constexpr std::uint32_t head() const { return head_; }

  [[gnu::always_inline]] constexpr void push_back(QueueRecord* queues, std::uint32_t queue) {
    queues[queue].next = kNil;
    queues[queue].previous = tail_;
    (tail_ == kNil ? head_ : queues[tail_].next) = static_cast<Link>(queue);
    tail_ = static_cast<Link>(queue);
  }
  constexpr void push_front(QueueRecord* queues, std::uint32_t queue) {
    queues[queue].previous = kNil;
    queues[queue].next = head_;
    (head_ == kNil ? tail_ : queues[head_].previous) = static_cast<Link>(queue);
    head_ = static_cast<Link>(queue);
  }
  [[gnu::always_inline]] constexpr void remove(QueueRecord* queues, std::uint32_t queue) {
    const QueueRecord& record = queues[queue];
    (record.previous == kNil ? head_ : queues[record.previous].next) = record.next;
    (record.next == kNil ? tail_ : queues[record.next].previous) = record.previous;
  }
  /// Those before it go behind the others. Pre: it is in the list.
  constexpr void begin_with(QueueRecord* queues, std::uint32_t queue) {
    if (queue == head_) return;
    const Link last = queues[queue].previous;
    queues[tail_].next = head_;
    queues[head_].previous = tail_;
    queues[last].next = kNil;
    queues[queue].previous = kNil;
    head_ = static_cast<Link>(queue);
    tail_ = last;
  }

 private:
  Link head_ = kNil;
  Link tail_ = kNil;
};

}  // namespace gpusim::fw
