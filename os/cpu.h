// SPDX-License-Identifier: MIT
// One CPU of the host and the run queue that all of them share.
//
// Policy (ours, chosen for being short to state): one run queue for all CPUs, FIFO class before normal. A woken thread
// takes its last CPU if that is idle, else the lowest-numbered idle one; a FIFO thread that finds none preempts the
// lowest-numbered CPU that runs a normal thread; anything else waits in line. A normal thread gives way after its time
// slice if another waits, and goes to the end of the line. The slice begins when the switch to the thread has been
// paid; a thread that is preempted within the switch pays none of the rest of it. A hard IRQ is taken at once on the
// CPU of its affinity and stretches what it interrupts; handlers run one after the other.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/timeline.h"
#include "os/context.h"
#include "os/task.h"
#include "os/thread.h"

namespace gpusim::os {

class RunQueue {
 public:
  void push_back(Thread& thread);
  void push_front(Thread& thread);
  /// FIFO class first, the one that waits longest; in an exploration another one of the class. nullptr if empty.
  [[nodiscard]] Thread* pop(ChoiceSource* choices);
  [[nodiscard]] bool empty() const { return lines_[0].head == nullptr && lines_[1].head == nullptr; }

 private:
  struct Line {
    Thread* head = nullptr;
    Thread* tail = nullptr;
  };
  std::array<Line, 2> lines_;  // by SchedClass
};

class Cpu {
 public:
  Cpu(Host& host, std::uint16_t number, Timeline::Component component);
  Cpu(const Cpu&) = delete;
  Cpu& operator=(const Cpu&) = delete;

  [[nodiscard]] std::uint16_t number() const { return number_; }
  [[nodiscard]] bool is_idle() const { return current_ == nullptr && !in_irq_; }
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
  void dispatch();
  void preempt();
  void request_reschedule();
  void arm_time_slice();
  void on_time_slice();
  void after_resume(Thread& thread);

  // The interrupt on this CPU
  Task<> irq_body(std::uint32_t vector);
  void begin_irq(std::uint32_t vector);
  void on_irq_piece_end();
  void end_irq();

  Host& host_;
  std::uint16_t number_;
  Timeline::Component component_;

  Thread* current_ = nullptr;
  Thread* last_ = nullptr;     // whose state the CPU still has: coming back costs no switch
  std::uint32_t leaving_ = 0;  // number of the thread that has just left, for the trace; 0: it was idle
  Timeline::Handle piece_;
  SimTime piece_end_{};
  Picoseconds piece_work_{0};  // the piece without the switch that it may begin with
  bool piece_runs_ = false;
  bool piece_paused_ = false;
  Picoseconds paused_remaining_{0};
  bool reschedule_ = false;
  Timeline::Handle slice_;
  SimTime slice_end_{};

  IrqContext irq_;
  bool in_irq_ = false;
  Task<> irq_task_;
  std::vector<std::uint32_t> pending_irqs_;
};

}  // namespace gpusim::os
