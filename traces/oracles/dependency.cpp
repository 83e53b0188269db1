// SPDX-License-Identifier: MIT
#include "traces/oracles/dependency.h"

#include <algorithm>

#include "base/grown.h"

namespace gpusim::trace {

EventSet Dependency::kinds() const {
  using K = EventKind;
  return events(
      {K::dma_fence_init, K::drm_sched_job_add_dep, K::exec_end, K::job_start, K::job_end, K::dma_fence_signaled});
}

void Dependency::on_queue_domain(std::uint32_t queue, std::uint32_t domain) { grown(domains_, queue) = domain; }

void Dependency::on_event(const Event& event) {
  switch (event.kind) {
    case EventKind::dma_fence_init:
      if (event.job == 0) return;
      contexts_.find_or_insert(event.a + 1).queue = event.queue;
      jobs_.find_or_insert(event.job).finished = {event.a, event.b};
      return;
    case EventKind::drm_sched_job_add_dep:
      jobs_.find_or_insert(event.job).dependencies.push_back({event.a, event.b});
      return;
    case EventKind::exec_end:
      if (event.b != 0) jobs_.erase(event.job);
      return;
    case EventKind::job_start:
      return check(event, "began to execute");
    case EventKind::job_end:
      if (const Job* job = jobs_.find(event.job)) {
        Context& context = contexts_.find_or_insert(job->finished.context + 1);
        context.ended = std::max(context.ended, job->finished.seqno);
      }
      return;
    case EventKind::dma_fence_signaled: {
      if (event.c != 0 && !early_kills_) check(event, "ended unsuccessfully");
      Context& context = contexts_.find_or_insert(event.a + 1);
      context.signalled = std::max(context.signalled, event.b);
      jobs_.erase(event.job);
      return;
    }
    default:
      return;
  }
}

void Dependency::check(const Event& event, const char* what) {
  const Job* job = jobs_.find(event.job);
  if (job == nullptr) return;
  for (const Fence& fence : job->dependencies) {
    const Context* context = contexts_.find(fence.context + 1);
    if (context != nullptr) {
      if (fence.seqno <= context->signalled) continue;
      const bool work_suffices = context->queue != 0 && (device_waits_ || same_domain(context->queue, event.queue));
      if (work_suffices && fence.seqno <= context->ended) continue;
    }
    std::string text = job_text(event.job) + " of " + queue_text(event.queue) + " " + what + " before " +
                       fence_text(fence.context, fence.seqno);
    if (context != nullptr && context->queue != 0) text += " of " + queue_text(context->queue);
    fail(event, text + ", on which it depends, had signalled");
  }
}

bool Dependency::same_domain(std::uint32_t a, std::uint32_t b) const {
  if (a == b) return true;
  return a < domains_.size() && b < domains_.size() && domains_[a] != 0 && domains_[a] == domains_[b];
}

}  // namespace gpusim::trace
