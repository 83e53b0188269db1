// SPDX-License-Identifier: MIT
#include "os/workqueue.h"

#include <algorithm>
#include <string>

#include "os/host.h"

namespace gpusim::os {

using trace::EventKind;

bool Workqueue::queue(Context& ctx, Work& work) {
  ctx.charge(host_.spec().queue_work);
  if (work.queued_) return false;
  work.queued_ = true;
  work.workqueue_ = this;
  ctx.emit({.kind = EventKind::workqueue_queue_work, .queue = work.queue_, .a = work.kind_});
  if (active_ < max_active_) {
    ++active_;
    host_.workers().add(work, true);
  } else {
    inactive_.push_back(&work);
  }
  return true;
}

void Workqueue::on_work_done() {
  --active_;
  if (!inactive_.empty()) {
    Work& next = *inactive_.front();
    inactive_.erase(inactive_.begin());
    ++active_;
    host_.workers().add(next, false);  // the worker that calls this looks at the list next
  } else if (active_ == 0) {
    idle_.wake_all_from_nowhere();
  }
}

Task<> Workqueue::flush(Context& ctx) {
  co_await idle_.wait(ctx, {BlockedOn::Kind::work, "flush_workqueue", 0, 0}, [this] { return is_idle(); });
}

void WorkerPool::add(Work& work, bool wake) {
  worklist_.push_back(&work);
  if (!wake) return;
  if (!idle_.empty()) {
    Thread* thread = idle_.back();
    idle_.pop_back();
    thread->wake();
    return;
  }
  host_.spawn("kworker/u:" + std::to_string(made_++), ContextKind::worker, host_.spec().worker_class,
              host_.spec().worker_wake, [this](Context& ctx) { return worker(ctx); });
}

bool WorkerPool::is_running(const Work& work) const {
  return std::find(running_.begin(), running_.end(), &work) != running_.end();
}

void WorkerPool::release_deferred(const Work* work) {
  std::erase_if(deferred_, [&](Work* deferred) {
    if (deferred != work) return false;
    worklist_.push_front(deferred);
    return true;
  });
}

Task<> WorkerPool::worker(Context& ctx) {
  Thread& self = thread_of(ctx, "kworker");
  for (;;) {
    while (!worklist_.empty()) {
      Work& work = *worklist_.pop_front();
      Workqueue& workqueue = *work.workqueue_;
      const std::uint32_t queue = work.queue_;
      const std::uint8_t kind = work.kind_;
      if (is_running(work)) {
        deferred_.push_back(&work);
        continue;
      }
      work.queued_ = false;
      const Work* const running = &work;
      running_.push_back(running);
      ctx.emit({.kind = EventKind::workqueue_execute_start, .queue = queue, .a = kind});
      co_await work.function_(work.self_, ctx);
      co_await ctx.step();
      ctx.emit({.kind = EventKind::workqueue_execute_end, .queue = queue, .a = kind});
      std::erase(running_, running);
      release_deferred(running);
      workqueue.on_work_done();
    }
    idle_.push_back(&self);
    co_await self.blocked({});
  }
}

}  // namespace gpusim::os
