// SPDX-License-Identifier: MIT
// Injects faults on request: hardware modules ask it whether something goes wrong this time, with one function for each
// kind of fault. What strikes is the n-th of [fault], one of [[faults]] (aims.h), or an exploration's choice. A fault
// is an event in the trace (fault_injected).
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/choice.h"
#include "base/time.h"
#include "sim/fault/aims.h"
#include "sim/fault/explored.h"
#include "sim/fault/spec.h"
#include "traces/event/names.h"
#include "traces/event/recorder.h"

namespace gpusim::fault {

/// What happens to one interrupt or doorbell on its way.
struct Delivery {
  bool lost = false;
  bool twice = false;
  Picoseconds delay{0};
};

class Injector {
 public:
  /// `choices`: of an exploration, which may inject faults (explored.h) in addition to the scenario's. `names` and
  /// `seed` as in Aims.
  Injector(trace::Recorder& recorder, const FaultSpec& spec, ChoiceSource* choices = nullptr,
           const trace::Names* names = nullptr, std::uint64_t seed = 0)
      : recorder_{recorder}, spec_{spec}, choices_{choices}, aims_{spec.aimed, names, seed} {}

  /// Asked once for each completion interrupt that is raised.
  [[nodiscard]] Delivery interrupt(std::uint32_t vector);
  /// The same for interrupts that say that there is a message of the firmware.
  [[nodiscard]] Delivery reply_interrupt(std::uint32_t vector);
  /// Asked once for each doorbell that arrives. `queue` is its QueueId, 0 if the firmware does not know it yet.
  [[nodiscard]] Delivery doorbell(std::uint32_t queue, std::uint32_t doorbell);
  /// Asked for each doorbell whose value an engine takes: it is torn.
  [[nodiscard]] bool tears_doorbell(std::uint32_t queue, std::uint32_t engine);
  /// Asked for each job that an engine begins: it never ends, and does not let itself be preempted.
  [[nodiscard]] bool hangs(std::uint32_t queue, std::uint64_t job, std::uint32_t engine);
  /// The same: by what its work is multiplied.
  [[nodiscard]] std::uint64_t slows(std::uint32_t queue, std::uint64_t job, std::uint32_t engine);
  /// The same: for how long it is executed until it touches a page that is not mapped.
  [[nodiscard]] std::optional<Picoseconds> page_fault(std::uint32_t queue, std::uint64_t job, std::uint32_t engine);
  /// Asked for each message that the firmware takes out of its buffer.
  [[nodiscard]] bool drops_message(std::uint32_t queue);
  /// Asked for each message whose header the firmware reads: the header is wrong.
  [[nodiscard]] bool corrupts_message(std::uint32_t queue);
  [[nodiscard]] bool may_corrupt_messages() const { return aims_.has(Kind::corrupted_message); }
  /// Asked for each notification that there is a message: how much later the firmware gets it.
  [[nodiscard]] Picoseconds delays_notification();
  /// Asked for each message that the firmware sends to the host.
  [[nodiscard]] bool drops_reply(std::uint32_t queue);
  /// The same, if it is sent: its header is wrong.
  [[nodiscard]] bool corrupts_reply(std::uint32_t queue);
  /// Asked for each event that the firmware serves, which is about `queue` or about none (0): how much longer it takes.
  [[nodiscard]] Picoseconds stalls_firmware(std::uint32_t queue);
  /// The same: the firmware does nothing from here on, until the device is reset.
  [[nodiscard]] bool crashes_firmware(std::uint32_t queue);
  /// Asked for each engine that the firmware orders to be reset: it does not come out of it.
  [[nodiscard]] bool fails_engine_reset(std::uint32_t queue, std::uint32_t engine);
  /// Asked when a device reset is begun: it never ends. What was stuck until a reset is not any longer.
  [[nodiscard]] bool fails_device_reset();
  /// Asked for each posted write that enters the link, from either side: how much later it arrives.
  [[nodiscard]] Picoseconds delays_write() { return aims_.has(Kind::link_error) ? retry_of_write() : Picoseconds{0}; }

  // When a device reset is requested, the device is pulled, a client is killed, queues are evicted; 0: never. Read
  // once, at the start.
  [[nodiscard]] Picoseconds reset_at() const { return spec_.reset; }
  [[nodiscard]] Picoseconds unplug_at() const { return spec_.unplug; }
  [[nodiscard]] Picoseconds kill_at() const { return spec_.kill; }
  [[nodiscard]] Picoseconds evict_every() const { return spec_.evict; }
  [[nodiscard]] std::uint64_t evictions() const { return spec_.evictions; }
  /// Is it to be killed? By its name, or by that of its [[client]].
  [[nodiscard]] bool is_victim(const std::string& client, const std::string& clone) const {
    return !spec_.kill_client.empty() && (spec_.kill_client == client || spec_.kill_client == clone);
  }
  /// What the scenario asks for and did not happen in a run that ended at `end`: a line each.
  [[nodiscard]] std::vector<std::string> not_happened(SimTime end) const;

  /// It happens now.
  void note_reset() { note_timed(Kind::reset); }
  void note_unplug() { note_timed(Kind::unplug); }
  void note_kill() { note_timed(Kind::kill); }
  void note_eviction() { note_timed(Kind::evict); }

 private:
  /// What a fault that strikes is told of itself.
  struct Strike {
    Picoseconds delay{0};
    std::uint64_t factor = 1;
  };
  /// Whether something strikes this occasion of a kind. `nth` and `own`: of [fault].
  [[nodiscard]] std::optional<Strike> finds(Kind kind, std::uint64_t nth, const Strike& own, std::uint32_t queue,
                                            std::uint32_t unit) {
    return may_strike(kind, nth) ? find(kind, nth, own, queue, unit) : std::nullopt;
  }
  /// The same, and then it is noted.
  [[nodiscard]] std::optional<Strike> strikes(Kind kind, std::uint64_t nth, const Strike& own, std::uint32_t queue,
                                              std::uint32_t unit, std::uint64_t job) {
    return may_strike(kind, nth) ? find_and_note(kind, nth, own, queue, unit, job) : std::nullopt;
  }
  /// The same of a kind that [fault] does not have.
  [[nodiscard]] std::optional<Strike> strikes(Kind kind, std::uint32_t queue = 0, std::uint32_t unit = 0) {
    return strikes(kind, 0, {}, queue, unit, 0);
  }
  /// Counts an occasion. False: as nearly always, nothing is there that could strike it; each job has nine of them.
  [[nodiscard]] bool may_strike(Kind kind, std::uint64_t nth) {
    return ++asked_[static_cast<std::size_t>(kind)] == nth || choices_ != nullptr || aims_.has(kind);
  }
  [[nodiscard]] std::optional<Strike> find(Kind kind, std::uint64_t nth, const Strike& own, std::uint32_t queue,
                                           std::uint32_t unit);
  [[nodiscard]] std::optional<Strike> find_and_note(Kind kind, std::uint64_t nth, const Strike& own,
                                                    std::uint32_t queue, std::uint32_t unit, std::uint64_t job);
  [[nodiscard]] Picoseconds retry_of_write();
  [[nodiscard]] bool chosen(Kind kind) {
    if (choices_ == nullptr) return false;
    const ExploredFault& fault = explored(kind);
    return fault.enabled && choices_->choose(ChoiceKind::fault, fault.place, 2) != 0;
  }
  void note(Kind kind, std::uint32_t queue, std::uint32_t unit, std::uint64_t job);
  void note_timed(Kind kind) {
    note(kind, 0, 0, 0);
    ++asked_[static_cast<std::size_t>(kind)];
  }

  trace::Recorder& recorder_;
  FaultSpec spec_;
  ChoiceSource* choices_;
  Aims aims_;
  std::set<std::uint32_t> stuck_;  // queues of which nothing is acknowledged
  std::uint64_t asked_[kKinds]{};
};

}  // namespace gpusim::fault
