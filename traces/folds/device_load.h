// SPDX-License-Identifier: MIT
// How much the device's firmware had before it, folded from events: messages in its buffer, slots held, queues in its
// run-list, and how long one waited there.
//
// A queue waits in the run-list from the moment when the firmware has seen work of it, or when its engine gives it back
// with work left, until it has an engine: for a slot, for its turn, for the pick. What waits in its ring for another
// queue's value does not, nor does a queue that is stopped, evicted or forgotten.
#pragma once

#include <cstdint>
#include <vector>

#include "base/id_window.h"
#include "base/wide.h"
#include "traces/event/make.h"
#include "traces/event/recorder.h"

namespace gpusim::trace {

/// How many there are of something, over time.
class LevelOverTime {
 public:
  void to(std::uint64_t level, SimTime now) {
    pass(now);
    level_ = level;
    if (level > most_) most_ = level;
  }
  void up(SimTime now) { to(level_ + 1, now); }
  /// Nothing happens at zero.
  void down(SimTime now) {
    if (level_ > 0) to(level_ - 1, now);
  }
  /// It stays as it is until `now`, which never goes back.
  void pass(SimTime now) {
    area_ += Wide{level_} * static_cast<std::uint64_t>((now - since_).count());
    since_ = now;
  }

  [[nodiscard]] std::uint64_t level() const { return level_; }
  [[nodiscard]] std::uint64_t most() const { return most_; }
  /// Times ps, up to the last call of to() or pass().
  [[nodiscard]] Wide area() const { return area_; }

 private:
  Wide area_ = 0;
  std::uint64_t level_ = 0;
  std::uint64_t most_ = 0;
  SimTime since_{};
};

class DeviceLoad final {
 public:
  /// `message_step`: firmware_end::event of a message that was taken out of the buffer. `slots`: that the device has;
  /// 0: no limit.
  DeviceLoad(Code message_step, std::uint64_t slots) : message_step_{message_step}, slot_count_{slots} {}
  void attach_to(Recorder& recorder);

  void on(const message_send& event);
  void on(const firmware_end& event);
  void on(const device_reset_begin& event) { messages_.to(0, event.time); }
  void on(const device_reset_end& event) { messages_.to(0, event.time); }
  void on(const slot_grant& event) { held_.up(event.time); }
  void on(const slot_evict& event) { held_.down(event.time); }
  void on(const ring_write& event);
  void on(const job_end& event) { end(event.job, event.time); }
  void on(const dma_fence_signaled& event) { end(event.job, event.time); }
  void on(const queue_registered& event);
  void on(const queue_deregistered& event);
  void on(const reset_notify& event);
  void on(const queue_ready& event);
  void on(const ring_wait_begin& event);
  void on(const ring_wait_end& event);
  void on(const queue_stop& event);
  void on(const queue_start& event);
  void on(const queue_evicted& event);
  void on(const queue_restored& event);
  void on(const engine_assign& event);
  void on(const engine_release& event);
  void on(const engine_reset& event);

  /// The run has ended. Once, before reading.
  void finish(SimTime now);

  [[nodiscard]] std::uint64_t messages_sent() const { return messages_sent_; }
  /// In the host-to-firmware buffer.
  [[nodiscard]] const LevelOverTime& messages() const { return messages_; }
  [[nodiscard]] std::uint64_t slot_count() const { return slot_count_; }
  [[nodiscard]] const LevelOverTime& slots_held() const { return held_; }
  /// Queues.
  [[nodiscard]] const LevelOverTime& waiting() const { return waiting_; }
  /// In the run-list, without an end perhaps; 0: nobody waited.
  [[nodiscard]] Picoseconds longest_wait() const { return longest_; }
  [[nodiscard]] QueueId longest_waiter() const { return longest_waiter_; }

 private:
  struct Queue {
    std::uint64_t seen = 0;  ///< by the firmware: entries below are known to it
    std::uint64_t done = 0;  ///< entries below it have ended
    std::uint32_t stops = 0;
    bool is_known = false;
    bool is_on_engine = false;
    bool waits_in_ring = false;
    bool is_evicted = false;
    SimTime since = kNever;  ///< it waits in the run-list
  };
  struct Entry {
    QueueId queue;  ///< whose ring it stands in
    std::uint64_t index = 0;
  };

  void end(JobId job, SimTime now);
  /// To be called after each change of a queue.
  void changed(QueueId number, SimTime now);
  void note_wait(QueueId number, SimTime since, SimTime now);

  Code message_step_;
  std::uint64_t slot_count_;
  std::uint64_t messages_sent_ = 0;
  LevelOverTime messages_;
  LevelOverTime held_;
  LevelOverTime waiting_;
  Picoseconds longest_{0};
  QueueId longest_waiter_;
  std::vector<Queue> queues_;
  IdWindow<Entry> entries_;  // by job, of those that have not ended
};

}  // namespace gpusim::trace
