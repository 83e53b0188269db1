// SPDX-License-Identifier: MIT
// One CPU of the host.
//
// Policy (ours where run_queue.h does not name the kernel): when a thread is woken it chooses its last CPU if that is
// idle, else the lowest-numbered idle one, and runs there when its wake-up has come through. The choice is made at once
// as in the kernel, whose select_task_rq() stands in try_to_wake_up() (kernel/sched/core.c); and idle is what
// idle_cpu() there says: no thread on it and none on its way to it, whether or not a hard interrupt has it. A thread
// that found none idle looks again when its wake-up has come through, and then takes one that merely waits for
// another's, too (ours: as if balancing were perfect). A FIFO thread that finds none preempts the lowest-numbered CPU
// that runs a normal thread. A normal one preempts the thread that has had most beyond its share, if the woken one
// would be the next of all that wait. Anything else waits. A normal thread gives way after its time slice if another is
// to go before it. The slice begins when the switch to the thread has been paid; a thread that is preempted within the
// switch pays none of the rest of it. A hard IRQ is taken at once on the CPU of its affinity and stretches what it
// interrupts; handlers run one after the other.
#pragma once

#include <cstdint>
#include <vector>

#include "base/timeline.h"
#include "os/context.h"
#include "os/run_queue.h"
#include "os/task.h"
#include "os/thread.h"

namespace gpusim::os {

class Cpu {
 public:
  Cpu(Host& host, std::uint16_t number, Timeline::Component component);
  Cpu(const Cpu&) = delete;
  Cpu& operator=(const Cpu&) = delete;

  [[nodiscard]] std::uint16_t number() const { return number_; }
  /// No thread is on it; one may be on its way.
  [[nodiscard]] bool is_vacant() const { return current_ == nullptr && arrived_ == nullptr; }
  /// idle_cpu()
  [[nodiscard]] bool is_idle() const { return is_vacant() && expected_ == nullptr; }
  [[nodiscard]] Thread* current() const { return current_; }
  [[nodiscard]] Timeline::Component component() const { return component_; }

  /// Takes a hard IRQ now (called from a Timeline entry).
  void take_irq(std::uint32_t vector);

  /// If the thread that has just come on has nothing to pay first, it goes on now instead of as an entry of its own.
  void end_empty_piece();

 private:
  friend class Context;
  friend class Host;
  friend class Thread;

  // The thread on this CPU
  void begin_piece(Picoseconds work, Picoseconds context_switch = Picoseconds{0});
  void run_piece(Picoseconds duration);
  void on_piece_end();
  void pause_piece();
  void on_thread_blocked();
  void put_on(Thread& thread);
  void put_on_after_irq();
  void dispatch();
  void preempt();
  void request_reschedule();
  void reschedule();
  [[nodiscard]] bool has_to_give_way();
  void arm_time_slice();
  void on_time_slice();
  void on_forced_preemption();  // of an exploration
  void after_resume(Thread& thread);

  // What the normal thread on this CPU has used of its share
  [[nodiscard]] bool runs_normal() const {
    return current_ != nullptr && current_->sched_class() == SchedClass::normal;
  }
  [[nodiscard]] Picoseconds ran() const;
  void begin_contention();
  void account();

  // The interrupt on this CPU
  Task<> irq_body(std::uint32_t vector);
  void begin_irq(std::uint32_t vector);
  void on_irq_piece_end();
  void end_irq();

  Host& host_;
  std::uint16_t number_;
  Timeline::Component component_;

  Thread* current_ = nullptr;
  Thread* expected_ = nullptr;  // has chosen this CPU, its wake-up is on its way
  Thread* arrived_ = nullptr;   // waits for the end of the hard interrupt
  Thread* last_ = nullptr;      // whose state the CPU still has: coming back costs no switch
  std::uint32_t leaving_ = 0;   // number of the thread that has just left, for the trace; 0: it was idle
  Timeline::Handle piece_;
  SimTime piece_end_{};
  Picoseconds piece_work_{0};  // the piece without the switch that it may begin with
  bool piece_runs_ = false;
  bool piece_paused_ = false;
  Picoseconds paused_remaining_{0};
  bool reschedule_ = false;
  Timeline::Handle slice_;
  SimTime run_begin_{};              // of current_, later by the interrupts since; after the switch
  std::int64_t vruntime_begin_ = 0;  // of current_ at run_begin_

  IrqContext irq_;
  bool in_irq_ = false;
  SimTime irq_begin_{};
  Task<> irq_task_;
  std::vector<std::uint32_t> pending_irqs_;
};

}  // namespace gpusim::os
