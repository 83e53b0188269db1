// SPDX-License-Identifier: MIT
// The ioctls. Each charges entry and exit of the system call and what it does in between.
#include <algorithm>
#include <array>
#include <bit>
#include <optional>

#include "host_driver/driver.h"

namespace gpusim::drv {

using trace::EventKind;

os::Task<Result<QueueId>> Driver::create_queue(os::Context& ctx, const QueueParams& params) {
  enter(ctx);
  ctx.charge(spec_.create_queue);
  co_await wait_for_probe(ctx);
  if (gone_) co_return co_await fail(ctx, Errno::nodev);
  if (!valid_mask(params.engine_mask) || params.priority >= abi::kPriorityLevels) {
    co_return co_await fail(ctx, Errno::inval);
  }
  const std::optional<std::uint32_t> firmware_id = ids_.take();
  if (!firmware_id) co_return co_await fail(ctx, Errno::nospc);

  const QueueId id{static_cast<std::uint32_t>(queues_.size())};
  const auto first_engine = static_cast<std::size_t>(std::countr_zero(params.engine_mask));
  const std::uint32_t vector = abi::completion_vector(descriptor_.engines[first_engine].engine_class);
  queues_.push_back(std::make_unique<ExecQueue>(*this, id, *firmware_id, params, vector));
  ++live_queues_;
  ExecQueue& queue = *queues_.back();
  if (by_firmware_id_.size() <= *firmware_id) by_firmware_id_.resize(*firmware_id + std::size_t{1});
  by_firmware_id_[*firmware_id] = &queue;
  host_.names().queues.push_back({params.name, params.client.value(), params.engine_mask});
  queue.submission_ = &factory_.create_queue(id, params, credit_limit(), queue);
  ctx.emit({.kind = EventKind::queue_create,
            .queue = id.value(),
            .a = params.client.value(),
            .b = params.engine_mask,
            .c = params.priority});

  // No wait for the firmware: messages and doorbells reach it in order. A channel that is down comes up with a reset,
  // which registers all queues.
  if (channel_->is_up()) (void)co_await queue.register_with_firmware(ctx);
  leave(ctx);
  co_await ctx.step();
  co_return id;
}

os::Task<Errno> Driver::fail(os::Context& ctx, Errno error) const {
  leave(ctx);
  co_await ctx.step();
  co_return error;
}

os::Task<> Driver::set_priority(os::Context& ctx, QueueId queue, std::uint32_t priority) {
  enter(ctx);
  if (ExecQueue* found = find(queue); found != nullptr && priority < abi::kPriorityLevels) {
    found->params_.priority = priority;  // what a device reset registers it with
    const std::array<std::uint32_t, 3> words{abi::message_header(abi::Action::set_priority, 3), found->firmware_id(),
                                             priority};
    (void)co_await channel_->send(ctx, queue, words);
  }
  leave(ctx);
  co_await ctx.step();
}

void Driver::add_dependencies(os::Context& ctx, ExecQueue& queue, sched::Job& job, const ExecArgs& args) {
  std::vector<sched::FenceRef> fences(args.in_fences.begin(), args.in_fences.end());
  for (const BufferUse& use : args.buffers) buffers_[use.buffer.value()]->reservation.collect(use.write, fences);
  for (sched::FenceRef& fence : fences) {
    // One that has failed already may still be passed on (scheduler.propagate_dependency_errors).
    if (fence->is_signaled() && fence->error() == Errno::ok) continue;
    queue.submission_->add_dependency(ctx, job, std::move(fence));
  }
}

os::Task<> Driver::lock_for_exec(os::Context& ctx, os::Mutex& lock, QueueId queue, JobId job) {
  const bool waits = lock.is_locked();
  if (waits) ctx.emit({.kind = EventKind::exec_lock_wait, .queue = queue.value(), .job = job.value()});
  co_await lock.lock(ctx);
  if (waits) ctx.emit({.kind = EventKind::exec_lock_acquired, .queue = queue.value(), .job = job.value()});
}

os::Task<Result<ExecResult>> Driver::exec(os::Context& ctx, const ExecArgs& args) {
  ExecQueue* queue = find(args.queue);
  if (queue == nullptr) co_return Errno::inval;
  ++queue->users_;  // another thread may close it while this one sleeps
  const std::uint64_t client = queue->params_.client.value();
  const JobId id{next_job_++};
  ctx.emit({.kind = EventKind::exec_begin,
            .queue = args.queue.value(),
            .job = id.value(),
            .a = client,
            .b = args.credits,
            .c = args.work_ps});
  enter(ctx);
  ctx.charge(spec_.exec);
  co_await ctx.step();

  // All reservations, in one order for everybody (the kernel's ww-mutexes back off instead), then the queue.
  std::vector<std::uint32_t> buffers;
  for (const BufferUse& use : args.buffers) buffers.push_back(use.buffer.value());
  std::sort(buffers.begin(), buffers.end());
  buffers.erase(std::unique(buffers.begin(), buffers.end()), buffers.end());
  for (const std::uint32_t buffer : buffers) co_await lock_for_exec(ctx, buffers_[buffer]->lock, args.queue, id);
  co_await lock_for_exec(ctx, queue->lock_, args.queue, id);

  ExecResult result;
  result.job = id;
  Errno error = queue->exec_error();
  queue->committing_ = true;
  const std::uint32_t record = error == Errno::ok ? allocate_job_record(args) : 0;
  const Result<sched::Job*> prepared =
      error == Errno::ok ? queue->submission_->prepare(ctx, {id, args.credits, record}) : Result<sched::Job*>{error};
  if (error == Errno::ok && !prepared.ok()) {
    error = prepared.error();
    free_job_record(record);
  }
  if (error == Errno::ok) {
    sched::Job& job = *prepared.value();
    if (args.want_started) {
      result.started = fences_.create(ctx, fences_.new_context(), 1, args.queue.value(), 0);
      jobs_[record].started = result.started;
    }
    result.stop_address = jobs_[record].stop_address;
    add_dependencies(ctx, *queue, job, args);
    co_await ctx.step();
    // From here to the unlock nothing can fail or sleep.
    result.finished = co_await queue->submission_->commit(ctx, job);
    for (const BufferUse& use : args.buffers) buffers_[use.buffer.value()]->reservation.add(result.finished, use.write);
    queue->submission_->put_job(ctx, job);
  }
  queue->end_commit(ctx);
  queue->lock_.unlock(ctx);
  for (const std::uint32_t buffer : buffers) buffers_[buffer]->lock.unlock(ctx);
  co_await put_user(ctx, *queue);
  leave(ctx);
  co_await ctx.step();
  ctx.emit({.kind = EventKind::exec_end,
            .queue = args.queue.value(),
            .job = id.value(),
            .a = client,
            .b = static_cast<std::uint64_t>(error)});
  if (error != Errno::ok) co_return error;
  co_return result;
}

os::Task<Errno> Driver::wait(os::Context& ctx, const SyncFile& fence) {
  enter(ctx);
  const Errno error = co_await sched::wait(ctx, fence);
  leave(ctx);
  co_await ctx.step();
  co_return error;
}

os::Task<> Driver::put_user(os::Context& ctx, ExecQueue& queue) {
  if (--queue.users_ == 0) co_await queue.submission_->close(ctx);
}

os::Task<> Driver::kill_queue(os::Context& ctx, QueueId id) {
  ExecQueue* queue = find(id);
  if (queue != nullptr && !queue->killed_) {
    queue->killed_ = true;
    queue->ring_space_.wake_all(ctx);  // a job that waits for room has not run
    queue->kill_submission(ctx, Errno::canceled);
  }
  co_await close_queue(ctx, id);
}

os::Task<> Driver::close_queue(os::Context& ctx, QueueId id) {
  enter(ctx);
  ExecQueue* queue = find(id);
  if (queue != nullptr) {
    ctx.emit({.kind = EventKind::queue_close, .queue = id.value(), .a = queue->params_.client.value()});
    queue->open_ = false;
    co_await put_user(ctx, *queue);
  }
  leave(ctx);
  co_await ctx.step();
}

BufferId Driver::create_buffer(os::Context& ctx) {
  enter(ctx);
  leave(ctx);
  buffers_.push_back(std::make_unique<Buffer>(reservation_lock_class_));
  return BufferId{static_cast<std::uint32_t>(buffers_.size() - 1)};
}

os::Task<> Driver::wait_buffer(os::Context& ctx, BufferId buffer) {
  enter(ctx);
  std::vector<sched::FenceRef> users;
  buffers_[buffer.value()]->reservation.collect(true, users);
  for (const sched::FenceRef& user : users) {
    if (!user->is_signaled()) co_await sched::wait(ctx, user);
  }
  leave(ctx);
  co_await ctx.step();
}

SyncFile Driver::create_sw_fence(os::Context& ctx) {
  enter(ctx);
  leave(ctx);
  return fences_.create(ctx, fences_.new_context(), 1, 0, 0);
}

void Driver::signal_sw_fence(os::Context& ctx, const SyncFile& fence) {
  enter(ctx);
  if (!fence->is_signaled()) fence->signal(ctx, Errno::ok);
  leave(ctx);
}

void Driver::terminate(os::Context& ctx, const ExecResult& job) {
  if (job.stop_address == 0 || job.finished->is_signaled()) return;
  device_.store_value(ctx.cpu_number(), job.stop_address, std::uint64_t{1});
  device_.barrier(ctx.cpu_number());
  ctx.charge(host_.spec().memory_barrier);
}

}  // namespace gpusim::drv
