// SPDX-License-Identifier: MIT
#include "sim/hw/timeline_pump.h"

#include <algorithm>
#include <vector>

#include "sim/hw/firmware_debugger.h"

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
  look_ahead_ = look_ahead_ && is_alone();
  const SimTime until = look_ahead_ ? kNever : sc_now();
  // Steps of host code may run through without an entry as far as entries may run at all.
  timeline_.set_advance_limit(look_ahead_ ? stop_at : SimTime::min());
  while (!timeline_.empty() && timeline_.next_time() <= until && timeline_.kernel_time() != kNever) {
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
  }
  // With nothing planned it is over, unless one of SystemC's processes goes on.
  return timeline_.empty() && !sc_core::sc_pending_activity();
}

void TimelinePump::pump() {
  timeline_.set_alarm(SimTime::min(), nullptr, nullptr);
  timeline_.set_kernel_time(sc_now());
  try {
    run_and_sleep();
  } catch (const FirmwareKilled&) {
    interrupted_ = true;
    sc_core::sc_stop();
  } catch (...) {
    error_ = std::current_exception();
    sc_core::sc_stop();
  }
  timeline_.set_kernel_time(kNever);
}

void TimelinePump::run_and_sleep() {
  if (sc_core::sc_pending_activity_at_current_time()) return next_trigger(sc_core::SC_ZERO_TIME);
  if (run_entries()) return sc_core::sc_stop();
  if (sc_now() >= stop_at && timeline_.next_time() > stop_at) {
    stopped_ = true;
    return sc_core::sc_stop();
  }
  sleep();
}

void TimelinePump::sleep() {
  const auto get_up = [](void* self, std::uint64_t) {
    static_cast<TimelinePump*>(self)->earlier_.notify(sc_core::SC_ZERO_TIME);
  };
  timeline_.set_alarm(timeline_.next_time(), get_up, this);
  // The end that was asked for comes for others' processes, too.
  const SimTime until = std::min(timeline_.next_time(), stop_at < kEndOfTime ? stop_at : kNever);
  if (until == kNever) return next_trigger(earlier_);
  next_trigger(to_sc(until - sc_now()), earlier_);
}

}  // namespace gpusim::hw
