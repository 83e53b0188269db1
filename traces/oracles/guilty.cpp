// SPDX-License-Identifier: MIT
#include "traces/oracles/guilty.h"

#include "base/grown.h"
#include "traces/event/handlers.h"

namespace gpusim::trace {

void Guilty::attach_to(Recorder& recorder) { attach_handlers(*this, recorder); }

void Guilty::on(const job_start& event) { grown(queues_, event.queue).last_begun = event.job; }

void Guilty::on(const engine_reset& event) { grown(queues_, event.queue).was_reset = true; }

void Guilty::on(const queue_banned& event) {
  const Queue& queue = grown(queues_, event.queue);
  if (event.job <= queue.last_begun || queue.was_reset) return;
  fail(event.time, queue_text(event.queue) + " was banned for " + job_text(event.job) + ", which had not begun");
}

}  // namespace gpusim::trace
