// SPDX-License-Identifier: MIT
// The ioctls. Each charges entry and exit of the system call and what it does in between.
#include <algorithm>
#include <optional>

#include "host_driver/driver.h"
#include "host_driver/firmware_queue.h"
#include "host_driver/point_wait.h"
#include "host_driver/ring_queue.h"
#include "host_driver/user_queue.h"
#include "traces/event/faults.h"

namespace gpusim::drv {

static_assert(trace::kEndlessWork == abi::kEndless);

// DRM_SCHED_PRIORITY_NORMAL
constexpr std::uint32_t kUsualLevel = 1;

bool Driver::has_levels() const { return device_.spec.rings == Rings::own || device_.spec.client_levels; }

os::Task<Result<QueueId>> Driver::create_queue(os::Context& ctx, const QueueParams& asked) {
  QueueParams params = asked;
  if (!has_levels() && params.priority < abi::kPriorityLevels) params.priority = kUsualLevel;
  enter(ctx);
  ctx.charge(device_.spec.create_queue);
  co_await device_.wait_for_probe(ctx);
  if (device_.is_gone()) co_return co_await fail(ctx, Errno::nodev);
  if (!valid_mask(params.engine_mask) || params.priority >= abi::kPriorityLevels) {
    co_return co_await fail(ctx, Errno::inval);
  }
  if (ExecQueue* const known = known_queue(params); known != nullptr) {
    known->add_handle();
    leave(ctx);
    co_await ctx.step();
    co_return known->id();
  }
  const QueueId id{static_cast<std::uint32_t>(queues_.size())};
  DeviceQueue* device_queue = nullptr;
  std::unique_ptr<ExecQueue> queue = make_queue(id, params, device_queue);
  if (queue == nullptr) co_return co_await fail(ctx, Errno::nospc);
  host_.names().queues.push_back({params.name, params.client.value(), params.engine_mask});
  queues_.push_back({std::move(queue), device_queue, vector_of(params.engine_mask)});
  ++live_queues_;
  ctx.emit(trace::queue_create{
      .queue = id, .client = params.client, .engine_mask = params.engine_mask, .priority = params.priority});
  if (UserQueue* const mapped = queues_.back().queue->user_queue(); mapped != nullptr) {
    const HardwareQueue::Pin pin{ctx, mapped->hardware()};
    co_await mapped->wait_until_mappable(ctx);
    co_await mapped->make_known(ctx);
  } else if (held_ != nullptr && device_queue != nullptr) {
    co_await hold(ctx, *device_queue);
  }

  leave(ctx);
  co_await ctx.step();
  co_return id;
}

std::unique_ptr<ExecQueue> Driver::make_queue(QueueId id, const QueueParams& params, DeviceQueue*& device_queue) {
  if (device_.spec.rings == Rings::shared) {
    std::vector<sched::SubmissionDomain*> rings = schedulers_for(params.engine_mask, params.priority);
    const bool is_video = class_of(params.engine_mask) == abi::EngineClass::video;
    // amdgpu_ctx_init_entity(): where the engine keeps a context among dependent jobs.
    if (is_video && device_.spec.video_context) rings = {&factory_.pick_best(rings)};
    return std::make_unique<RingQueue>(device_, factory_, id, params, rings);
  }
  const std::optional<std::uint32_t> firmware_id = device_.firmware_ids.take();
  if (!firmware_id) return nullptr;
  if (device_.spec.direct) {
    auto mapped = std::make_unique<UserQueue>(device_, eviction_of(params.client), id, *firmware_id, params);
    device_queue = mapped.get();
    know(*mapped);
    return mapped;
  }
  auto queue = std::make_unique<FirmwareQueue>(device_, factory_, id, *firmware_id, params, credit_limit());
  device_queue = queue.get();
  know(*queue);
  return queue;
}

ExecQueue* Driver::known_queue(const QueueParams& params) const {
  if (device_.spec.rings == Rings::own || device_.spec.entities == Entities::queue) return nullptr;
  for (const QueueSlot& slot : queues_) {
    if (slot.queue == nullptr || !slot.queue->is_open()) continue;
    const QueueParams& known = slot.queue->params();
    if (known.client == params.client && known.engine_mask == params.engine_mask && known.priority == params.priority)
      return slot.queue.get();
  }
  return nullptr;
}

os::Task<Errno> Driver::fail(os::Context& ctx, Errno error) const {
  leave(ctx);
  co_await ctx.step();
  co_return error;
}

os::Task<> Driver::set_priority(os::Context& ctx, QueueId queue, std::uint32_t priority) {
  enter(ctx);
  if (ExecQueue* found = find(queue); found != nullptr && priority < abi::kPriorityLevels && has_levels()) {
    found->take_user();  // another thread may close it while this one sleeps
    co_await found->set_priority(ctx, priority);
    co_await found->drop_user(ctx);
  }
  leave(ctx);
  co_await ctx.step();
}

os::Task<Errno> Driver::set_limits(os::Context& ctx, QueueId queue, const QueueLimits& limits) {
  enter(ctx);
  Errno error = Errno::inval;
  if (ExecQueue* found = find(queue); found != nullptr && found->device_queue() != nullptr) {
    found->take_user();
    error = co_await found->device_queue()->hardware().set_limits(ctx, limits);
    co_await found->drop_user(ctx);
  }
  leave(ctx);
  co_await ctx.step();
  co_return error;
}

Errno Driver::add_dependencies(os::Context& ctx, ExecQueue& queue, sched::Job& job, const ExecArgs& args) {
  std::vector<sched::FenceRef> fences(args.in_fences.begin(), args.in_fences.end());
  for (const SyncPoint& wait : args.waits) {
    Result<sched::FenceRef> fence = syncobj(wait.syncobj).find_fence(wait.point);
    if (!fence.ok()) return fence.error();
    if (fence.value()) fences.push_back(std::move(fence.value()));
  }
  for (const BufferUse& use : args.buffers) {
    buffers_[use.buffer.value()]->reservation.collect(sched::awaited_usage(use.usage), fences);
  }
  // Also those that have signalled: drm_sched_job_add_dependency() does not ask (sched_main.c, 7.3), nor does the walk
  // over a reservation object whose lock is held.
  for (sched::FenceRef& fence : fences) {
    if (device_.spec.native_waits) {
      std::vector<NativeWait>& waits = device_.jobs[job.driver_job()].waits;
      fence = device_.native_waits.lower(ctx, queue.id(), job.id(), std::move(fence), waits);
    }
    const Errno error = queue.submission().add_dependency(ctx, job, std::move(fence));
    if (error != Errno::ok) return error;
  }
  return Errno::ok;
}

// --- exec ------------------------------------------------------------------------------------------------------------

os::Task<Result<ExecResult>> Driver::exec(os::Context& ctx, const ExecArgs& args) {
  if (!args.members.empty()) co_return co_await exec_gang(ctx, args);
  ExecQueue* queue = find(args.queue);
  if (queue == nullptr || queue->user_queue() != nullptr) co_return Errno::inval;
  if (args.work_ps == abi::kEndless && args.transfer.bytes != 0) co_return Errno::inval;
  queue->take_user();  // another thread may close it while this one sleeps
  const ClientId client = queue->params().client;
  const JobId id = next_job();
  ctx.emit(trace::exec_begin{
      .queue = args.queue, .job = id, .client = client, .credits = args.credits, .work_ps = args.work_ps});
  enter(ctx);
  ctx.charge(device_.spec.exec);
  co_await ctx.step();
  Result<ExecResult> result = co_await submit(ctx, *queue, id, args);
  co_await queue->drop_user(ctx);
  leave(ctx);
  co_await ctx.step();
  ctx.emit(trace::exec_end{
      .queue = args.queue, .job = id, .client = client, .error = result.ok() ? Errno::ok : result.error()});
  co_return result;
}

os::Task<Result<ExecResult>> Driver::submit(os::Context& ctx, ExecQueue& queue, JobId id, const ExecArgs& args) {
  // All reservations, in one global order (the kernel's ww-mutexes back off instead), then the queue, which is given
  // back first.
  os::HeldMutexes reservations{ctx};
  os::HeldMutexes of_queue{ctx};
  const NewJob one{queue.id(), id};
  const NewJobs jobs{&one, 1};
  if (!args.buffers.empty()) co_await lock_buffers(ctx, reservations, jobs, args.buffers);
  co_await lock_one(ctx, queue.lock(), of_queue, jobs);
  ExecResult result;
  result.job = id;
  queue.begin_commit();
  const Result<sched::Job*> job = prepare_job(ctx, queue, id, args, result);
  if (job.ok()) {
    co_await ctx.step();
    // From here on nothing can fail, and nothing waits for a fence. With bypass the commit runs the job, and so may
    // sleep for ring space, with the locks held: what gives room back needs none of them.
    result.finished = co_await queue.submission().commit(ctx, *job.value());
    publish(ctx, result.finished, args);
    queue.submission().put_job(ctx, *job.value());
  }
  queue.end_commit(ctx);
  if (!job.ok()) co_return job.error();
  co_return result;
}

void Driver::publish(os::Context& ctx, const sched::FenceRef& finished, const ExecArgs& args) {
  if (args.dont_pipeline) finished->forbid_pipelining();
  for (const BufferUse& use : args.buffers) buffers_[use.buffer.value()]->reservation.add(finished, use.usage);
  for (const SyncPoint& signal : args.signals) {
    if (signal.point == 0) {
      syncobj(signal.syncobj).replace_fence(ctx, finished);
    } else {
      syncobj(signal.syncobj).add_point(ctx, signal.point, finished);
    }
  }
}

os::Task<> Driver::lock_buffers(os::Context& ctx, os::HeldMutexes& held, NewJobs jobs,
                                std::span<const BufferUse> uses) {
  std::vector<std::uint32_t> buffers;
  for (const BufferUse& use : uses) buffers.push_back(use.buffer.value());
  std::sort(buffers.begin(), buffers.end());
  buffers.erase(std::unique(buffers.begin(), buffers.end()), buffers.end());
  for (const std::uint32_t buffer : buffers) co_await lock_one(ctx, buffers_[buffer]->lock, held, jobs);
}

os::Task<> Driver::lock_one(os::Context& ctx, os::Mutex& lock, os::HeldMutexes& held, NewJobs jobs) {
  const bool waits = lock.is_locked();
  if (waits) {
    for (const NewJob& job : jobs) ctx.emit(trace::exec_lock_wait{.queue = job.queue, .job = job.id});
  }
  co_await lock.lock(ctx);
  held.adopt(lock);
  if (!waits) co_return;
  for (const NewJob& job : jobs) ctx.emit(trace::exec_lock_acquired{.queue = job.queue, .job = job.id});
}

Result<sched::Job*> Driver::prepare_job(os::Context& ctx, ExecQueue& queue, JobId id, const ExecArgs& args,
                                        ExecResult& result) {
  if (const Errno error = queue.exec_error(); error != Errno::ok) return error;
  const std::uint32_t record = device_.jobs.allocate(args);
  const Result<sched::Job*> job = queue.submission().prepare(ctx, {id, args.credits, record});
  if (!job.ok()) {
    device_.jobs.free(record);
    return job;
  }
  queue.take_job();
  if (device_.spec.native_waits) device_.native_waits.begin(id, queue.device_queue()->hardware().ring());
  device_.jobs[record].submission = &queue.submission();
  if (args.want_started) {
    result.started = device_.fences.create(ctx, device_.fences.new_context(), 1, args.queue.value(), 0,
                                           sched::FenceLock::driver_start);
    device_.jobs[record].started = result.started;
  }
  result.stop_address = device_.jobs[record].stop_address;
  if (const Errno error = add_dependencies(ctx, queue, *job.value(), args); error != Errno::ok) {
    queue.submission().put_job(ctx, *job.value());
    result = {};
    return error;
  }
  return job;
}

// --- the other ones --------------------------------------------------------------------------------------------------

os::Task<Errno> Driver::wait(os::Context& ctx, const SyncFile& fence) {
  enter(ctx);
  const Errno error = co_await sched::wait(ctx, fence);
  leave(ctx);
  co_await ctx.step();
  co_return error;
}

bool Driver::has_signalled(os::Context& ctx, const SyncFile& fence) {
  enter(ctx);
  leave(ctx);
  return fence->is_signaled();
}

os::Task<> Driver::close_queue(os::Context& ctx, QueueId queue) { co_await close_handle(ctx, find(queue)); }

os::Task<> Driver::kill_queue(os::Context& ctx, QueueId queue) {
  ExecQueue* found = find(queue);
  if (found != nullptr) found->kill(ctx);
  co_await close_handle(ctx, found);
}

os::Task<> Driver::close_handle(os::Context& ctx, ExecQueue* queue) {
  enter(ctx);
  if (queue != nullptr && !queue->drop_handle()) {
    ctx.emit(trace::queue_close{.queue = queue->id(), .client = queue->params().client});
    queue->close(ctx);
    co_await queue->drop_user(ctx);
  }
  leave(ctx);
  co_await ctx.step();
}

SyncobjId Driver::create_syncobj(os::Context& ctx, std::string name) {
  enter(ctx);
  leave(ctx);
  const auto number = static_cast<std::uint32_t>(syncobjs_.size());
  syncobjs_.push_back(std::make_unique<NamedSyncobj>(std::move(name), sched::Syncobj{device_.fences, number}));
  return SyncobjId{number};
}

void Driver::signal_point(os::Context& ctx, const SyncPoint& point) {
  enter(ctx);
  const sched::FenceRef stub = device_.fences.create(ctx, device_.fences.new_context(), 1, 0, 0);
  stub->signal(ctx, Errno::ok);
  ExecArgs args;
  args.signals = std::span{&point, 1};
  publish(ctx, stub, args);
  leave(ctx);
}

void Driver::reset_syncobj(os::Context& ctx, SyncobjId id) {
  enter(ctx);
  syncobj(id).replace_fence(ctx, {});
  leave(ctx);
}

os::Task<Errno> Driver::wait_points(os::Context& ctx, const PointWait& wait) {
  enter(ctx);
  if (wait.by_eventfd) {  // an ioctl each, poll(), and the read() that empties what has fired
    for (std::size_t i = 0; i <= wait.points.size(); ++i) {
      leave(ctx);
      enter(ctx);
    }
  }
  const SyncPoint first = wait.points.empty() ? SyncPoint{} : wait.points.front();
  ctx.emit(trace::syncobj_wait_begin{
      .client = wait.client, .syncobj = first.syncobj.value(), .point = first.point, .count = wait.points.size()});
  Errno error = Errno::ok;
  {
    PointWaiter waiter{ctx, wait, [this](SyncobjId id) -> sched::Syncobj& { return syncobj(id); }};
    error = co_await waiter.wait(ctx);
  }
  ctx.emit(trace::syncobj_wait_end{
      .client = wait.client, .syncobj = first.syncobj.value(), .point = first.point, .error = error});
  leave(ctx);
  co_await ctx.step();
  co_return error;
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
    if (!user->is_signaled() && co_await sched::wait(ctx, user) == Errno::restartsys) break;
  }
  leave(ctx);
  co_await ctx.step();
}

SyncFile Driver::create_sw_fence(os::Context& ctx) {
  enter(ctx);
  leave(ctx);
  return device_.fences.create(ctx, device_.fences.new_context(), 1, 0, 0);
}

void Driver::signal_sw_fence(os::Context& ctx, const SyncFile& fence) {
  enter(ctx);
  if (!fence->is_signaled()) fence->signal(ctx, Errno::ok);
  leave(ctx);
}

void Driver::terminate(os::Context& ctx, const ExecResult& job) {
  if (job.stop_address == 0 || job.finished->is_signaled()) return;
  device_.access.store_value(ctx.cpu_number(), job.stop_address, std::uint64_t{1});
  device_.access.barrier(ctx.cpu_number());
  ctx.charge(host_.spec().memory_barrier);
}

}  // namespace gpusim::drv
