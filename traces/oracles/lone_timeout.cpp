// SPDX-License-Identifier: MIT
#include "traces/oracles/lone_timeout.h"

#include "base/grown.h"

namespace gpusim::trace {

EventSet LoneTimeout::kinds() const {
  using K = EventKind;
  return events({K::fault_injected, K::device_reset_begin, K::device_gone, K::queue_kill, K::job_timedout});
}

void LoneTimeout::on_event(const Event& event) {
  if (event.kind == EventKind::queue_kill) {
    grown(killed_, event.queue) = 1;
  } else if (event.kind != EventKind::job_timedout) {
    has_cause_ = true;
  } else if (enabled_ && !has_cause_ && grown(killed_, event.queue) == 0) {
    fail(event, "timedout_job is called for " + job_text(event.job) + " of " + queue_text(event.queue) +
                    ", and nothing had gone wrong: no fault, no reset, no kill; something was lost on its way");
  }
}

}  // namespace gpusim::trace
