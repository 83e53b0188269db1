// SPDX-License-Identifier: MIT
#include "traces/oracles/lone_timeout.h"

#include "base/grown.h"
#include "traces/event/handlers.h"

namespace gpusim::trace {

void LoneTimeout::attach_to(Recorder& recorder) { attach_handlers(*this, recorder); }

void LoneTimeout::on(const fault_injected&) { has_cause_ = true; }
void LoneTimeout::on(const device_reset_begin&) { has_cause_ = true; }
void LoneTimeout::on(const device_gone&) { has_cause_ = true; }
void LoneTimeout::on(const queue_kill& event) { grown(killed_, event.queue) = 1; }

void LoneTimeout::on(const job_timedout& event) {
  if (!enabled_ || has_cause_ || grown(killed_, event.queue) != 0) return;
  fail(event.time, "timedout_job is called for " + job_text(event.job) + " of " + queue_text(event.queue) +
                       ", and nothing had gone wrong: no fault, no reset, no kill; something was lost on its way");
}

}  // namespace gpusim::trace
