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
  if (host_.spec().work_dispatch == WorkDispatch::pool) return activate(work);
  if (is_serial()) {
    inactive_.push_back(&work);
    if (active_ == 0 && !hop_runs_) begin_hop(nullptr);
  } else {
    ++not_due_;
    begin_hop(&work);
  }
}

void Workqueue::activate(Work& work) {
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
    if (is_serial()) return begin_hop(nullptr);
    Work& next = *inactive_.front();
    inactive_.erase(inactive_.begin());
    ++active_;
    host_.workers().add(next, wake);
  } else if (is_idle()) {
    idle_.wake_all_from_nowhere();
  }
}

// --- other dispatch than pool ----------------------------------------------------------------------------------------

bool Workqueue::is_serial() const { return host_.spec().work_dispatch == WorkDispatch::serial && max_active_ == 1; }

/// A worker wakes: for `work`, or for whatever then is the first of an ordered queue.
void Workqueue::begin_hop(Work* work) {
  const Cost& hop = host_.spec().worker_wake;
  host_.ledger().charge(hop);
  Timeline& timeline = host_.timeline();
  const SimTime due = host_.now() + hop.value;
  if (work == nullptr) {
    hop_runs_ = true;
    timeline.schedule<&Workqueue::on_hop_end>(due, Phase::cpu, host_.component(), this);
  } else {
    work->due_ = timeline.schedule<&Work::on_due>(due, Phase::cpu, host_.component(), work);
  }
}

void Work::on_due() { workqueue_->on_due(*this); }

void Workqueue::on_due(Work& work) {
  --not_due_;
  activate(work);
}

void Workqueue::on_hop_end() {
  hop_runs_ = false;
  if (inactive_.empty()) return;
  Work& work = *inactive_.front();
  inactive_.erase(inactive_.begin());
  activate(work);
}

bool Workqueue::cancel(Work& work) {
  if (!work.queued_) return false;
  work.queued_ = false;
  if (host_.timeline().cancel(work.due_)) {
    --not_due_;
    if (is_idle()) idle_.wake_all_from_nowhere();
  } else if (std::erase(inactive_, &work) == 0) {
    host_.workers().remove(work);
    activate_next(true);
  }
  host_.workers().ended_.wake_all_from_nowhere();  // who flushes it need not wait any longer
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
  Thread* thread = nullptr;
  if (idle_.empty()) {
    thread = &make_worker();
  } else {
    thread = idle_.back();
    idle_.pop_back();
  }
  host_.spec().work_dispatch == WorkDispatch::pool ? thread->wake() : thread->wake_now();
}

Thread& WorkerPool::make_worker() {
  const HostSpec& spec = host_.spec();
  return host_.spawn_asleep("kworker/u:" + std::to_string(made_++), ContextKind::worker, spec.worker_class,
                            spec.work_dispatch == WorkDispatch::pool ? spec.worker_wake : spec.task_wake,
                            [this](Context& ctx) { return worker(ctx); });
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
