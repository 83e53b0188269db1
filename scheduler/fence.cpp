// SPDX-License-Identifier: MIT
#include "scheduler/fence.h"

#include <fmt/core.h>

#include "os/host.h"
#include "os/thread.h"

namespace gpusim::sched {

void Fence::touch(const char* where) const { arena_.fences_.touch(*this, where); }

void Fence::signal(os::Context& ctx, Errno error) {
  touch("dma_fence_signal");
  signaled_ = true;
  if (error != Errno::ok) error_ = error;
  ctx.emit(trace::dma_fence_signaled{
      .queue = QueueId{queue_}, .job = JobId{job_}, .context = context_, .seqno = seqno_, .error = error_});
  arena_.fences_.get(*this);
  const FenceRef keep{this};  // a callback may drop what would be the last reference
  while (first_ != nullptr) {
    FenceCallback* callback = first_;
    first_ = callback->next_;
    callback->next_ = nullptr;
    callback->registered_ = false;
    callback->on_fence_signaled(ctx, *this);
  }
  last_ = nullptr;
}

bool Fence::add_callback(FenceCallback& callback) {
  touch("dma_fence_add_callback");
  if (signaled_) return false;
  if (callback.registered_) violate("fence_callback", "a callback is registered on a second fence");
  callback.registered_ = true;
  callback.next_ = nullptr;
  (first_ == nullptr ? first_ : last_->next_) = &callback;
  last_ = &callback;
  return true;
}

bool Fence::remove_callback(FenceCallback& callback) {
  touch("dma_fence_remove_callback");
  FenceCallback* previous = nullptr;
  for (FenceCallback* at = first_; at != nullptr; previous = at, at = at->next_) {
    if (at != &callback) continue;
    (previous == nullptr ? first_ : previous->next_) = at->next_;
    if (last_ == at) last_ = previous;
    at->next_ = nullptr;
    at->registered_ = false;
    return true;
  }
  return false;
}

std::string Fence::describe() const {
  std::string text = fmt::format("{}:{}", context_, seqno_);
  if (job_ != 0) text += fmt::format(" (finished fence of job {})", job_);
  return text;
}

FenceRef::FenceRef(const FenceRef& other) : fence_{other.fence_} {
  if (fence_ != nullptr) fence_->arena_.fences_.get(*fence_);
}

void FenceRef::drop() {
  Fence* fence = std::exchange(fence_, nullptr);
  fence->arena_.fences_.put(*fence);
}

FenceRef FenceArena::create(os::Context& ctx, std::uint64_t context, std::uint64_t seqno, std::uint32_t queue,
                            std::uint64_t job) {
  ctx.emit(trace::dma_fence_init{.queue = QueueId{queue}, .job = JobId{job}, .context = context, .seqno = seqno});
  return FenceRef{fences_.create(*this, context, seqno, queue, job)};
}

namespace {

class WakeOnSignal final : public FenceCallback {
 public:
  explicit WakeOnSignal(os::Thread& thread) : thread_{thread} {}
  void on_fence_signaled(os::Context& ctx, Fence&) override {
    ctx.charge(ctx.host().spec().wake_up);
    thread_.wake();
  }

 private:
  os::Thread& thread_;
};

}  // namespace

os::Task<Errno> wait(os::Context& ctx, FenceRef fence) {
  os::Thread& thread = os::thread_of(ctx, "dma_fence_wait");
  if (ctx.is_signalling()) {
    violate("fence_wait_in_signalling",
            fmt::format("possible deadlock: thread '{}' waits for fence {} inside a fence signalling critical section",
                        thread.name(), fence->describe()));
  }
  co_await ctx.step();
  ctx.emit(trace::dma_fence_wait_start{.queue = QueueId{fence->queue()},
                                       .job = JobId{fence->job()},
                                       .context = fence->context(),
                                       .seqno = fence->seqno()});
  WakeOnSignal wake{thread};
  if (fence->add_callback(wake)) {
    co_await thread.blocked({os::BlockedOn::Kind::fence, "a fence", fence->context(), fence->seqno()});
  }
  ctx.emit(trace::dma_fence_wait_end{.queue = QueueId{fence->queue()},
                                     .job = JobId{fence->job()},
                                     .context = fence->context(),
                                     .seqno = fence->seqno(),
                                     .error = fence->error()});
  co_return fence->error();
}

}  // namespace gpusim::sched
