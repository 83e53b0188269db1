// SPDX-License-Identifier: MIT
#include "scheduler/jobqueue/component.h"

#include "os/host.h"

namespace gpusim::sched::jq {

Component::Component(os::Host& host, FenceArena& fences, const Costs& costs)
    : host_{host},
      fences_{fences},
      costs_{costs},
      queue_lock_{host.lockdep().lock_class("jobqueue.lock")},
      inbox_lock_{host.lockdep().lock_class("jobqueue.inbox")},
      state_lock_{host.lockdep().lock_class("jobqueue.state")},
      system_wq_{host, os::kDefaultMaxActive},
      aux_wq_{host, os::kDefaultMaxActive},
      teardown_wq_{host, os::kDefaultMaxActive},
      jobs_{"job"},
      kicks_{"work item"},
      counters_{"queue"},
      pipelines_{"queue"} {
  host.names().works.assign(kWorkNames.begin(), kWorkNames.end());
}

JobQueue& Component::create_queue(QueueSpec spec, SubmissionBackend& backend) {
  if (spec.options.shape == Shape::counter) return *counters_.create(*this, std::move(spec), backend);
  return *pipelines_.create(*this, std::move(spec), backend);
}

void Component::quarantine(const ActorBoard& actors) {
  jobs_.quarantine(actors);
  kicks_.quarantine(actors);
  counters_.quarantine(actors);
  pipelines_.quarantine(actors);
}

void Component::check_released() const {
  jobs_.check_empty();
  kicks_.check_empty();
  counters_.check_empty();
  pipelines_.check_empty();
}

os::Task<> Component::teardown_work(void* queue, os::Context& ctx) {
  auto& self = *static_cast<JobQueue*>(queue);
  co_await self.backend_.queue_fini(ctx);
  co_await self.shut_down(ctx);
  self.free_self();
}

}  // namespace gpusim::sched::jq
