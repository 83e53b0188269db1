// SPDX-License-Identifier: MIT
// Workqueues as the kernel has them (unbound): a work item is queued at most once, runs to its end including its
// sleeps, and at most `max_active` items of one queue run at a time (1: ordered). Workers come from one pool of the
// host; queueing wakes an idle one, and a worker that has ended an item takes the next without sleeping
// (HostSpec::work_dispatch has other models). Unlike an Asio strand, an item keeps its turn across awaits.
#pragma once

#include <cstdint>
#include <vector>

#include "base/fifo.h"
#include "os/context.h"
#include "os/sync.h"
#include "os/task.h"

namespace gpusim::os {

class Workqueue;

/// A work item. Lives in the object it works for; must not be destroyed while queued. Its own function may destroy it,
/// as in the kernel: nothing touches the item once the function has been called.
class Work {
 public:
  using Function = Task<> (*)(void* self, Context& ctx);

  /// `kind` indexes Names::works, `queue` is the submission queue it works for (0: none): both only for the trace.
  Work(Function function, void* self, std::uint8_t kind, std::uint32_t queue)
      : function_{function}, self_{self}, queue_{queue}, kind_{kind} {}
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;

  [[nodiscard]] bool is_queued() const { return queued_; }

 private:
  friend class Workqueue;
  friend class WorkerPool;
  void on_due();

  Function function_;
  void* self_;
  Workqueue* workqueue_ = nullptr;
  Timeline::Handle due_;  // other dispatch than pool: until it is, it is in no list
  std::uint32_t queue_;
  std::uint8_t kind_;
  bool queued_ = false;
};

class Workqueue {
 public:
  Workqueue(Host& host, std::uint32_t max_active) : host_{host}, max_active_{max_active} {}
  Workqueue(const Workqueue&) = delete;
  Workqueue& operator=(const Workqueue&) = delete;

  /// queue_work(): any context, never waits. False if the item was queued already.
  bool queue(Context& ctx, Work& work);

  /// The same from outside any context (a timer's expiry): costs nobody CPU time.
  bool queue_from_nowhere(Work& work);

  /// cancel_work(): takes a queued item off again. Any context. False if it was not queued; it may be running.
  bool cancel(Work& work);

  /// cancel_work_sync(): cancel(), then sleeps until the item does not run. Context: may sleep, and not the item's own
  /// function. True if it was queued.
  [[nodiscard]] Task<bool> cancel_sync(Context& ctx, Work& work);

  /// flush_work(): sleeps until the item, if queued or running now, has ended. Context: as cancel_sync().
  [[nodiscard]] Task<> flush(Context& ctx, Work& work);

  /// flush_workqueue(): sleeps until the queue is empty and idle. Context: may sleep.
  [[nodiscard]] Task<> flush(Context& ctx);

  [[nodiscard]] Host& host() const { return host_; }
  [[nodiscard]] bool is_idle() const { return active_ == 0 && inactive_.empty() && not_due_ == 0; }

 private:
  friend class WorkerPool;
  friend class Work;
  void enqueue(Work& work);
  void activate(Work& work);
  void activate_next(bool wake);

  // Other dispatch than pool
  [[nodiscard]] bool is_serial() const;
  void begin_hop(Work* work);
  void on_due(Work& work);
  void on_hop_end();

  Host& host_;
  std::uint32_t max_active_;
  std::uint32_t active_ = 0;
  std::vector<Work*> inactive_;
  std::uint32_t not_due_ = 0;
  bool hop_runs_ = false;  // serial: a worker of this queue is waking
  WaitQueue idle_;
};

/// The kworkers. Made on demand, kept for ever.
class WorkerPool {
 public:
  explicit WorkerPool(Host& host) : host_{host} {}

  [[nodiscard]] bool is_running(const Work& work) const;

 private:
  friend class Workqueue;
  void add(Work& work, bool wake);
  [[nodiscard]] Thread& make_worker();
  /// Takes an item off that no worker has begun. False if there is none such.
  bool remove(Work& work);
  void release_deferred(const Work* work);
  [[nodiscard]] Task<> worker(Context& ctx);

  Host& host_;
  Fifo<Work*> worklist_;
  std::vector<const Work*> running_;
  std::vector<Work*> deferred_;  // queued while running: the same item never runs twice at a time
  std::vector<Thread*> idle_;    // last in, first out, as in the kernel
  WaitQueue ended_;              // those who wait for the end of one item
  std::uint32_t made_ = 0;
};

}  // namespace gpusim::os
