// SPDX-License-Identifier: MIT
#include "traces/oracles/fence_signalled_once.h"

namespace gpusim::trace {

EventSet FenceSignalledOnce::kinds() const {
  return events({EventKind::dma_fence_init, EventKind::dma_fence_signaled});
}

void FenceSignalledOnce::on_event(const Event& event) {
  Context& context = contexts_.find_or_insert(event.a + 1);
  if (event.kind == EventKind::dma_fence_signaled) return on_signaled(event, context);
  if (event.b <= context.initialised) {
    fail(event, fence_text(event.a, event.b) + " of " + queue_text(event.queue) + " was initialised after " +
                    fence_text(event.a, context.initialised));
  }
  context.initialised = event.b;
}

void FenceSignalledOnce::on_signaled(const Event& event, Context& context) {
  if (event.b > context.signalled && event.b <= context.initialised) {
    context.signalled = event.b;
    context.signalled_at = event.time;
    return;
  }
  const std::string fence = fence_text(event.a, event.b) + " of " + queue_text(event.queue);
  const std::string before = format_duration(context.signalled_at.time_since_epoch());
  if (event.b > context.initialised) fail(event, fence + " signalled and was never initialised");
  if (event.b == context.signalled) fail(event, fence + " signalled again; the first time was at " + before);
  fail(event, fence + " signalled after " + fence_text(event.a, context.signalled) + ", which signalled at " + before +
                  ": out of order, or for a second time");
}

}  // namespace gpusim::trace
