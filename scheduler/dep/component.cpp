// SPDX-License-Identifier: MIT
#include "scheduler/dep/component.h"

#include "os/host.h"

namespace gpusim::sched::dep {

Component::Component(os::Host& host, FenceArena& fences, const Costs& costs)
    : host_{host},
      fences_{fences},
      costs_{costs},
      queue_lock_{host.lockdep().lock_class("drm_dep_queue.lock")},
      pending_lock_{host.lockdep().lock_class("drm_dep_queue.pending_lock")},
      jobs_{"job"},
      queues_{"queue"},
      teardown_wq_{host, os::kDefaultMaxActive},
      ordered_teardown_wq_{host, 1} {
  host.names().works.assign(kWorkNames.begin(), kWorkNames.end());
}

Queue& Component::create_queue(QueueSpec spec, SubmissionBackend& backend) {
  ++device_references_;
  return *queues_.create(*this, std::move(spec), backend);
}

void Component::put_device() {
  if (device_references_ <= queues_.live()) {
    violate("device_reference",
            "a queue's reference on its device is dropped while the queue lives: the driver could "
            "be unloaded under it");
  }
  --device_references_;
}

void Component::check_released() const {
  jobs_.check_empty();
  queues_.check_empty();
}

}  // namespace gpusim::sched::dep
