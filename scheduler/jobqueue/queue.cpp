// SPDX-License-Identifier: MIT
#include "scheduler/jobqueue/queue.h"

#include <fmt/core.h>

#include "os/host.h"
#include "scheduler/jobqueue/component.h"

namespace gpusim::sched::jq {

JobQueue::JobQueue(Component& component, QueueSpec spec, SubmissionBackend& backend)
    : component_{component},
      spec_{std::move(spec)},
      backend_{backend},
      fence_context_{component.fences_.new_context()},
      teardown_work_{&Component::teardown_work, this, WorkKind::teardown, spec_.id.value()} {}

// --- up to the push --------------------------------------------------------------------------------------------------

Result<Job*> JobQueue::prepare(os::Context& ctx, const JobSpec& spec) {
  ctx.check_may_reclaim("Job::new(GFP_KERNEL)");
  if (const Errno error = admits(spec); error != Errno::ok) return error;
  if (ctx.allocation_fails("jobqueue_job_new")) return Errno::nomem;
  ctx.charge(component_.costs_.job_init);
  QueuedJob* const job = component_.jobs_.create(spec, *this);
  get();
  reserve(ctx, *job);
  return static_cast<Job*>(job);
}

Errno JobQueue::add_dependency(os::Context& ctx, Job& job, FenceRef fence) {
  QueuedJob& self = queued(job);
  component_.jobs_.touch(self, "jobqueue_add_dependency");
  if (self.state_ != JobState::init)
    violate("jobqueue_job", fmt::format("a dependency is added after arm() to job {}", self.describe()));
  if (!fence) return Errno::ok;
  ctx.charge(component_.costs_.add_dependency);
  ctx.check_may_reclaim("KVec::push(GFP_KERNEL)");
  if (ctx.allocation_fails("jobqueue_add_dependency")) return Errno::nomem;
  self.dependencies_.emplace_back(self, std::move(fence));
  return Errno::ok;
}

void JobQueue::arm(os::Context& ctx, Job& job) {
  QueuedJob& self = queued(job);
  component_.jobs_.touch(self, "jobqueue_arm");
  if (self.state_ != JobState::init)
    violate("jobqueue_job", fmt::format("arm() called twice on job {}", self.describe()));
  ctx.charge(component_.costs_.arm);
  self.state_ = JobState::armed;
  self.finished_ = component_.fences_.create(ctx, fence_context_, next_seqno_++, spec_.id.value(), self.id().value(),
                                             FenceLock::job);
}

FenceRef JobQueue::finished_fence(Job& job) {
  QueuedJob& self = queued(job);
  if (!self.finished_)
    violate("jobqueue_job", fmt::format("the done fence of job {} is not valid before arm()", self.describe()));
  return self.finished_;
}

void JobQueue::put_job(os::Context& ctx, Job& job) {
  QueuedJob& self = queued(job);
  component_.jobs_.touch(self, "jobqueue_put_job");
  if (self.state_ == JobState::armed)
    violate("jobqueue_job", fmt::format("job {} is armed and dropped: its fence would never signal", self.describe()));
  if (self.state_ == JobState::init) give_up(ctx, self);
  release_job(ctx, self);
}

void JobQueue::check_push(QueuedJob& job) const {
  component_.jobs_.touch(job, "jobqueue_push");
  if (job.state_ == JobState::armed) return;
  violate("jobqueue_job",
          fmt::format("push() {} on job {}", job.state_ == JobState::init ? "before arm()" : "twice", job.describe()));
}

void JobQueue::trace_push(os::Context& ctx, QueuedJob& job, std::uint32_t queued_before) {
  ctx.emit(trace::drm_sched_job_queue{.queue = spec_.id,
                                      .job = job.id(),
                                      .context = fence_context_,
                                      .seqno = job.finished_->seqno(),
                                      .queued = queued_before,
                                      .in_flight = in_flight_});
  for (const Dependency& dependency : job.dependencies_) {
    ctx.emit(trace::drm_sched_job_add_dep{.queue = spec_.id,
                                          .job = job.id(),
                                          .dependency_context = dependency.fence->context(),
                                          .dependency_seqno = dependency.fence->seqno(),
                                          .context = fence_context_,
                                          .seqno = job.finished_->seqno()});
  }
}

void JobQueue::trace_run(os::Context& ctx, QueuedJob& job, std::uint32_t left) {
  ctx.emit(trace::drm_sched_job_run{.queue = spec_.id,
                                    .job = job.id(),
                                    .context = fence_context_,
                                    .seqno = job.finished_->seqno(),
                                    .queued = left,
                                    .in_flight = in_flight_});
}

void JobQueue::trace_done(os::Context& ctx, QueuedJob& job) {
  job.state_ = JobState::done;
  ctx.emit(trace::drm_sched_job_done{.queue = spec_.id,
                                     .job = job.id(),
                                     .context = fence_context_,
                                     .seqno = job.finished_->seqno(),
                                     .error = job.result_});
}

// --- references ------------------------------------------------------------------------------------------------------

void JobQueue::free_job(os::Context& ctx, QueuedJob& job) {
  ctx.emit(trace::job_put{.queue = spec_.id, .job = job.id()});
  release_job(ctx, job);
}

void JobQueue::release_job(os::Context& ctx, QueuedJob& job) {
  component_.jobs_.touch(job, "jobqueue_job_drop");
  if (job.references() == 1) {
    if (ctx.kind() == os::ContextKind::hard_irq)
      violate("sleeping_in_atomic", fmt::format("BUG: job {} is freed in a hard IRQ", job.describe()));
    backend_.release_job(ctx, job);
    ctx.emit(trace::job_released{.queue = spec_.id, .job = job.id()});
  }
  if (component_.jobs_.put(job)) put(ctx);  // the job's reference on the queue
}

void JobQueue::get() {
  if (kref_ == 0) {
    violate("reference_counts",
            fmt::format("a reference is taken on queue {}, whose count is zero{}", spec_.name, history()));
  }
  ++kref_;
  note_references(true);
}

bool JobQueue::get_unless_zero() {
  if (kref_ == 0) return false;
  get();
  return true;
}

void JobQueue::put(os::Context& ctx) {
  if (kref_ == 0) {
    violate("reference_counts", fmt::format("a reference too many is dropped on queue {}{}", spec_.name, history()));
  }
  --kref_;
  note_references(false);
  if (kref_ != 0) return;
  ctx.emit(trace::queue_fini{.queue = spec_.id});
  component_.teardown_wq_.queue(ctx, teardown_work_);
}

os::Task<> JobQueue::close(os::Context& ctx) {
  put(ctx);  // from here on the queue may be gone at any step
  co_return;
}

}  // namespace gpusim::sched::jq
