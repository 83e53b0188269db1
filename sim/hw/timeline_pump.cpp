// SPDX-License-Identifier: MIT
#include "sim/hw/timeline_pump.h"

namespace gpusim::hw {
namespace {
constexpr std::uint64_t kPollEvery = 65'536;
}

TimelinePump::TimelinePump(sc_core::sc_module_name name, Timeline& timeline, bool look_ahead)
    : sc_core::sc_module{name}, timeline_{timeline}, look_ahead_{look_ahead} {
  SC_HAS_PROCESS(TimelinePump);
  SC_METHOD(pump);
}

SimTime TimelinePump::horizon() const {
  if (!look_ahead_) return sc_now();
  // Anything runnable in this delta or the next comes first; then up to (not including) the kernel's next event.
  if (sc_core::sc_pending_activity_at_current_time()) return sc_now();
  if (!sc_core::sc_pending_activity_at_future_time()) return kNever;
  return sc_now() + Picoseconds{static_cast<std::int64_t>(sc_core::sc_time_to_pending_activity().value())} - ps(1);
}

bool TimelinePump::run_entries() {
  SimTime until = horizon();
  while (!timeline_.empty() && timeline_.next_time() <= until) {
    if (timeline_.next_time() > stop_at) {
      stopped_ = true;
      return true;
    }
    timeline_.run_one();
    if (is_done && is_done()) return true;
    if (timeline_.executed() % kPollEvery == 0 && is_interrupted && is_interrupted()) {
      interrupted_ = true;
      return true;
    }
    // An entry may have notified a SystemC event (a model that has some of its own).
    if (look_ahead_ && sc_core::sc_pending_activity()) until = horizon();
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
