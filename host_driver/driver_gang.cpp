// SPDX-License-Identifier: MIT
// An exec of several jobs, a gang: as the CS ioctl of amdgpu with IBs for several entities (amdgpu_cs_submit()).
//
// All jobs wait for what the exec waits for. The leader also waits until the others have been handed to their rings,
// and no two gangs are handed over at a time (CurrentGang), so that the jobs of a gang come to be on their engines
// together. What a buffer or a point gets is the leader's fence; buffers keep those of the others as readers, too.
//
// Ours: the leader is the last job of the exec, where amdgpu takes the one of the last IB; it is armed last, too, so
// that its dependencies are complete before that; and the queues' locks are taken by their numbers. amdgpu has no lock
// for each: the reservation of the page tables' root keeps the submissions of a process apart.
#include <algorithm>
#include <utility>

#include "host_driver/driver.h"

namespace gpusim::drv {

os::Task<Result<ExecResult>> Driver::exec_gang(os::Context& ctx, const ExecArgs& args) {
  Result<Gang> found = find_gang(args);
  if (!found.ok()) co_return found.error();
  Gang gang = std::move(found.value());
  const ClientId client = gang.back().queue->params().client;
  for (GangJob& each : gang) {
    each.queue->take_user();
    each.id = next_job();
    ctx.emit(trace::exec_begin{.queue = each.args.queue,
                               .job = each.id,
                               .client = client,
                               .credits = each.args.credits,
                               .work_ps = each.args.work_ps});
  }
  enter(ctx);
  ctx.charge(device_.spec.exec);
  co_await ctx.step();
  Result<ExecResult> result = co_await submit_gang(ctx, gang);
  for (const GangJob& each : gang) co_await each.queue->drop_user(ctx);
  leave(ctx);
  co_await ctx.step();
  std::reverse(gang.begin(), gang.end());
  for (const GangJob& each : gang) {
    ctx.emit(trace::exec_end{
        .queue = each.args.queue, .job = each.id, .client = client, .error = result.ok() ? Errno::ok : result.error()});
  }
  co_return result;
}

Result<Driver::Gang> Driver::find_gang(const ExecArgs& args) const {
  if (device_.spec.rings == Rings::own || args.members.size() >= kMaxGang) return Errno::inval;
  Gang gang;
  for (const GangMember& member : args.members) {
    ExecArgs own = args;
    own.queue = member.queue;
    own.work_ps = member.work_ps;
    own.want_started = false;
    own.signals = {};
    gang.push_back({find(member.queue), own});
  }
  gang.push_back({find(args.queue), args});
  for (std::size_t i = 0; i < gang.size(); ++i) {
    const ExecQueue* const queue = gang[i].queue;
    if (queue == nullptr || gang[i].args.work_ps == abi::kEndless) return Errno::inval;
    if (queue->params().client != gang[0].queue->params().client) return Errno::inval;
    for (std::size_t before = 0; before < i; ++before) {
      if (gang[before].queue == queue) return Errno::inval;
    }
  }
  return gang;
}

os::Task<Result<ExecResult>> Driver::submit_gang(os::Context& ctx, Gang& gang) {
  os::HeldMutexes reservations{ctx};
  os::HeldMutexes of_queues{ctx};
  co_await lock_gang(ctx, gang, reservations, of_queues);
  ExecResult result;
  result.job = gang.back().id;
  for (const GangJob& each : gang) each.queue->begin_commit();
  const Errno error = prepare_gang(ctx, gang, result);
  if (error == Errno::ok) {
    co_await ctx.step();
    result.finished = co_await commit_gang(ctx, gang);
  }
  for (const GangJob& each : gang) each.queue->end_commit(ctx);
  if (error != Errno::ok) co_return error;
  co_return result;
}

os::Task<> Driver::lock_gang(os::Context& ctx, const Gang& gang, os::HeldMutexes& reservations,
                             os::HeldMutexes& of_queues) {
  std::vector<NewJob> jobs;
  std::vector<ExecQueue*> queues;
  for (const GangJob& each : gang) {
    jobs.push_back({each.args.queue, each.id});
    queues.push_back(each.queue);
  }
  co_await lock_buffers(ctx, reservations, jobs, gang.back().args.buffers);
  std::sort(queues.begin(), queues.end(), [](const ExecQueue* a, const ExecQueue* b) { return a->id() < b->id(); });
  for (ExecQueue* queue : queues) co_await lock_one(ctx, queue->lock(), of_queues, jobs);
}

Errno Driver::prepare_gang(os::Context& ctx, Gang& gang, ExecResult& result) {
  Errno error = Errno::ok;
  for (GangJob& each : gang) {
    const Result<sched::Job*> job = prepare_job(ctx, *each.queue, each.id, each.args, result);
    if (!job.ok()) {
      error = job.error();
      break;
    }
    each.job = job.value();
  }
  const GangJob& leader = gang.back();
  if (error == Errno::ok) {
    error = leader.queue->submission().reserve_dependencies(ctx, *leader.job, gang.size() - 1);
  }
  if (error == Errno::ok) return error;
  for (const GangJob& each : gang) {
    if (each.job != nullptr) each.queue->submission().put_job(ctx, *each.job);
  }
  result = {};
  return error;
}

os::Task<sched::FenceRef> Driver::commit_gang(os::Context& ctx, const Gang& gang) {
  const GangJob& leader = gang.back();
  sched::SubmissionQueue& of_leader = leader.queue->submission();
  ctx.begin_signalling();
  for (const GangJob& each : gang) {
    sched::SubmissionQueue& submission = each.queue->submission();
    submission.arm(ctx, *each.job);
    if (&each == &leader) break;
    of_leader.add_reserved_dependency(ctx, *leader.job, submission.scheduled_fence(*each.job));
  }
  const sched::FenceRef gang_fence = of_leader.scheduled_fence(*leader.job);
  for (const GangJob& each : gang) {
    device_.jobs[each.job->driver_job()].gang = gang_fence;
    const sched::FenceRef scheduled = each.queue->submission().scheduled_fence(*each.job);
    ctx.emit(trace::gang_submit{.queue = each.args.queue,
                                .job = each.id,
                                .context = scheduled->context(),
                                .seqno = scheduled->seqno(),
                                .leader = leader.id});
  }
  for (const GangJob& each : gang) co_await each.queue->submission().push(ctx, *each.job);
  ctx.end_signalling();
  for (const GangJob& each : gang) {
    const sched::FenceRef finished = each.queue->submission().finished_fence(*each.job);
    if (&each == &leader) {
      publish(ctx, finished, leader.args);
      break;
    }
    for (const BufferUse& use : each.args.buffers) {
      buffers_[use.buffer.value()]->reservation.add(finished, std::max(use.usage, sched::Usage::read));
    }
  }
  sched::FenceRef finished = of_leader.finished_fence(*leader.job);
  for (const GangJob& each : gang) each.queue->submission().put_job(ctx, *each.job);
  co_return finished;
}

}  // namespace gpusim::drv
