// SPDX-License-Identifier: MIT
#include "scheduler/jobqueue/counter_queue.h"

#include <fmt/core.h>

#include "os/host.h"
#include "scheduler/jobqueue/component.h"

namespace gpusim::sched::jq {

Kick::Kick(CounterQueue& of) : queue{of}, work{&CounterQueue::work, this, WorkKind::submit, of.spec_.id.value()} {}

CounterQueue::CounterQueue(Component& component, QueueSpec spec, SubmissionBackend& backend)
    : JobQueue{component, std::move(spec), backend}, spare_{*this} {}

// --- in --------------------------------------------------------------------------------------------------------------

Errno CounterQueue::admits(const JobSpec& spec) const {
  return spec.credits > spec_.capacity ? Errno::inval : Errno::ok;  // it would wait for ever
}

os::Task<> CounterQueue::push(os::Context& ctx, Job& job) {
  QueuedJob& self = queued(job);
  check_push(self);
  ctx.charge(component_.costs_.push);
  co_await ctx.step();
  co_await ctx.race_point("jobqueue.push");
  self.state_ = JobState::queued;
  component_.jobs_.get(self);  // the queue's reference
  trace_push(ctx, self, waiting_.size());
  // One too many until it stands in the list, so that no callback takes it for ready before.
  self.open_ = self.dependencies_.size() + 1;
  for (Dependency& dependency : self.dependencies_) {
    if (!dependency.fence->add_callback(ctx, dependency)) --self.open_;
  }
  {
    const os::SpinSection section{ctx, component_.queue_lock_, os::SpinKind::irq};
    waiting_.push_back(self);
    --self.open_;
  }
  // If others wait, what they wait for will kick.
  if (waiting_.front() != &self) co_return;
  if (credits_suffice(self)) {
    kick(ctx);
  } else if (!worker_active_) {
    head_ = look(ctx);  // no worker does; it tells the trace
  }
}

FenceRelay CounterQueue::dependency_signaled(os::Context& ctx, QueuedJob& job, Fence& fence) {
  component_.jobs_.touch(job, "jobqueue_dependency_callback");
  if (revoked_ || --job.open_ != 0) return {};
  if (head_ == Head::waits_for_dependency && waiting_.front() == &job) {
    head_ = Head::runnable;
    ctx.emit(trace::dependency_ready{
        .queue = spec_.id, .job = job.id(), .dependency_context = fence.context(), .dependency_seqno = fence.seqno()});
  }
  kick(ctx);
  return {};
}

void CounterQueue::kick(os::Context& ctx) {
  if (revoked_) return;
  {
    const os::SpinSection section{ctx, component_.queue_lock_, os::SpinKind::irq};
    if (worker_active_ || stops_ != 0) return;
    worker_active_ = true;
  }
  get();
  Kick* const fresh = ctx.allocation_fails("jobqueue_work_item") ? &spare_ : component_.kicks_.create(*this);
  component_.system_wq_.queue(ctx, fresh->work);
}

// --- the worker ------------------------------------------------------------------------------------------------------

os::Task<> CounterQueue::work(void* kick, os::Context& ctx) {
  auto* const self = static_cast<Kick*>(kick);
  CounterQueue& queue = self->queue;
  Component& component = queue.component_;
  const bool is_spare = self == &queue.spare_;
  co_await queue.worker(ctx);
  if (!is_spare) component.kicks_.put(*self);
  queue.put(ctx);
}

os::Task<> CounterQueue::worker(os::Context& ctx) {
  component_.counters_.touch(*this, "jobqueue_submit_work");
  ctx.begin_signalling();
  bool has_moved = false;
  for (;;) {
    while (QueuedJob* const job = done_.pop_front()) {
      has_moved = true;
      ctx.charge(component_.costs_.put);
      co_await ctx.step();
      free_job(ctx, *job);
    }
    if (!waiting_.empty()) ctx.charge(component_.costs_.worker_pass);
    co_await ctx.step();
    if (!done_.empty()) continue;
    // From this look on to the end of the section no other context runs, as under the queue's lock.
    head_ = look(ctx);
    if (head_ == Head::runnable) {
      ctx.charge(component_.costs_.dispatch);
      co_await ctx.step();
      co_await ctx.race_point("jobqueue.dispatch");
      has_moved = true;
      if (look(ctx) == Head::runnable) co_await run(ctx, *waiting_.front());
      continue;
    }
    if (head_ == Head::ends_unrun) {
      has_moved = true;
      co_await end_unrun(ctx);
      continue;
    }
    {
      const os::SpinSection section{ctx, component_.queue_lock_, os::SpinKind::irq};
      worker_active_ = false;
    }
    break;
  }
  ctx.host().counters().add_pass(has_moved);
  idle_.wake_all(ctx);
  co_await ctx.step();
  ctx.end_signalling();
  co_await ctx.race_point("jobqueue.worker_out");
}

bool CounterQueue::credits_suffice(const QueuedJob& job) const {
  return in_flight_ + job.credits() <= spec_.capacity;  // a cost of 0 always fits
}

const Dependency* CounterQueue::first_open(const QueuedJob& job) const {
  for (const Dependency& dependency : job.dependencies_) {
    if (dependency.is_registered()) return &dependency;
  }
  return nullptr;
}

// What the front needs; in the trace, what it begins to wait for.
CounterQueue::Head CounterQueue::look(os::Context& ctx) {
  QueuedJob* const job = waiting_.front();
  if (stops_ != 0) return Head::held;
  if (job == nullptr) return Head::none;
  component_.jobs_.touch(*job, "jobqueue_submit_work");
  if (job->open_ != 0) {
    if (const Dependency* const open = first_open(*job)) {
      ctx.emit(trace::drm_sched_job_unschedulable{.queue = spec_.id,
                                                  .job = job->id(),
                                                  .dependency_context = open->fence->context(),
                                                  .dependency_seqno = open->fence->seqno(),
                                                  .context = fence_context(),
                                                  .seqno = job->finished_->seqno()});
    }
    return Head::waits_for_dependency;
  }
  if (killed_ != Errno::ok) return running_.empty() ? Head::ends_unrun : Head::waits_for_running;
  if (refused_ && !running_.empty()) return Head::waits_for_running;
  if (credits_suffice(*job)) return backend_.may_run_job(ctx, *job) ? Head::runnable : Head::waits_for_token;
  ctx.emit(trace::credit_blocked{.queue = spec_.id,
                                 .job = job->id(),
                                 .credits = job->credits(),
                                 .in_flight = in_flight_,
                                 .limit = spec_.capacity});
  return Head::waits_for_credits;
}

void CounterQueue::room_again(os::Context& ctx) {
  if (head_ == Head::waits_for_token) kick(ctx);
}

os::Task<> CounterQueue::run(os::Context& ctx, QueuedJob& job) {
  {
    const os::SpinSection section{ctx, component_.queue_lock_, os::SpinKind::irq};
    waiting_.pop_front();
    running_.push_back(job);
    in_flight_ += job.credits();
    job.state_ = JobState::pending;
    head_ = Head::none;
    refused_ = false;
  }
  trace_run(ctx, job, waiting_.size());
  RunResult result = co_await backend_.run_job(ctx, job);
  co_await ctx.race_point("jobqueue.run_job_returned");
  if (!result.fence && result.error == Errno::again) {
    const os::SpinSection section{ctx, component_.queue_lock_, os::SpinKind::irq};
    running_.pop_back();
    waiting_.push_front(job);
    in_flight_ -= job.credits();
    job.state_ = JobState::queued;
    refused_ = true;
    co_return;
  }
  if (!result.fence) {
    co_await relaying(ctx, hardware_done(ctx, job, result.error));
    co_return;
  }
  job.parent_ = std::move(result.fence);
  if (!job.parent_->add_callback(ctx, job)) co_await relaying(ctx, hardware_done(ctx, job, job.parent_->error()));
}

os::Task<> CounterQueue::end_unrun(os::Context& ctx) {
  QueuedJob& job = *waiting_.pop_front();
  head_ = Head::none;
  job.result_ = killed_;
  trace_done(ctx, job);
  co_await job.finished_->signaling(ctx, job.result_);
  done_.push_back(job);
}

// --- out -------------------------------------------------------------------------------------------------------------

FenceRelay CounterQueue::hardware_done(os::Context& ctx, QueuedJob& job, Errno error) {
  component_.jobs_.touch(job, "jobqueue_hardware_callback");
  job.is_over_ = true;
  job.result_ = error;
  return complete_from_head(ctx);
}

// In order: a job without hardware, or ahead of its turn, waits for those before it.
FenceRelay CounterQueue::complete_from_head(os::Context& ctx) {
  if (revoked_ || running_.empty() || !running_.front()->is_over_) return {};
  QueuedJob& job = *running_.front();
  ctx.charge(component_.costs_.done);
  {
    const os::SpinSection section{ctx, component_.queue_lock_, os::SpinKind::irq};
    running_.pop_front();
    in_flight_ -= job.credits();
    refused_ = false;
  }
  const bool frees_head = head_ == Head::waits_for_credits && credits_suffice(*waiting_.front());
  ctx.emit(trace::credit_returned{
      .queue = spec_.id, .job = job.id(), .credits = job.credits(), .in_flight = in_flight_, .head_free = frees_head});
  if (frees_head) head_ = Head::runnable;
  trace_done(ctx, job);
  return {job.finished_, job.result_, this, &job};
}

FenceRelay CounterQueue::after_signal(os::Context& ctx, const FenceRelay& relay) {
  done_.push_back(*static_cast<QueuedJob*>(relay.job));
  kick(ctx);  // frees it, and runs what lacked credits
  return complete_from_head(ctx);
}

// --- stop, kill, the end ---------------------------------------------------------------------------------------------

os::Task<> CounterQueue::stop(os::Context& ctx) {
  ++stops_;
  ctx.emit(trace::queue_stop{.queue = spec_.id});
  co_await idle_.wait(ctx, {os::BlockedOn::Kind::work, "the submit work of a JobQueue", spec_.id.value(), 0},
                      [this] { return !worker_active_; });
}

os::Task<> CounterQueue::start(os::Context& ctx, Errno /*error*/) {
  if (stops_ == 0) violate("jobqueue_state", fmt::format("start() of queue {}, which is not stopped", spec_.name));
  --stops_;
  ctx.emit(trace::queue_start{.queue = spec_.id});
  if (!waiting_.empty() || !done_.empty()) kick(ctx);
  co_await ctx.step();
}

void CounterQueue::kill(os::Context& ctx, Errno error) {
  if (killed_ != Errno::ok) return;
  killed_ = error;
  ctx.emit(trace::queue_kill{.queue = spec_.id, .error = error});
  if (!waiting_.empty()) kick(ctx);
}

os::Task<> CounterQueue::shut_down(os::Context& ctx) {
  revoked_ = true;  // from here on callbacks find nothing; and there is none, since each job has a reference
  co_await component_.system_wq_.flush(ctx, spare_.work);
}

void CounterQueue::note_references(bool taken) {
  if (taken) {
    component_.counters_.note_taken(*this, queue_references());
  } else {
    component_.counters_.note_dropped(*this, queue_references());
  }
}
std::string CounterQueue::history() const { return component_.counters_.history(*this); }
void CounterQueue::free_self() { component_.counters_.put(*this); }

// --- stall report ----------------------------------------------------------------------------------------------------

std::string CounterQueue::describe_head() const {
  const QueuedJob* const job = running_.empty() ? waiting_.front() : running_.front();
  if (job == nullptr) return {};
  const std::string name = fmt::format("job {}", job->id().value());
  if (!running_.empty()) return name + " was handed to the device and has not completed";
  if (stops_ != 0) return name + " waits for the queue to be started";
  if (const Dependency* const open = first_open(*job))
    return fmt::format("{} waits for {}", name, open->fence->describe());
  if (head_ == Head::waits_for_credits) return name + " waits for credits";
  if (head_ == Head::waits_for_token) return name + " " + backend_.describe_wait();
  return name + " could run, and its worker was not woken";
}

const Fence* CounterQueue::head_dependency() const {
  const QueuedJob* const job = waiting_.front();
  const Dependency* const open = job == nullptr || !running_.empty() ? nullptr : first_open(*job);
  return open == nullptr ? nullptr : open->fence.get();
}

}  // namespace gpusim::sched::jq
