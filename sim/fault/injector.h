// SPDX-License-Identifier: MIT
// Breaks things on request: hardware modules ask it whether this time something goes wrong, one small question for each
// kind of fault. A fault is an event in the trace (fault_injected); what the rest of the machine makes of it is the
// model's business.
#pragma once

#include <cstdint>

#include "base/time.h"
#include "sim/fault/spec.h"
#include "traces/recorder.h"

namespace gpusim::fault {

/// As numbered in the event fault_injected.
enum class Kind : std::uint8_t {
  lost_interrupt,
  lost_doorbell,
  late_interrupt,
  duplicate_interrupt,
  delayed_doorbell,
  hung_job,
  slow_job,
  dropped_message,
  dropped_reply,
  firmware_stall,
  reset,
  unplug,
};
inline constexpr std::uint32_t kKinds = 12;

/// What happens to one interrupt or doorbell on its way.
struct Delivery {
  bool lost = false;
  bool twice = false;
  Picoseconds delay{0};
};

class Injector {
 public:
  Injector(trace::Recorder& recorder, const FaultSpec& spec) : recorder_{recorder}, spec_{spec} {}

  /// Asked once for each completion interrupt that is raised.
  [[nodiscard]] Delivery interrupt(std::uint32_t vector);
  /// Asked once for each doorbell that arrives. `queue` is its QueueId, 0 if the firmware does not know it yet.
  [[nodiscard]] Delivery doorbell(std::uint32_t queue, std::uint32_t doorbell);
  /// Asked for each job that an engine begins: it never ends, and does not let itself be preempted.
  [[nodiscard]] bool hangs(std::uint32_t queue, std::uint64_t job, std::uint32_t engine);
  /// The same: by what its work is multiplied.
  [[nodiscard]] std::uint64_t slows(std::uint32_t queue, std::uint64_t job, std::uint32_t engine);
  /// Asked for each message that the firmware takes out of its buffer.
  [[nodiscard]] bool drops_message(std::uint32_t queue);
  /// Asked for each message that the firmware sends to the host.
  [[nodiscard]] bool drops_reply(std::uint32_t queue);
  /// Asked for each event that the firmware serves: how much longer it takes.
  [[nodiscard]] Picoseconds stalls_firmware();

  // When somebody asks for a reset, and when the device is pulled; 0: never. Asked once, at the start.
  [[nodiscard]] Picoseconds reset_at() const { return spec_.reset; }
  [[nodiscard]] Picoseconds unplug_at() const { return spec_.unplug; }
  /// It happens now.
  void note_reset() { note(Kind::reset, 0, 0, 0); }
  void note_unplug() { note(Kind::unplug, 0, 0, 0); }

 private:
  /// Counts a question of a kind; true if it is the n-th.
  [[nodiscard]] bool is_nth(Kind kind, std::uint64_t nth) { return ++asked_[static_cast<std::size_t>(kind)] == nth; }
  void note(Kind kind, std::uint32_t queue, std::uint32_t unit, std::uint64_t job);

  trace::Recorder& recorder_;
  FaultSpec spec_;
  std::uint64_t asked_[kKinds]{};
};

}  // namespace gpusim::fault
