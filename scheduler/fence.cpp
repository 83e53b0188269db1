// SPDX-License-Identifier: MIT
#include "scheduler/fence.h"

#include <fmt/core.h>

#include "os/host.h"
#include "os/thread.h"

namespace gpusim::sched {

void Fence::touch(const char* where) const { arena_.fences_.touch(*this, where); }

os::LockClass Fence::lock_class() const { return arena_.locks_[static_cast<std::size_t>(lock_)]; }

// A callback may drop what would be the last reference.
FenceRef Fence::keep() {
  arena_.fences_.get(*this);
  return FenceRef{this};
}

void Fence::set_signaled(os::Context& ctx, Errno error) {
  touch("dma_fence_signal");
  ctx.charge(arena_.costs_.signal);
  signaled_ = true;
  timestamp_ = ctx.now();
  if (error != Errno::ok) error_ = error;
  ctx.emit(trace::dma_fence_signaled{
      .queue = QueueId{queue_}, .job = JobId{job_}, .context = context_, .seqno = seqno_, .error = error_});
}

FenceCallback* Fence::take_callback() {
  FenceCallback* const callback = first_;
  if (callback == nullptr) return nullptr;
  first_ = callback->next_;
  if (first_ == nullptr) last_ = nullptr;
  callback->next_ = nullptr;
  callback->registered_ = false;
  return callback;
}

void Fence::signal(os::Context& ctx, Errno error) {
  const FenceRef kept = keep();
  if (!arena_.windows_.empty()) wait_for_lock();
  const os::SpinSection section{ctx, lock_class(), os::SpinKind::fence};
  set_signaled(ctx, error);
  while (FenceCallback* const callback = take_callback()) {
    ++ctx.host().counters().fence_callbacks;
    relay(ctx, callback->on_fence_signaled(ctx, *this));
  }
}

void Fence::reach(os::Host& host, Errno error) {
  touch("a value in memory");
  if (first_ != nullptr)
    violate("fence_callback", fmt::format("a value in memory cannot call anybody: {}", describe()));
  signaled_ = true;
  timestamp_ = host.now();
  if (error != Errno::ok) error_ = error;
  host.recorder().emit(trace::dma_fence_signaled{
      .queue = QueueId{queue_}, .job = JobId{job_}, .context = context_, .seqno = seqno_, .error = error_});
}

// A signaller under way, with time passing. Who needs its lock would spin until it is through. Instead what is left for
// it to do is done at once, in its name, and it finds nothing more when it goes on.
struct Fence::Window {
  Window(Fence& the_fence, os::Context& context) : fence{the_fence}, ctx{context} {
    fence.arena_.windows_.push_back(this);
  }
  ~Window() { std::erase(fence.arena_.windows_, this); }
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;

  void finish() {
    if (done) return;
    if (relay.fence) {
      relay.fence->wait_for_lock();  // it is in the window of that one
      const FenceRelay signalled = std::exchange(relay, {});
      gpusim::sched::relay(ctx, signalled.then->after_signal(ctx, signalled));
    }
    while (FenceCallback* const callback = fence.take_callback())
      gpusim::sched::relay(ctx, callback->on_fence_signaled(ctx, fence));
    done = true;
  }

  Fence& fence;
  os::Context& ctx;
  FenceRelay relay;  // whose fence signals now
  bool done = false;
};

bool Fence::shares_lock_with(const Fence& other) const {
  return this == &other || (lock_ == FenceLock::driver && other.lock_ == lock_ && other.context_ == context_);
}

void Fence::wait_for_lock() {
  for (std::size_t i = 0; i < arena_.windows_.size(); ++i) {
    if (arena_.windows_[i]->fence.shares_lock_with(*this)) arena_.windows_[i]->finish();
  }
}

os::Task<> Fence::signal_explored(os::Context& ctx, Errno error) {
  const FenceRef kept = keep();
  wait_for_lock();
  const os::SpinSection section{ctx, lock_class(), os::SpinKind::fence};
  set_signaled(ctx, error);
  Window window{*this, ctx};
  co_await ctx.atomic_race_point("dma_fence.signaled_bit");
  while (!window.done) {
    FenceCallback* const callback = take_callback();
    if (callback == nullptr) break;
    ++ctx.host().counters().fence_callbacks;
    window.relay = callback->on_fence_signaled(ctx, *this);
    while (window.relay.fence) {
      co_await window.relay.fence->signaling(ctx, window.relay.error);
      if (window.done) break;
      const FenceRelay signalled = std::exchange(window.relay, {});
      window.relay = signalled.then->after_signal(ctx, signalled);
    }
  }
}

void relay(os::Context& ctx, FenceRelay relay) {
  while (relay.fence) {
    relay.fence->signal(ctx, relay.error);
    relay = relay.then->after_signal(ctx, relay);
  }
}

os::Task<> relaying(os::Context& ctx, FenceRelay relay) {
  while (relay.fence) {
    co_await relay.fence->signaling(ctx, relay.error);
    relay = relay.then->after_signal(ctx, relay);
  }
}

bool Fence::add_callback(os::Context& ctx, FenceCallback& callback) {
  touch("dma_fence_add_callback");
  if (signaled_) return false;  // the kernel's test_bit(): without the ops
  if (callback.registered_) violate("fence_callback", "a callback is registered on a second fence");
  const os::SpinSection section{ctx, lock_class(), os::SpinKind::fence};
  ctx.charge(arena_.costs_.add_callback);
  if (ops_ != nullptr && !signaling_enabled_) {
    signaling_enabled_ = true;
    if (!ops_->enable_signaling(ctx, *this)) {
      set_signaled(ctx, Errno::ok);
      return false;
    }
  }
  callback.registered_ = true;
  callback.next_ = nullptr;
  (first_ == nullptr ? first_ : last_->next_) = &callback;
  last_ = &callback;
  return true;
}

bool Fence::remove_callback(os::Context& ctx, FenceCallback& callback) {
  touch("dma_fence_remove_callback");
  wait_for_lock();
  const os::SpinSection section{ctx, lock_class(), os::SpinKind::fence};
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

FenceRef Fence::scheduled() {
  if (finished_) return keep();
  return scheduled_ == nullptr ? FenceRef{} : scheduled_->keep();
}

void Fence::pair_with(FenceRef finished, const void* scheduler) {
  finished->scheduled_ = this;
  finished->scheduler_ = scheduler_ = scheduler;
  finished_ = std::move(finished);
}

void FenceRef::drop() {
  Fence* fence = std::exchange(fence_, nullptr);
  fence->arena_.fences_.put(*fence);
}

FenceRef FenceArena::create(os::Context& ctx, std::uint64_t context, std::uint64_t seqno, std::uint32_t queue,
                            std::uint64_t job, FenceLock lock) {
  if (!locks_known_) know_locks(ctx);
  ctx.charge(costs_.init);
  ctx.emit(trace::dma_fence_init{.queue = QueueId{queue}, .job = JobId{job}, .context = context, .seqno = seqno});
  return FenceRef{fences_.create(*this, context, seqno, queue, job, lock)};
}

FenceRef FenceArena::create_in_memory(os::Host& host, std::uint64_t context, std::uint64_t seqno, std::uint32_t queue,
                                      std::uint64_t job) {
  host.recorder().emit(
      trace::dma_fence_init{.queue = QueueId{queue}, .job = JobId{job}, .context = context, .seqno = seqno});
  return FenceRef{fences_.create(*this, context, seqno, queue, job, FenceLock::software)};
}

void FenceArena::know_locks(os::Context& ctx) {
  constexpr std::array kNames{"driver_fence.lock", "driver_start_fence.lock", "drm_job_fence.lock",
                              "dma_fence_chain.lock", "sw_fence.lock"};
  static_assert(kNames.size() == kFenceLocks);
  for (std::size_t i = 0; i < kFenceLocks; ++i) locks_[i] = ctx.host().lockdep().lock_class(kNames[i]);
  locks_known_ = true;
}

namespace {

class WakeOnSignal final : public FenceCallback {
 public:
  explicit WakeOnSignal(os::Thread& thread) : thread_{thread} {}
  FenceRelay on_fence_signaled(os::Context& ctx, Fence&) override {
    ctx.charge(ctx.host().spec().wake_up);
    thread_.wake();
    return {};
  }

 private:
  os::Thread& thread_;
};

}  // namespace

os::Task<Errno> wait(os::Context& ctx, FenceRef fence, FenceRef shown) {
  if (!shown) shown = fence;
  os::Thread& thread = os::thread_of(ctx, "dma_fence_wait");
  if (ctx.is_signalling()) {
    violate("fence_wait_in_signalling",
            fmt::format("possible deadlock: thread '{}' waits for fence {} inside a fence signalling critical section",
                        thread.name(), fence->describe()));
  }
  co_await ctx.step();
  ctx.emit(trace::dma_fence_wait_start{.queue = QueueId{shown->queue()},
                                       .job = JobId{shown->job()},
                                       .context = shown->context(),
                                       .seqno = shown->seqno()});
  WakeOnSignal wake{thread};
  Errno interrupted = Errno::ok;
  if (thread.is_killed() && !fence->is_signaled()) {
    interrupted = Errno::restartsys;
  } else if (fence->add_callback(ctx, wake)) {
    co_await thread.blocked({os::BlockedOn::Kind::fence, "a fence", shown->context(), shown->seqno(), true});
    const os::SpinSection section{ctx, fence->lock_class(), os::SpinKind::fence};  // it looks again under the lock
    if (wake.is_registered()) interrupted = Errno::restartsys;
  }
  if (wake.is_registered()) fence->remove_callback(ctx, wake);
  ctx.emit(trace::dma_fence_wait_end{.queue = QueueId{shown->queue()},
                                     .job = JobId{shown->job()},
                                     .context = shown->context(),
                                     .seqno = shown->seqno(),
                                     .error = interrupted == Errno::ok ? fence->error() : interrupted});
  co_return interrupted == Errno::ok ? fence->error() : interrupted;
}

}  // namespace gpusim::sched
