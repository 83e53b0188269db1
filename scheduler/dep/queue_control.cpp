// SPDX-License-Identifier: MIT
// Timeouts of a queue, stop and start, kill, and its end.
#include <fmt/core.h>

#include "os/host.h"
#include "scheduler/dep/component.h"
#include "scheduler/dep/queue.h"

namespace gpusim::sched::dep {

// --- timeouts --------------------------------------------------------------------------------------------------------

// A trigger survives a new head, a job that starts, and a stop. The driver is asked about each head of a killed queue
// once, when it has been handed over.
bool Queue::is_due(const DepJob& head) const {
  return triggered_ || (killed_ != Errno::ok && head.parent_ && !head.asked_);
}

// The head of the pending list has changed, or gets its time anew.
void Queue::watch_head(os::Context& ctx) {
  if (pending_.empty()) triggered_ = false;  // the trigger was for the previous head
  if (stops_ != 0 || gone_) return;
  if (!pending_.empty() && is_due(*pending_.front())) {
    timeout_work_.modify(ctx, Picoseconds{0});
  } else if (spec_.timeout.count() == 0) {
    return;
  } else if (pending_.empty()) {
    timeout_work_.cancel(ctx);
  } else {
    timeout_work_.modify(ctx, spec_.timeout);
  }
}

void Queue::trigger_timeout(os::Context& ctx) {
  triggered_ = !pending_.empty();
  if (stops_ == 0) timeout_work_.modify(ctx, Picoseconds{0});
}

os::Task<> Queue::timeout_worker(os::Context& ctx) {
  component_.queues_.touch(*this, "drm_dep_queue_timeout_work");
  if (!get_unless_zero()) co_return;
  DepJob* const job = pending_.front();
  if (job != nullptr && stops_ == 0) {
    triggered_ = false;
    job->asked_ = killed_ != Errno::ok && job->parent_;
    component_.jobs_.get(*job);  // it stays on the list, so it may be completed meanwhile
    ctx.begin_signalling();
    ctx.emit(trace::job_timedout{.queue = spec_.id, .job = job->id(), .hardware_done = job->hardware_done_});
    const TimeoutVerdict verdict = co_await backend_.timedout_job(ctx, *job);
    co_await ctx.step();
    co_await ctx.race_point("drm_dep.verdict");
    ctx.end_signalling();
    ctx.emit(trace::timeout_verdict{.queue = spec_.id, .job = job->id(), .verdict = verdict});
    release_job(ctx, *job);
    if (verdict == TimeoutVerdict::enodev) {
      gone_ = true;
      kill(ctx, Errno::nodev);
    } else if (!timeout_work_.is_pending()) {
      watch_head(ctx);
    }
  }
  put(ctx);
}

// --- stop, start, kill -----------------------------------------------------------------------------------------------

os::Task<> Queue::stop(os::Context& ctx) {
  ++stops_;
  ctx.emit(trace::queue_stop{.queue = spec_.id});
  // Not synchronously: the caller may be the timeout worker, or hold what that waits for. The worker checks stops_.
  timeout_work_.cancel(ctx);
  co_await submit_wq_.cancel_sync(ctx, submit_work_);
  co_await dispatch_idle_.wait(ctx, {os::BlockedOn::Kind::work, "a bypass under way", spec_.id.value(), 0},
                               [this] { return !dispatching_; });
}

os::Task<> Queue::start(os::Context& ctx, Errno /*error*/) {
  if (stops_ == 0) violate("dep_queue_state", fmt::format("start() of queue {}, which is not stopped", spec_.name));
  --stops_;
  ctx.emit(trace::queue_start{.queue = spec_.id});
  if (stops_ == 0) {
    watch_head(ctx);
    if (!queued_.empty()) kick(ctx);
  }
  co_await ctx.step();
}

void Queue::kill(os::Context& ctx, Errno error) {
  if (killed_ != Errno::ok) return;
  killed_ = error;
  ctx.emit(trace::queue_kill{.queue = spec_.id, .error = error});
  if (!queued_.empty()) kick(ctx);
  if (!pending_.empty() && !gone_) trigger_timeout(ctx);
}

// --- the end ---------------------------------------------------------------------------------------------------------

os::Task<> Queue::close(os::Context& ctx) {
  bool destroyed = false;
  const bool waits = spec_.policy.teardown == Teardown::sync;
  Component& component = component_;
  const std::uint32_t id = spec_.id.value();
  if (waits) destroyed_ = &destroyed;
  put(ctx);  // from here on the queue may be gone at any step
  if (!waits) co_return;
  co_await component.destroyed_.wait(ctx, {os::BlockedOn::Kind::work, "a queue's teardown", id, 0},
                                     [&destroyed] { return destroyed; });
}

void Component::tear_down(os::Context& ctx, Queue& queue) {
  const bool is_ordered = queue.spec_.policy.teardown == Teardown::ordered;
  (is_ordered ? ordered_teardown_wq_ : teardown_wq_).queue(ctx, queue.teardown_work_);
}

os::Task<> Component::teardown_work(void* queue, os::Context& ctx) {
  auto& self = *static_cast<Queue*>(queue);
  Component& component = self.component_;
  co_await self.backend_.queue_fini(ctx);
  // The worker that dropped the last reference may not be out of it yet; one that begins now finds a zombie.
  co_await self.timeout_work_.cancel_sync(ctx);
  co_await self.submit_wq_.flush(ctx);
  co_await self.timeout_wq_.flush(ctx);
  if (self.submit_work_.is_running() || !self.submit_wq_.is_idle())
    violate("workqueue_destroyed_busy",
            fmt::format("queue {} is freed while its submit workqueue is busy", self.describe()));
  bool* const destroyed = self.destroyed_;
  component.queues_.put(self);
  component.put_device();
  if (destroyed != nullptr) {
    *destroyed = true;
    component.destroyed_.wake_all(ctx);
  }
}

}  // namespace gpusim::sched::dep
