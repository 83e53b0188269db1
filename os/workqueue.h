// SPDX-License-Identifier: MIT
// Workqueues as the kernel has them (unbound): a work item is queued at most once, runs to its end including its
// sleeps, and at most `max_active` items of one queue run at a time (1: ordered). Workers come from a pool; queueing
// wakes an idle one, and a worker that has ended an item takes the next without sleeping (dispatch_model.h has other
// models). Unlike an Asio strand, an item keeps its turn across awaits.
//
// A kthread_worker is a pool with a single thread, which items of one or several queues share.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/fifo.h"
#include "os/context.h"
#include "os/run_queue.h"
#include "os/sync.h"
#include "os/task.h"

namespace gpusim::os {

class Workqueue;
class WorkerPool;

/// WQ_DFL_ACTIVE: WQ_MAX_ACTIVE / 2 (include/linux/workqueue.h, 7.3; 256 before WQ_MAX_ACTIVE was raised to 2048). For
/// unbound workqueues that say nothing else.
inline constexpr std::uint32_t kDefaultMaxActive = 1024;

/// Marks the workqueue of a submission queue of this priority.
struct ForSubmission {
  std::uint32_t priority;
};

/// What sort of work an item is: an index into Names::works. Components have an enum of theirs.
struct WorkKind {
  WorkKind(std::uint8_t number) : index{number} {}
  template <class Enum>
    requires std::is_enum_v<Enum>
  WorkKind(Enum kind) : index{static_cast<std::uint8_t>(kind)} {}
  std::uint8_t index;
};

/// A work item. Lives in the object it works for; must not be destroyed while queued. Its own function may destroy it,
/// as in the kernel: nothing touches the item once the function has been called.
class Work {
 public:
  using Function = Task<> (*)(void* self, Context& ctx);

  /// `kind`, a number or an enum, indexes Names::works; `queue` is the submission queue it works for (0: none). Both
  /// are for the trace only.
  Work(Function function, void* self, WorkKind kind, std::uint32_t queue)
      : function_{function}, self_{self}, queue_{queue}, kind_{kind.index} {}
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;

  [[nodiscard]] bool is_queued() const { return queued_; }
  [[nodiscard]] bool is_running() const;
  /// The item reaches its queue: it gets its turn, or a place in line. Called from a Timeline entry.
  void arrive();

 private:
  friend class Workqueue;
  friend class WorkerPool;

  Function function_;
  void* self_;
  Workqueue* workqueue_ = nullptr;
  Timeline::Handle arrival_;  // pending: it has set out, and is in no list
  std::uint32_t queue_;
  std::uint8_t kind_;
  bool queued_ = false;
};

class Workqueue {
 public:
  /// Of the host's unbound workers; `max_active` > 0.
  Workqueue(Host& host, std::uint32_t max_active);
  /// Of a submission queue: whose workers those are says the host's spec.
  Workqueue(Host& host, ForSubmission queue);
  Workqueue(const Workqueue&) = delete;
  Workqueue& operator=(const Workqueue&) = delete;

  /// queue_work(): any context, never waits. False if the item was queued already.
  bool queue(Context& ctx, Work& work);

  /// The same from outside any context (a timer's expiry); costs no CPU time.
  bool queue_uncharged(Work& work);

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
  /// Nothing of it runs, is in line or on the way.
  [[nodiscard]] bool is_idle() const { return active_ == 0 && line_.empty() && on_the_way_ == 0; }

  // For the dispatch model: the ways of a queued item to its turn. An item sets out and arrives, or goes into the line,
  // or is activated at once.
  /// The item has a turn: it goes to the workers. Into the line if all turns are taken.
  void activate(Work& work);
  /// The first in line, if there is one, gets a turn that is free.
  void activate_first(bool wake);
  void line_up(Work& work) { line_.push_back(&work); }
  /// The item is on the way: its Work::arrive() is planned as `arrival`.
  void set_out(Work& work, Timeline::Handle arrival);
  [[nodiscard]] bool is_ordered() const { return max_active_ == 1; }
  [[nodiscard]] bool has_active() const { return active_ > 0; }
  Timeline::Handle hop;  ///< the model's own: pending while a worker wakes for the first in line

 private:
  friend class WorkerPool;
  friend class Work;
  void enqueue(Work& work);
  void on_arrival(Work& work);
  /// An item of this queue has ended, or was taken off.
  void give_turn_back(bool wake);

  Host& host_;
  WorkerPool& pool_;
  std::uint32_t max_active_;
  std::uint32_t active_ = 0;
  Fifo<Work*> line_;
  std::uint32_t on_the_way_ = 0;
  WaitQueue idle_;
};

/// Threads that run work items. Created on demand and never destroyed.
class WorkerPool {
 public:
  struct Spec {
    std::string name;  ///< of its only thread; or its threads are called name, number, suffix
    std::string suffix;
    SchedClass sched_class = SchedClass::normal;
    std::uint32_t weight = kNice0Weight;
    bool is_single = false;  ///< a kthread_worker
  };
  WorkerPool(Host& host, Spec spec) : host_{host}, spec_{std::move(spec)} {}

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
  Spec spec_;
  Fifo<Work*> worklist_;
  std::vector<const Work*> running_;
  std::vector<Work*> deferred_;  // queued while running: the same item never runs twice at a time
  std::vector<Thread*> idle_;    // last in, first out, as in the kernel
  WaitQueue ended_;              // waiters for the end of an item
  std::uint32_t made_ = 0;
};

/// The pools of a host.
class Workers {
 public:
  explicit Workers(Host& host);

  WorkerPool unbound;
  WorkerPool highpri;
  /// For a new queue.
  [[nodiscard]] WorkerPool& of_submission(std::uint32_t priority);

 private:
  [[nodiscard]] WorkerPool& make_kthread(std::string name);

  Host& host_;
  std::vector<std::unique_ptr<WorkerPool>> kthreads_;
  std::vector<WorkerPool*> by_priority_;  // nullptr: not made yet
};

}  // namespace gpusim::os
