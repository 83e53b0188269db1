// SPDX-License-Identifier: MIT
#include "traces/oracles/fence_signalled_once.h"

#include <fmt/core.h>

#include "traces/event/handlers.h"

namespace gpusim::trace {

void FenceSignalledOnce::attach_to(Recorder& recorder) { attach_handlers(*this, recorder); }

void FenceSignalledOnce::on(const dma_fence_init& event) {
  Context& context = contexts_.find_or_insert(event.context + 1);
  if (event.seqno <= context.initialised) {
    fail(event.time, fmt::format("{} of {} was initialised after {}", fence_text(event.context, event.seqno),
                                 queue_text(event.queue), fence_text(event.context, context.initialised)));
  }
  context.initialised = event.seqno;
}

void FenceSignalledOnce::on(const syncobj_point& event) { contexts_.find_or_insert(event.context + 1).is_chain = true; }

void FenceSignalledOnce::on(const dma_fence_signaled& event) {
  Context& context = contexts_.find_or_insert(event.context + 1);
  if (context.is_chain && event.seqno < context.signalled) return;
  if (event.seqno > context.signalled && event.seqno <= context.initialised) {
    context.signalled = event.seqno;
    context.signalled_at = event.time;
    return;
  }
  const std::string fence = fence_text(event.context, event.seqno) + " of " + queue_text(event.queue);
  const std::string before = format_duration(context.signalled_at.time_since_epoch());
  if (event.seqno > context.initialised) fail(event.time, fmt::format("{} signalled and was never initialised", fence));
  if (event.seqno == context.signalled)
    fail(event.time, fmt::format("{} signalled again; the first time was at {}", fence, before));
  fail(event.time, fmt::format("{} signalled after {}, which signalled at {}: out of order, or for a second time",
                               fence, fence_text(event.context, context.signalled), before));
}

}  // namespace gpusim::trace
