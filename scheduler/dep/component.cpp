// SPDX-License-Identifier: MIT
#include "scheduler/dep/component.h"

#include "os/host.h"

namespace gpusim::sched::dep {
namespace {
constexpr std::uint32_t kTeardownsAtOnce = 256;  // as the kernel's default max_active
}

Component::Component(os::Host& host, FenceArena& fences, const Costs& costs)
    : host_{host},
      fences_{fences},
      costs_{costs},
      pending_lock_{host.lockdep().lock_class("drm_dep_queue.pending_lock")},
      jobs_{"job"},
      queues_{"queue"},
      teardown_wq_{host, kTeardownsAtOnce} {
  host.names().works = {"drm_dep_submit", "drm_dep_put_job", "drm_dep_teardown"};
}

Queue& Component::create_queue(QueueSpec spec, SubmissionBackend& backend) {
  return *queues_.create(*this, std::move(spec), backend);
}

void Component::check_released() const {
  jobs_.check_empty();
  queues_.check_empty();
}

os::Task<> Component::teardown_work(void* queue, os::Context& ctx) {
  auto& self = *static_cast<Queue*>(queue);
  Component& component = self.component_;
  co_await self.backend_.queue_fini(ctx);
  co_await self.submit_wq_.flush(ctx);  // the worker that dropped the last reference may not be out of it yet
  component.queues_.put(self);
}

}  // namespace gpusim::sched::dep
