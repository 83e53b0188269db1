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
  ctx.emit({.kind = EventKind::workqueue_queue_work, .queue = work.queue_, .a = work.kind_});
  enqueue(work);
  return true;
}

bool Workqueue::queue_from_nowhere(Work& work) {
  if (work.queued_) return false;
  host_.recorder().emit({.kind = EventKind::workqueue_queue_work, .queue = work.queue_, .a = work.kind_});
  enqueue(work);
  return true;
}

void Workqueue::enqueue(Work& work) {
  work.queued_ = true;
  work.workqueue_ = this;
  if (active_ < max_active_) {
    ++active_;
    host_.workers().add(work, true);
  } else {
    inactive_.push_back(&work);
  }
}

// One item of this queue has ended, or was taken off. `wake`: no worker is about to look at the list anyway.
void Workqueue::activate_next(bool wake) {
  --active_;
  if (!inactive_.empty()) {
    Work& next = *inactive_.front();
    inactive_.erase(inactive_.begin());
    ++active_;
    host_.workers().add(next, wake);
  } else if (active_ == 0) {
    idle_.wake_all_from_nowhere();
  }
}

bool Workqueue::cancel(Work& work) {
  if (!work.queued_) return false;
  work.queued_ = false;
  if (std::erase(inactive_, &work) == 0) {
    host_.workers().remove(work);
    activate_next(true);
  }
  return true;
}

Task<bool> Workqueue::cancel_sync(Context& ctx, Work& work) {
  ctx.check_may_sleep("cancel_work_sync");
  const bool was_queued = cancel(work);
  co_await flush(ctx, work);
  co_return was_queued;
}

Task<> Workqueue::flush(Context& ctx, Work& work) {
  WorkerPool& pool = host_.workers();
  co_await pool.ended_.wait(ctx, {BlockedOn::Kind::work, "flush_work", 0, 0},
                            [&] { return !work.queued_ && !pool.is_running(work); });
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

bool WorkerPool::remove(Work& work) {
  if (std::erase(deferred_, &work) != 0) return true;
  return worklist_.remove(&work);
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
      ended_.wake_all_from_nowhere();
      workqueue.activate_next(false);
    }
    idle_.push_back(&self);
    co_await self.blocked({});
  }
}

}  // namespace gpusim::os
