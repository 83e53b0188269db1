// SPDX-License-Identifier: MIT
// The modelled host: CPUs, their scheduling policy and what the operating system's own steps cost. Plain data, filled
// from configs/hosts/*.toml; each Cost keeps the parameter it came from. The defaults and their sources are in
// docs/scenario.md.
#pragma once

#include <cstdint>

#include "base/cost.h"
#include "os/latency.h"

namespace gpusim::os {

inline constexpr Picoseconds kJiffy = ms(1);  ///< HZ=1000

/// How precisely timers of the kernel (not hrtimers) expire.
enum class TimerGranularity : std::uint8_t {
  exact,  ///< at the picosecond
  jiffy,  ///< delay rounded up to jiffies of 1 ms, counted from the last jiffy (HZ=1000)
  wheel,  ///< then rounded up to the timer wheel's slot: 1 ms below 63 ms, 8 ms below 504 ms, 64 ms below 4032 ms, ...
};

/// How a work item that was queued gets to run.
enum class WorkDispatch : std::uint8_t {
  pool,  ///< as the kernel: an idle worker is woken, a worker that has ended an item takes the next without sleeping
  pipelined,  ///< each item wakes a worker of its own and is due `worker_wake` after it was queued
  serial,     ///< as pipelined, but on an ordered queue that wake-up begins when the item before has ended
};

enum class SchedClass : std::uint8_t {
  fifo,    ///< real time: runs until it sleeps, preempts the normal class
  normal,  ///< shares the CPUs, run_queue.h
};

/// Who runs the work of submission queues. All other work is the unbound workers'.
enum class SubmitWorkers : std::uint8_t {
  unbound,              ///< an ordered, unbound workqueue for each queue
  highpri,              ///< the same with WQ_HIGHPRI: workers of nice -20
  shared,               ///< one unbound workqueue for all queues, not ordered: items of a queue may overlap
  kthread,              ///< a kthread_worker for each queue
  kthread_per_priority  ///< a kthread_worker for each priority, shared by its queues
};

enum class LoadTimes : std::uint8_t {
  drawn,  ///< each thread begins somewhere in its period; then busy and idle times are exponential
  fixed,  ///< all begin at once, and are as long as `busy` and `period` say
};

struct BackgroundLoad {
  std::uint32_t threads = 0;  ///< threads of class normal that burn CPU time; 0: none
  Cost busy;                  ///< CPU time burnt in each period; <= period
  Picoseconds period{0};      ///< > 0 when threads > 0
  LoadTimes times = LoadTimes::drawn;
};

struct HostSpec {
  std::uint32_t cpus = 4;                                 ///< 1..64
  SchedClass worker_class = SchedClass::normal;           ///< of the workers of workqueues
  SubmitWorkers submit_workers = SubmitWorkers::unbound;  ///< other than unbound: with WorkDispatch::pool only
  SchedClass kthread_class = SchedClass::normal;          ///< of kthread_workers
  Cost timeslice{us(2'100)};  ///< > 0, of the normal class; a thread yields after it only if another waits
  /// Wake-up of a client thread to runnable: IPI, idle exit.
  Latency task_wake{{{0, us(2)},
                     {3'300, us(4)},
                     {5'000, us(6)},
                     {5'800, us(8)},
                     {6'900, us(14)},
                     {7'900, us(19)},
                     {8'900, us(22)},
                     {9'900, us(24)},
                     {10'000, us(128)}},
                    0};
  Latency worker_wake = task_wake;  ///< the same for a kworker
  /// The same for a threaded interrupt handler.
  Latency irq_thread_wake{{{0, us(2)}, {5'000, ns(3'100)}, {8'800, us(4)}, {9'980, us(8)}, {10'000, us(16)}}, 0};
  Cost context_switch{ns(1500)};  ///< paid by the CPU when it runs another thread than before
  Cost syscall_entry{ns(184)};
  Cost syscall_exit{ns(66)};
  Cost mutex_op{ns(20)};             ///< each lock and each unlock, uncontended
  Cost spinlock_op{ps(8'334)};       ///< one lock/unlock pair
  Cost irq_spinlock_op{ps(15'607)};  ///< the same with interrupts saved and switched off: spin_lock_irqsave()
  Cost queue_work{ns(317)};          ///< queue_work() in the caller's context
  Cost timer_op{ns(100)};            ///< arming or cancelling a timer
  Cost wake_up{ns(490)};             ///< wake_up() in the waker's context, for each thread woken
  Cost irq_entry{ns(108)};           ///< from the CPU's taking the vector to the handler's first instruction
  Cost irq_exit{ns(300)};
  /// MSI-X message at the host until the CPU takes it.
  Latency irq_delivery{{{0, ns(1'200)}, {5'000, ns(1'600)}, {9'000, ns(2'400)}, {9'900, ns(5'400)}, {10'000, us(100)}},
                       0};
  Cost memory_barrier{ns(20)};
  Cost store_drain{
      ns(100)};  ///< a store leaves the store buffer by itself after this time, if no barrier drains it earlier
  TimerGranularity timer = TimerGranularity::wheel;
  /// Any value other than pool is a model of time that is easy to reason about and to compare with. What is due at one
  /// moment then happens in the order in which it was planned, timers included; a sleep has no wake-up latency, and a
  /// worker that sleeps within an item wakes like a task.
  WorkDispatch work_dispatch = WorkDispatch::pool;
  BackgroundLoad background;
};

}  // namespace gpusim::os
