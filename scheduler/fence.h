// SPDX-License-Identifier: MIT
// dma_fence: a point on a timeline (context, seqno) that signals once, with an error or none, and calls back. Contract
// of include/linux/dma-fence.h: callbacks run in the signaller's context, under the fence lock, so they never wait:
// they charge and queue work. Deadlines and enable_signaling are not modelled.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "base/arena.h"
#include "base/errno.h"
#include "base/time.h"
#include "os/context.h"
#include "os/task.h"

namespace gpusim::sched {

class Fence;
class FenceArena;

/// What runs when a fence signals. Lives in the object that waits; one registration at a time.
class FenceCallback {
 public:
  virtual ~FenceCallback() = default;
  /// `ctx` is the signaller's context, possibly a hard IRQ.
  virtual void on_fence_signaled(os::Context& ctx, Fence& fence) = 0;
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

class Fence : public Counted {
 public:
  Fence(FenceArena& arena, std::uint64_t context, std::uint64_t seqno, std::uint32_t queue, std::uint64_t job)
      : arena_{arena}, context_{context}, seqno_{seqno}, queue_{queue}, job_{job} {}

  [[nodiscard]] std::uint64_t context() const { return context_; }
  [[nodiscard]] std::uint64_t seqno() const { return seqno_; }
  /// QueueId of the timeline, 0 for software fences.
  [[nodiscard]] std::uint32_t queue() const { return queue_; }
  /// JobId whose finished fence this is, 0 for hardware and software fences.
  [[nodiscard]] std::uint64_t job() const { return job_; }
  [[nodiscard]] bool is_signaled() const { return signaled_; }
  [[nodiscard]] Errno error() const { return error_; }

  /// dma_fence_set_error(): what it will signal with, if the signal itself brings no error. Before the signal.
  void set_error(Errno error) { error_ = error; }
  /// dma_fence_signal(), with an error set before unless `error` is ok. Any context; never waits.
  void signal(os::Context& ctx, Errno error);

  /// For a scheduled fence, the finished fence of the same job; empty for others.
  [[nodiscard]] const FenceRef& finished() const { return finished_; }
  void set_finished(FenceRef fence) { finished_ = std::move(fence); }

  /// dma_fence_add_callback(): false, and nothing registered, if the fence has signalled (the kernel's -ENOENT).
  /// Violates "fence_callback" if the callback waits for a fence already.
  bool add_callback(FenceCallback& callback);
  /// dma_fence_remove_callback(): false if it was not registered (any more).
  bool remove_callback(FenceCallback& callback);

  [[nodiscard]] std::string describe() const;
  /// For the arena.
  void on_release() { finished_.reset(); }

 private:
  friend class FenceArena;
  friend class FenceRef;
  void touch(const char* where) const;
  FenceArena& arena_;
  std::uint64_t context_;
  std::uint64_t seqno_;
  std::uint32_t queue_;
  Errno error_ = Errno::ok;
  bool signaled_ = false;
  std::uint64_t job_;
  FenceRef finished_;
  FenceCallback* first_ = nullptr;
  FenceCallback* last_ = nullptr;
};

/// Makes fences and hands out fence contexts (dma_fence_context_alloc).
class FenceArena {
 public:
  FenceArena() : fences_{"fence"} {}
  /// For explorations: base/arena.h.
  void quarantine(const ActorBoard& actors) { fences_.quarantine(actors); }
  [[nodiscard]] std::uint64_t new_context() { return next_context_++; }
  /// dma_fence_init(). `queue` and `job` are what the trace shows: see Fence.
  [[nodiscard]] FenceRef create(os::Context& ctx, std::uint64_t context, std::uint64_t seqno, std::uint32_t queue,
                                std::uint64_t job);
  void check_empty() const { fences_.check_empty(); }
  [[nodiscard]] std::size_t live() const { return fences_.live(); }

 private:
  friend class Fence;
  friend class FenceRef;
  Arena<Fence> fences_;
  std::uint64_t next_context_ = 1;
};

/// dma_fence_wait(): sleeps until the fence has signalled; returns its error. Context: may sleep; outside signalling
/// sections. Violates "fence_wait_in_signalling".
[[nodiscard]] os::Task<Errno> wait(os::Context& ctx, FenceRef fence);

}  // namespace gpusim::sched
