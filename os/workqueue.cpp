// SPDX-License-Identifier: MIT
#include "os/workqueue.h"

#include <algorithm>
#include <string>

#include <fmt/core.h>

#include "os/dispatch_model.h"
#include "os/host.h"

namespace gpusim::os {

Workqueue::Workqueue(Host& host, std::uint32_t max_active)
    : host_{host}, pool_{host.workers().unbound}, max_active_{max_active} {}

Workqueue::Workqueue(Host& host, ForSubmission queue)
    : host_{host},
      pool_{host.workers().of_submission(queue.priority)},
      // One queue's items are never so many, so that the limit is not shared makes no difference.
      max_active_{host.spec().submit_workers == SubmitWorkers::shared ? kDefaultMaxActive : 1} {}

bool Work::is_running() const { return workqueue_ != nullptr && workqueue_->pool_.is_running(*this); }

bool Workqueue::queue(Context& ctx, Work& work) {
  ctx.charge(host_.spec().queue_work);
  if (work.queued_) return false;
  ctx.emit(trace::workqueue_queue_work{.queue = QueueId{work.queue_}, .work = work.kind_});
  enqueue(work);
  return true;
}

bool Workqueue::queue_uncharged(Work& work) {
  if (work.queued_) return false;
  host_.recorder().emit(trace::workqueue_queue_work{.queue = QueueId{work.queue_}, .work = work.kind_});
  enqueue(work);
  return true;
}

void Workqueue::enqueue(Work& work) {
  work.queued_ = true;
  work.workqueue_ = this;
  host_.dispatch().queue(*this, work);
}

// --- turns -----------------------------------------------------------------------------------------------------------

void Workqueue::activate(Work& work) {
  if (active_ == max_active_) return line_up(work);
  ++active_;
  pool_.add(work, true);
}

void Workqueue::activate_first(bool wake) {
  if (line_.empty()) return;
  ++active_;
  pool_.add(*line_.pop_front(), wake);
}

void Workqueue::give_turn_back(bool wake) {
  --active_;
  if (!line_.empty()) {
    host_.dispatch().pass_turn_on(*this, wake);
  } else if (is_idle()) {
    idle_.wake_all_uncharged();
  }
}

void Workqueue::set_out(Work& work, Timeline::Handle arrival) {
  ++on_the_way_;
  work.arrival_ = arrival;
}

void Work::arrive() { workqueue_->on_arrival(*this); }

void Workqueue::on_arrival(Work& work) {
  --on_the_way_;
  activate(work);
}

// --- cancelling and flushing -----------------------------------------------------------------------------------------

bool Workqueue::cancel(Work& work) {
  if (!work.queued_) return false;
  work.queued_ = false;
  if (host_.timeline().cancel(work.arrival_)) {
    --on_the_way_;
    if (is_idle()) idle_.wake_all_uncharged();
  } else if (!line_.remove(&work)) {
    pool_.remove(work);
    give_turn_back(true);
  }
  pool_.ended_.wake_all_uncharged();  // a flush of it need not wait any longer
  return true;
}

Task<bool> Workqueue::cancel_sync(Context& ctx, Work& work) {
  ctx.check_may_sleep("cancel_work_sync");
  const bool was_queued = cancel(work);
  co_await flush(ctx, work);
  co_return was_queued;
}

Task<> Workqueue::flush(Context& ctx, Work& work) {
  WorkerPool& pool = pool_;
  co_await pool.ended_.wait(ctx, {BlockedOn::Kind::work, "flush_work", 0, 0},
                            [&] { return !work.queued_ && !pool.is_running(work); });
}

Task<> Workqueue::flush(Context& ctx) {
  co_await idle_.wait(ctx, {BlockedOn::Kind::work, "flush_workqueue", 0, 0}, [this] { return is_idle(); });
}

// --- the workers -----------------------------------------------------------------------------------------------------

void WorkerPool::add(Work& work, bool wake) {
  worklist_.push_back(&work);
  if (!wake) return;
  Thread* thread = nullptr;
  if (idle_.empty()) {
    if (spec_.is_single && made_ != 0) return;  // it is at work or on its way, and looks for the next item
    thread = &make_worker();
  } else {
    thread = idle_.back();
    idle_.pop_back();
  }
  host_.dispatch().wake_worker(*thread);
}

Thread& WorkerPool::make_worker() {
  std::string name = spec_.name;
  if (!spec_.is_single) name += std::to_string(made_) + spec_.suffix;
  ++made_;
  Thread& thread = host_.spawn_asleep(std::move(name), ContextKind::worker, spec_.sched_class,
                                      host_.dispatch().worker_latency(), [this](Context& ctx) { return worker(ctx); });
  thread.set_weight(spec_.weight);
  return thread;
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
      ctx.emit(trace::workqueue_execute_start{.queue = QueueId{queue}, .work = kind});
      co_await work.function_(work.self_, ctx);
      co_await ctx.step();
      ctx.emit(trace::workqueue_execute_end{.queue = QueueId{queue}, .work = kind});
      std::erase(running_, running);
      release_deferred(running);
      ended_.wake_all_uncharged();
      workqueue.give_turn_back(false);
    }
    idle_.push_back(&self);
    co_await self.blocked({});
  }
}

// --- the pools -------------------------------------------------------------------------------------------------------

Workers::Workers(Host& host)
    : unbound{host, {"kworker/u:", "", host.spec().worker_class, kNice0Weight, false}},
      highpri{host, {"kworker/u:", "H", host.spec().worker_class, kNiceMinus20Weight, false}},
      host_{host} {}

WorkerPool& Workers::make_kthread(std::string name) {
  kthreads_.push_back(std::make_unique<WorkerPool>(
      host_, WorkerPool::Spec{std::move(name), "", host_.spec().kthread_class, kNice0Weight, true}));
  return *kthreads_.back();
}

WorkerPool& Workers::of_submission(std::uint32_t priority) {
  switch (host_.spec().submit_workers) {
    case SubmitWorkers::unbound:
    case SubmitWorkers::shared:
      break;
    case SubmitWorkers::highpri:
      return highpri;
    case SubmitWorkers::kthread:
      return make_kthread(fmt::format("submit/{}", kthreads_.size()));
    case SubmitWorkers::kthread_per_priority:
      if (priority >= by_priority_.size()) by_priority_.resize(priority + 1);
      if (by_priority_[priority] == nullptr)
        by_priority_[priority] = &make_kthread(fmt::format("submit/p{}", priority));
      return *by_priority_[priority];
  }
  return unbound;
}

}  // namespace gpusim::os
