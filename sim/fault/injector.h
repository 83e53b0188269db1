// SPDX-License-Identifier: MIT
// Injects faults on request: hardware modules ask it whether something goes wrong this time, with one function for each
// kind of fault. A fault is an event in the trace (fault_injected).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/choice.h"
#include "base/time.h"
#include "sim/fault/explored.h"
#include "sim/fault/spec.h"
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
  /// `choices`: of an exploration, which may inject faults (explored.h) in addition to the scenario's.
  Injector(trace::Recorder& recorder, const FaultSpec& spec, ChoiceSource* choices = nullptr)
      : recorder_{recorder}, spec_{spec}, choices_{choices} {}

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
  void note_reset() {
    note(Kind::reset, 0, 0, 0);
    ++asked_[static_cast<std::size_t>(Kind::reset)];
  }
  void note_unplug() {
    note(Kind::unplug, 0, 0, 0);
    ++asked_[static_cast<std::size_t>(Kind::unplug)];
  }
  void note_kill() {
    note(Kind::kill, 0, 0, 0);
    ++asked_[static_cast<std::size_t>(Kind::kill)];
  }
  void note_eviction() {
    note(Kind::evict, 0, 0, 0);
    ++asked_[static_cast<std::size_t>(Kind::evict)];
  }

 private:
  /// Whether this occurrence of a kind is the one that the scenario names, or that an exploration chooses; then it is
  /// noted.
  [[nodiscard]] bool strikes(Kind kind, std::uint64_t nth, std::uint32_t queue, std::uint32_t unit, std::uint64_t job);
  [[nodiscard]] bool chosen(Kind kind) {
    if (choices_ == nullptr) return false;
    const ExploredFault& fault = explored(kind);
    return fault.enabled && choices_->choose(ChoiceKind::fault, fault.place, 2) != 0;
  }
  void note(Kind kind, std::uint32_t queue, std::uint32_t unit, std::uint64_t job);

  trace::Recorder& recorder_;
  FaultSpec spec_;
  ChoiceSource* choices_;
  std::uint64_t asked_[kKinds]{};
};

}  // namespace gpusim::fault
