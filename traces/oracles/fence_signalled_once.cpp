// SPDX-License-Identifier: MIT
#include "traces/oracles/fence_signalled_once.h"

#include "traces/event/handlers.h"

namespace gpusim::trace {

void FenceSignalledOnce::attach_to(Recorder& recorder) { attach_handlers(*this, recorder); }

void FenceSignalledOnce::on(const dma_fence_init& event) {
  Context& context = contexts_.find_or_insert(event.context + 1);
  if (event.seqno <= context.initialised) {
    fail(event.time, fence_text(event.context, event.seqno) + " of " + queue_text(event.queue) +
                         " was initialised after " + fence_text(event.context, context.initialised));
  }
  context.initialised = event.seqno;
}

void FenceSignalledOnce::on(const dma_fence_signaled& event) {
  Context& context = contexts_.find_or_insert(event.context + 1);
  if (event.seqno > context.signalled && event.seqno <= context.initialised) {
    context.signalled = event.seqno;
    context.signalled_at = event.time;
    return;
  }
  const std::string fence = fence_text(event.context, event.seqno) + " of " + queue_text(event.queue);
  const std::string before = format_duration(context.signalled_at.time_since_epoch());
  if (event.seqno > context.initialised) fail(event.time, fence + " signalled and was never initialised");
  if (event.seqno == context.signalled) fail(event.time, fence + " signalled again; the first time was at " + before);
  fail(event.time, fence + " signalled after " + fence_text(event.context, context.signalled) +
                       ", which signalled at " + before + ": out of order, or for a second time");
}

}  // namespace gpusim::trace
