// SPDX-License-Identifier: MIT
#include "sim/hw/timeline_pump.h"

#include <algorithm>
#include <vector>

namespace gpusim::hw {

TimelinePump::TimelinePump(sc_core::sc_module_name name, Timeline& timeline, bool look_ahead)
    : sc_core::sc_module{name}, timeline_{timeline}, look_ahead_{look_ahead} {
  SC_HAS_PROCESS(TimelinePump);
  SC_METHOD(pump);
}

void TimelinePump::watch_for_end() {
  ask_done_ = true;
  timeline_.set_advance_steps(0);
}

SimTime TimelinePump::horizon() const {
  if (!look_ahead_) return sc_now();
  // Anything runnable in this delta or the next comes first; then up to (not including) the kernel's next event.
  if (sc_core::sc_pending_activity_at_current_time()) return sc_now();
  if (!sc_core::sc_pending_activity_at_future_time()) return kNever;
  return sc_now() + Picoseconds{static_cast<std::int64_t>(sc_core::sc_time_to_pending_activity().value())} - ps(1);
}

bool TimelinePump::is_alone() {
  const auto count = [](const auto& self, const std::vector<sc_core::sc_object*>& objects) -> std::size_t {
    std::size_t processes = 0;
    for (const sc_core::sc_object* object : objects) {
      processes += dynamic_cast<const sc_core::sc_process_b*>(object) != nullptr ? 1 : 0;
      processes += self(self, object->get_child_objects());
    }
    return processes;
  };
  return count(count, sc_core::sc_get_top_level_objects()) == 1;
}

bool TimelinePump::run_entries() {
  SimTime until = horizon();
  const bool alone = look_ahead_ && until == kNever && is_alone();
  // Steps of host code may run through without an entry as far as entries may run at all.
  timeline_.set_advance_limit(look_ahead_ ? std::min(until, stop_at) : SimTime::min());
  while (!timeline_.empty() && timeline_.next_time() <= until) {
    if (timeline_.next_time() > stop_at) {
      stopped_ = true;
      return true;
    }
    if (!ask_done_) timeline_.set_advance_steps(std::min(timeline_.executed() + kMostStepsAtOnce, next_poll_));
    timeline_.run_one();
    if (ask_done_ && is_done()) return true;
    if (timeline_.executed() >= next_poll_) {
      next_poll_ = timeline_.executed() + kPollEvery;
      interrupted_ = is_interrupted && is_interrupted();
      if (interrupted_) return true;
    }
    // An entry may have notified a SystemC event (a model that has some of its own).
    if (look_ahead_ && !alone && sc_core::sc_pending_activity()) {
      until = horizon();
      timeline_.set_advance_limit(std::min(until, stop_at));
    }
  }
  return timeline_.empty();
}

void TimelinePump::pump() {
  try {
    if (run_entries()) {
      sc_core::sc_stop();
      return;
    }
  } catch (...) {
    error_ = std::current_exception();
    sc_core::sc_stop();
    return;
  }
  next_trigger(to_sc(timeline_.next_time() - sc_now()));
}

}  // namespace gpusim::hw
