// SPDX-License-Identifier: MIT
// Which signals of a device a VCD can show, and what each is worth after an event. What the event stream says of the
// device is all there is: a doorbell that a fault delays, say, is pending for nobody until the firmware turns to it.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "traces/event/device_shape.h"
#include "traces/event/make.h"
#include "traces/event/names.h"

namespace gpusim::trace {

struct VcdSignal {
  std::string name;     ///< "engine.rcs0.queue": scopes, then the signal
  std::uint32_t width;  ///< in bits
};

/// All, in the order in which a file has them.
[[nodiscard]] std::vector<VcdSignal> vcd_signals(const DeviceShape& shape);

/// Indices of the signal of that name, or of all within the scope of that name ("engine", "engine.rcs0"); else none.
[[nodiscard]] std::vector<std::size_t> find_signals(const std::vector<VcdSignal>& signals, std::string_view name);

/// The values of all signals, from the events of a run.
class VcdValues {
 public:
  /// `names` outlives it.
  VcdValues(const DeviceShape& shape, const Names& names);

  void apply(const Event& event);
  [[nodiscard]] std::uint64_t value(std::size_t signal) const { return values_[signal]; }
  /// Signals whose value the events since the last clear_touched() have set, perhaps twice.
  [[nodiscard]] const std::vector<std::size_t>& touched() const { return touched_; }
  void clear_touched() { touched_.clear(); }

  // Of the events (traces/event/handlers.h).
  void on(const engine_assign& event);
  void on(const engine_release& event) { take_off(event.engine); }
  void on(const engine_reset& event) { take_off(event.engine); }
  void on(const fetch_begin& event) { set_engine(event.engine, kBusy, 1); }
  void on(const job_resumed& event) { set_engine(event.engine, kBusy, 1); }
  void on(const job_preempted& event) { set_engine(event.engine, kBusy, 0); }
  void on(const job_end& event) { set_engine(event.engine, kBusy, 0); }
  void on(const context_restore_begin& event) { set_engine(event.engine, kSwitching, 1); }
  void on(const context_restore_end& event) { set_engine(event.engine, kSwitching, 0); }
  void on(const context_save_begin& event) { set_engine(event.engine, kSwitching, 1); }
  void on(const context_save_end& event) { set_engine(event.engine, kSwitching, 0); }
  void on(const firmware_begin& event);
  void on(const firmware_end& /*event*/) { set(firmware_, 0); }
  void on(const doorbell_arrive& event);
  void on(const fault_injected& event);
  void on(const queue_deregistered& event) { take_doorbell(event.queue); }
  void on(const message_send& /*event*/) { set(messages_, values_[messages_] + 1); }
  void on(const device_reset_end& event);
  void on(const device_gone& event);
  void on(const interrupt_raise& event);
  void on(const interrupt_arrive& event);
  void on(const irq_handler_entry& event);
  void on(const irq_handler_exit& event) { set_vector(event.vector, kHandler, 0); }
  void on(const slot_grant& event) { set_slot(event.slot, event.queue); }
  void on(const slot_evict& event) { set_slot(event.slot, QueueId{}); }

 private:
  /// The signals of one engine, and of one vector, follow each other.
  enum OfEngine : std::uint8_t { kQueue, kBusy, kSwitching };
  enum OfVector : std::uint8_t { kLine, kHandler };
  struct Line {
    std::optional<std::size_t> first;  ///< of its signals
    std::uint32_t in_flight = 0;
    bool pending = false;  ///< at the host
  };

  void set(std::size_t signal, std::uint64_t value);
  void set_engine(std::uint32_t engine, OfEngine which, std::uint64_t value);
  void set_vector(std::uint32_t vector, OfVector which, std::uint64_t value);
  void set_slot(std::uint32_t slot, QueueId queue);
  void take_off(std::uint32_t engine);
  void take_doorbell(QueueId queue);
  void set_doorbells() { set(doorbells_, rung_.size()); }
  void forget_requests();
  void update_line(std::uint32_t vector);

  const Names& names_;
  std::vector<std::size_t> engines_;  // the first signal of each
  std::size_t firmware_ = 0;
  std::size_t doorbells_ = 0;
  std::size_t messages_ = 0;
  std::vector<Line> lines_;         // by vector
  std::vector<std::size_t> slots_;  // the signal of each
  std::deque<QueueId> rung_;        // whose doorbell is pending, in the order of arrival
  QueueId last_rung_;               // by the last arrival; none: its doorbell was pending already
  std::vector<std::uint64_t> values_;
  std::vector<std::size_t> touched_;
};

}  // namespace gpusim::trace
