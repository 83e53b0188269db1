// SPDX-License-Identifier: MIT
// dma_fence: a point on a timeline (context, seqno) that signals once, with an error or none, and calls back. Contract
// of include/linux/dma-fence.h and drivers/dma-buf/dma-fence.c (Linux 7.3): callbacks run in the signaller's context,
// under the fence lock with interrupts off, so they never wait: they charge and queue work. The SIGNALED bit is set
// before they run and read without the lock, so others may take the fence for signalled while callbacks are still to
// come: an exploration stops there ("dma_fence.signaled_bit"). Deadlines are not modelled; enable_signaling is for
// fences that wait for others (scheduler/fence_chain.h) and costs hardware fences nothing.
#pragma once

#include <array>
#include <coroutine>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "base/errno.h"
#include "base/time.h"
#include "os/context.h"
#include "os/sync.h"
#include "os/task.h"
#include "scheduler/costs.h"

namespace gpusim::sched {

class Fence;
class FenceArena;
class FenceRelayer;

/// Whose lock a fence has: its lock class. A hardware fence's lock is taken before a job's, whose finished fence
/// signals in the callback of the former. Hardware fences of one context share theirs, as the drivers have it; others
/// have one each.
enum class FenceLock : std::uint8_t { driver, driver_start, job, chain, software };
inline constexpr std::size_t kFenceLocks = 5;

/// What a callback that ends something leaves to the signaller: the fence to signal next, still under the first one's
/// lock, and who goes on after that. Empty: nothing.
struct FenceRelay;

/// What runs when a fence signals. Lives in the object that waits; one registration at a time.
class FenceCallback {
 public:
  virtual ~FenceCallback() = default;
  /// `ctx` is the signaller's context, possibly a hard IRQ. A fence that signals in turn is returned, not signalled
  /// here. The callback's object may be gone when that has signalled.
  [[nodiscard]] virtual FenceRelay on_fence_signaled(os::Context& ctx, Fence& fence) = 0;
  [[nodiscard]] bool is_registered() const { return registered_; }

 private:
  friend class Fence;
  FenceCallback* next_ = nullptr;
  bool registered_ = false;
};

/// A counted reference on a fence.
class FenceRef {
 public:
  FenceRef() = default;
  FenceRef(const FenceRef& other);
  FenceRef(FenceRef&& other) noexcept : fence_{std::exchange(other.fence_, nullptr)} {}
  FenceRef& operator=(FenceRef other) noexcept {
    std::swap(fence_, other.fence_);
    return *this;
  }
  // What it holds is a reference of its own: only a counter that is wrong already can make the arena throw.
  ~FenceRef() { reset(); }  // NOLINT(bugprone-exception-escape)

  void reset() {
    if (fence_ != nullptr) drop();
  }
  [[nodiscard]] explicit operator bool() const { return fence_ != nullptr; }
  [[nodiscard]] Fence& operator*() const { return *fence_; }
  [[nodiscard]] Fence* operator->() const { return fence_; }
  [[nodiscard]] Fence* get() const { return fence_; }

 private:
  friend class Fence;
  friend class FenceArena;
  void drop();
  explicit FenceRef(Fence* adopted) : fence_{adopted} {}
  Fence* fence_ = nullptr;
};

struct FenceRelay {
  FenceRef fence;
  Errno error = Errno::ok;
  FenceRelayer* then = nullptr;
  void* job = nullptr;  ///< for `then`: what it was about
};

class FenceRelayer {
 public:
  /// The relay's fence has signalled and its callbacks have run. May return the next.
  [[nodiscard]] virtual FenceRelay after_signal(os::Context& ctx, const FenceRelay& relay) = 0;

 protected:
  ~FenceRelayer() = default;
};

/// dma_fence_ops, as far as a fence has any of its own.
class FenceOps {
 public:
  virtual ~FenceOps() = default;
  /// Somebody wants to be called: see to it that `self` signals. False: it has signalled. Under its lock. Any context.
  virtual bool enable_signaling(os::Context& ctx, Fence& self) = 0;
  /// Whether it would signal now, asked.
  [[nodiscard]] virtual bool has_signaled() const = 0;
};

class Fence : public Counted {
 public:
  Fence(FenceArena& arena, std::uint64_t context, std::uint64_t seqno, std::uint32_t queue, std::uint64_t job,
        FenceLock lock)
      : arena_{arena}, context_{context}, seqno_{seqno}, queue_{queue}, lock_{lock}, job_{job} {}
  ~Fence() { unpair(); }
  Fence(const Fence&) = delete;
  Fence& operator=(const Fence&) = delete;

  [[nodiscard]] std::uint64_t context() const { return context_; }
  [[nodiscard]] std::uint64_t seqno() const { return seqno_; }
  /// QueueId of the timeline, 0 for software fences.
  [[nodiscard]] std::uint32_t queue() const { return queue_; }
  /// JobId whose finished fence this is, 0 for hardware and software fences.
  [[nodiscard]] std::uint64_t job() const { return job_; }
  /// dma_fence_is_signaled(), which takes no lock. The kernel's signals a fence here whose ops say that it has; ours
  /// leaves that to whom it is up to.
  [[nodiscard]] bool is_signaled() const { return signaled_ || (ops_ != nullptr && ops_->has_signaled()); }
  [[nodiscard]] Errno error() const { return error_; }
  /// dma_fence_timestamp(): when it signalled. Pre: signalled, and not by its ops.
  [[nodiscard]] SimTime timestamp() const { return timestamp_; }

  /// dma_fence_set_error(): what it will signal with, if the signal itself brings no error. Before the signal.
  void set_error(Errno error) { error_ = error; }
  /// dma_fence_signal(), with an error set before unless `error` is ok. Any context; never waits.
  void signal(os::Context& ctx, Errno error);
  class SignalAwaiter;
  /// The same for coroutines: `co_await fence->signaling(ctx, error)`. In an exploration other CPUs may go on between
  /// bit and callbacks, here and in each relay.
  [[nodiscard]] SignalAwaiter signaling(os::Context& ctx, Errno error);

  /// Of a value in memory (FenceArena::create_in_memory()): it stands there from now on. No context is at work: it
  /// costs nothing, takes no lock and calls nobody. Violates "fence_callback" if somebody waits to be called.
  void reach(os::Host& host, Errno error);

  /// For a scheduled fence, the finished fence of the same job; empty for others.
  [[nodiscard]] const FenceRef& finished() const { return finished_; }
  /// to_drm_sched_fence(): whose job's scheduled or finished fence it is; nullptr for others.
  [[nodiscard]] const void* scheduler() const { return scheduler_; }
  /// Of either of a job's two fences the scheduled one; empty if it has signalled and is gone.
  [[nodiscard]] FenceRef scheduled();
  /// Makes this the scheduled fence beside `finished`.
  void pair_with(FenceRef finished, const void* scheduler);
  /// Not DRM_SCHED_FENCE_DONT_PIPELINE: another job of the scheduler need only wait until this one is scheduled.
  [[nodiscard]] bool may_pipeline() const { return may_pipeline_; }
  void forbid_pipelining() { may_pipeline_ = false; }

  /// dma_fence_add_callback(): false, and nothing registered, if the fence has signalled (the kernel's -ENOENT; it
  /// needs no lock to see that). Violates "fence_callback" if the callback waits for a fence already.
  [[nodiscard]] bool add_callback(os::Context& ctx, FenceCallback& callback);
  /// dma_fence_remove_callback(): false if it was not registered (any more). Takes the lock, so that a callback under
  /// way has ended when it returns. Any context.
  bool remove_callback(os::Context& ctx, FenceCallback& callback);

  [[nodiscard]] FenceOps* ops() const { return ops_.get(); }
  void set_ops(std::unique_ptr<FenceOps> ops) { ops_ = std::move(ops); }
  /// One more reference.
  [[nodiscard]] FenceRef keep();

  [[nodiscard]] std::string describe() const;
  /// For the arena.
  void on_release() {
    unpair();
    finished_.reset();
    ops_.reset();
  }

 private:
  friend class FenceArena;
  friend class FenceRef;
  friend os::Task<Errno> wait(os::Context& ctx, FenceRef fence, FenceRef shown);
  void unpair() {
    if (finished_) finished_->scheduled_ = nullptr;
  }
  void touch(const char* where) const;
  [[nodiscard]] os::LockClass lock_class() const;
  void set_signaled(os::Context& ctx, Errno error);
  [[nodiscard]] FenceCallback* take_callback();
  struct Window;
  [[nodiscard]] os::Task<> signal_explored(os::Context& ctx, Errno error);
  [[nodiscard]] bool shares_lock_with(const Fence& other) const;
  /// Whoever holds the lock of this fence while time passes is through with it when this returns.
  void wait_for_lock();
  FenceArena& arena_;
  std::uint64_t context_;
  std::uint64_t seqno_;
  std::uint32_t queue_;
  SimTime timestamp_{};
  Errno error_ = Errno::ok;
  bool signaled_ = false;
  bool signaling_enabled_ = false;  // of a fence with ops
  bool may_pipeline_ = true;
  FenceLock lock_;
  std::uint64_t job_;
  FenceRef finished_;
  Fence* scheduled_ = nullptr;  // of a finished fence, which the other one holds
  const void* scheduler_ = nullptr;
  std::unique_ptr<FenceOps> ops_;
  FenceCallback* first_ = nullptr;
  FenceCallback* last_ = nullptr;
};

class [[nodiscard]] Fence::SignalAwaiter {
 public:
  SignalAwaiter(Fence& fence, os::Context& ctx, Errno error) : fence_{fence}, ctx_{ctx}, error_{error} {}
  [[nodiscard]] bool await_ready() {
    if (ctx_.is_explored()) return false;
    fence_.signal(ctx_, error_);
    return true;
  }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) {
    task_ = fence_.signal_explored(ctx_, error_);
    return task_.await_suspend(caller);
  }
  void await_resume() {
    if (task_.is_valid()) task_.await_resume();
  }

 private:
  Fence& fence_;
  os::Context& ctx_;
  Errno error_;
  os::Task<> task_;
};

inline Fence::SignalAwaiter Fence::signaling(os::Context& ctx, Errno error) { return {*this, ctx, error}; }

/// What a signaller does with a callback's relay, for who ends a job without a hardware fence's signal. Without and
/// with the windows of an exploration.
void relay(os::Context& ctx, FenceRelay relay);
[[nodiscard]] os::Task<> relaying(os::Context& ctx, FenceRelay relay);

/// Makes fences and hands out fence contexts (dma_fence_context_alloc).
class FenceArena {
 public:
  explicit FenceArena(const FenceCosts& costs = {}) : costs_{costs}, fences_{"fence"} {}
  /// No count falls to zero meanwhile, so nothing violates.
  // NOLINTNEXTLINE(bugprone-exception-escape)
  ~FenceArena() { fences_.release_all(); }
  FenceArena(const FenceArena&) = delete;
  FenceArena& operator=(const FenceArena&) = delete;
  /// For explorations: base/arena.h.
  void quarantine(const ActorBoard& actors) { fences_.quarantine(actors); }
  [[nodiscard]] std::uint64_t new_context() { return next_context_++; }
  /// dma_fence_init(). `queue` and `job` are what the trace shows: see Fence.
  [[nodiscard]] FenceRef create(os::Context& ctx, std::uint64_t context, std::uint64_t seqno, std::uint32_t queue,
                                std::uint64_t job, FenceLock lock = FenceLock::software);
  /// A value in memory that stands for the end of a job, which clients look at by themselves. It is no dma_fence; the
  /// trace shows it by the same events.
  [[nodiscard]] FenceRef create_in_memory(os::Host& host, std::uint64_t context, std::uint64_t seqno,
                                          std::uint32_t queue, std::uint64_t job);
  void check_empty() const { fences_.check_empty(); }
  [[nodiscard]] std::size_t live() const { return fences_.live(); }

 private:
  friend class Fence;
  friend class FenceRef;
  void know_locks(os::Context& ctx);
  FenceCosts costs_;
  bool locks_known_ = false;
  std::array<os::LockClass, kFenceLocks> locks_;
  std::vector<Fence::Window*> windows_;  // open ones: explorations only
  Arena<Fence> fences_;
  std::uint64_t next_context_ = 1;
};

/// dma_fence_wait() with dma_fence_default_wait(): sleeps until the fence has signalled; returns its error. Context:
/// may sleep; outside signalling sections. -ERESTARTSYS: the thread was killed before it signalled. Violates
/// "fence_wait_in_signalling". `shown`: the fence that the trace and a stall report name instead, for the value in
/// memory that this one stands for.
[[nodiscard]] os::Task<Errno> wait(os::Context& ctx, FenceRef fence, FenceRef shown = {});

}  // namespace gpusim::sched
