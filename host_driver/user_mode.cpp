// SPDX-License-Identifier: MIT
#include "host_driver/user_mode.h"

#include <utility>

#include "os/host.h"
#include "os/poll.h"

namespace gpusim::drv {

namespace {

/// The end of a job in a mapped ring; else a dma_fence.
bool is_value(const sched::Fence& fence) { return fence.job() != 0; }

}  // namespace

// --- exec ------------------------------------------------------------------------------------------------------------

os::Task<Result<ExecResult>> UserMode::exec(os::Context& ctx, const ExecArgs& args) {
  UserQueue* const queue = kernel_.open_user_queue(args.queue);
  if (queue == nullptr || args.want_started) co_return Errno::inval;
  if (args.work_ps == abi::kEndless && args.transfer.bytes != 0) co_return Errno::inval;
  const HardwareQueue::Pin pin{ctx, queue->hardware()};  // the client's mapping of it
  const ClientId client = queue->params().client;
  const JobId id = kernel_.next_job();
  ctx.emit(trace::exec_begin{
      .queue = args.queue, .job = id, .client = client, .credits = args.credits, .work_ps = args.work_ps});
  Result<ExecResult> result = co_await submit(ctx, *queue, id, args);
  co_await ctx.step();
  ctx.emit(trace::exec_end{
      .queue = args.queue, .job = id, .client = client, .error = result.ok() ? Errno::ok : result.error()});
  co_return result;
}

os::Task<Result<ExecResult>> UserMode::submit(os::Context& ctx, UserQueue& queue, JobId job, const ExecArgs& args) {
  const Errno error = co_await wait_for_dependencies(ctx, queue.id(), job, args);
  if (error != Errno::ok) co_return error;
  const bool is_shared = !args.signals.empty() || !args.buffers.empty();
  Result<ExecResult> result = co_await queue.submit(ctx, job, args, is_shared || spec_.wait == DirectWait::interrupt);
  if (result.ok() && is_shared) co_await kernel_.share_value(ctx, queue, result.value().finished, args);
  co_return result;
}

os::Task<Errno> UserMode::wait_for_dependencies(os::Context& ctx, QueueId queue, JobId job, const ExecArgs& args) {
  std::vector<SyncFile> fences;
  for (const SyncFile& fence : args.in_fences) {
    if (fence) fences.push_back(fence);
  }
  if (!args.waits.empty() || !args.buffers.empty()) {
    const Errno error = co_await kernel_.collect_fences(ctx, args, fences);
    if (error != Errno::ok) co_return error;
  }
  for (const SyncFile& fence : fences) {
    if (fence->queue() == queue.value()) continue;  // the ring keeps the order
    if (fence->is_signaled()) {
      ctx.charge(spec_.poll.look);
      continue;
    }
    ctx.emit(trace::user_dependency{
        .queue = queue, .job = job, .dependency_context = fence->context(), .dependency_seqno = fence->seqno()});
    // What it ended with does not matter to the job, as with the components.
    Errno error = Errno::ok;
    if (is_value(*fence)) {
      error = co_await wait_for_value(ctx, fence, true);
    } else {
      error = co_await kernel_.wait(ctx, fence);
    }
    if (error == Errno::restartsys && !fence->is_signaled()) co_return error;
    ctx.emit(trace::user_dependency_reached{
        .queue = queue, .job = job, .dependency_context = fence->context(), .dependency_seqno = fence->seqno()});
  }
  co_return Errno::ok;
}

// --- waiting ---------------------------------------------------------------------------------------------------------

bool UserMode::has_signalled(os::Context& ctx, const SyncFile& fence) {
  if (!is_value(*fence)) return kernel_.has_signalled(ctx, fence);
  ctx.charge(spec_.poll.look);
  return fence->is_signaled();
}

os::Task<Errno> UserMode::wait(os::Context& ctx, const SyncFile& fence) {
  if (!is_value(*fence)) return kernel_.wait(ctx, fence);
  return wait_for_value(ctx, fence, false);
}

os::Task<Errno> UserMode::wait_for_value(os::Context& ctx, const SyncFile& shared, bool is_dependency) {
  const SyncFile fence = shared;
  if (spec_.wait == DirectWait::interrupt) {
    ctx.charge(spec_.poll.look);
    co_await ctx.step();
    if (fence->is_signaled()) co_return fence->error();
    co_return co_await kernel_.wait_value(ctx, fence, is_dependency);
  }
  co_await ctx.step();
  const QueueId queue{fence->queue()};
  const JobId job{fence->job()};
  if (!is_dependency) {
    ctx.emit(
        trace::dma_fence_wait_start{.queue = queue, .job = job, .context = fence->context(), .seqno = fence->seqno()});
  }
  co_await os::poll(ctx, spec_.poll, {os::BlockedOn::Kind::fence, "a fence", fence->context(), fence->seqno()},
                    [&] { return fence->is_signaled(); });
  const Errno error = fence->is_signaled() ? fence->error() : Errno::restartsys;
  if (!is_dependency) {
    ctx.emit(trace::dma_fence_wait_end{
        .queue = queue, .job = job, .context = fence->context(), .seqno = fence->seqno(), .error = error});
  }
  co_return error;
}

}  // namespace gpusim::drv
