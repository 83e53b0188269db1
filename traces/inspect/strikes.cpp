// SPDX-License-Identifier: MIT
#include "traces/inspect/strikes.h"

#include <map>
#include <optional>

#include <fmt/core.h>

#include "traces/event/faults.h"
#include "traces/event/handlers.h"
#include "traces/inspect/words.h"

namespace gpusim::trace {
namespace {

class Strikes final {
 public:
  Strikes(const Recording& recording, const JobFacts& facts, const Milestones::Place& place, SimTime at)
      : names_{recording.names}, facts_{facts}, place_{place} {
    for (const Event& event : recording.events) {
      if (event.time > at) break;
      dispatch(*this, event);
    }
  }

  [[nodiscard]] std::vector<std::string> sentences() const {
    std::map<SimTime, std::string> all = own_;
    const auto add = [&](const std::optional<SimTime>& time, const char* what, Fault fault) {
      if (time) all[*time] = fmt::format("{} at {} ({})", what, exact(*time), name(static_cast<std::uint64_t>(fault)));
    };
    using Stage = Milestones::Stage;
    const Stage stage = place_.stage;
    if (awaits_firmware()) {
      add(crash_, "the firmware crashed", Fault::firmware_crash);
      add(stall_, "the firmware stalled", Fault::firmware_stall);
    }
    if (stage == Stage::ringing) add(to_device_, "a write was sent again", Fault::link_error);
    if (stage == Stage::writing_fence) add(to_host_, "a write was sent again", Fault::link_error);
    if (const auto late = late_.find(vector_); stage == Stage::visible && late != late_.end()) {
      add(late->second, "its interrupt was delayed", Fault::late_interrupt);
    }
    std::vector<std::string> texts;
    for (auto& [time, text] : all) texts.push_back(text);
    return texts;
  }

  void on(const fault_injected& event) {
    switch (event.fault.as<Fault>()) {
      case Fault::firmware_crash:
        crash_ = event.time;
        return;
      case Fault::firmware_stall:
        stall_ = event.time;
        return;
      case Fault::link_error:
        to_device_ = to_host_ = event.time;
        return;
      case Fault::late_interrupt:
        late_[event.unit] = event.time;
        return;
      default:
        break;
    }
    const bool is_of_job = event.job == facts_.id;
    const bool is_of_queue = event.job.value() == 0 && event.queue == facts_.queue && event.time >= place_.since;
    if (!is_of_job && !is_of_queue) return;
    own_[event.time] = fmt::format("{} struck {} at {}", name(event.fault.as<std::uint64_t>()),
                                   is_of_job ? "it" : "its queue", exact(event.time));
  }
  void on(const device_reset_end& /*event*/) { crash_.reset(); }
  void on(const firmware_end& /*event*/) { stall_.reset(); }
  void on(const doorbell_arrive& /*event*/) { to_device_.reset(); }
  void on(const fence_visible& event) {
    to_host_.reset();
    if (event.job == facts_.id) vector_ = event.vector;
  }
  void on(const interrupt_arrive& event) { late_.erase(event.vector); }

 private:
  [[nodiscard]] std::string name(std::uint64_t kind) const { return "fault." + Names::of(names_.faults, kind); }

  /// Told of it, or to give it an engine once more.
  [[nodiscard]] bool awaits_firmware() const {
    using Stage = Milestones::Stage;
    const bool is_off = place_.stage == Stage::started && !place_.is_at_work;
    return place_.stage == Stage::arrived || place_.stage == Stage::device_wait || is_off;
  }

  const Names& names_;
  const JobFacts& facts_;
  const Milestones::Place& place_;
  std::map<SimTime, std::string> own_;  ///< of the job or its queue
  std::optional<SimTime> crash_;
  std::optional<SimTime> stall_;
  std::optional<SimTime> to_device_;  ///< a posted write was sent again, and none has arrived since
  std::optional<SimTime> to_host_;
  std::map<std::uint32_t, SimTime> late_;  ///< by vector
  std::uint32_t vector_ = 0;
};

}  // namespace

std::vector<std::string> strikes_on(const Recording& recording, const JobFacts& facts, const Milestones::Place& place,
                                    SimTime at) {
  return Strikes{recording, facts, place, at}.sentences();
}

}  // namespace gpusim::trace
