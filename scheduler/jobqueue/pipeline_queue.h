// SPDX-License-Identifier: MIT
// JobQueue B: a pipeline of stages over a ring of slots (job_queue.rs, 2026, as the driver Tyr uses it).
//
//   prepare: a slot ─► push: inbox ─► tick ─┬► WaitingForDeps: one dependency at a time
//                                           ├► WaitingForExec: run_job, or no room
//                                           ├► Executing, or the driver's stages
//                                           └► done ─► cleanup worker frees
//
// A stage is a range of slots, a move to the next one is the move of a cursor, and only the front of each stage is
// looked at. A tick takes in what was pushed, goes over the stages from the last to the first, because what has ended
// makes room, and from the first to the last, for what has become eligible. Whatever may move a job on asks for a tick:
// a push, a fence, room at the driver, a start, the timer.
//
// A slot that is prepared and not pushed holds up those behind it. One that is given up is an empty slot; it has no
// sequence number. Nothing is freed but in the cleanup worker.
//
// Ours: the driver's hardware fence and the queue's done fence are two here, and the one signals the other, in order;
// the source has its driver signal the one fence there is. What the driver answers to a job for which it has no room,
// SubmissionBackend::has_room() says before. A tick that finds another at work leaves it to that one. Timeouts are
// asked about in a workqueue of their own.
//
// Files: pipeline_queue.cpp has the caller's side and fences, pipeline_tick.cpp the tick, pipeline_control.cpp
// timeouts, stop, start, kill and the end.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/fifo.h"
#include "os/delayed_work.h"
#include "os/sync.h"
#include "scheduler/jobqueue/queue.h"

namespace gpusim::sched::jq {

class PipelineQueue final : public JobQueue, private FenceRelayer {
 public:
  PipelineQueue(Component& component, QueueSpec spec, SubmissionBackend& backend);

  /// commit(). Of a queue that was killed: the done fence signals at once, out of order (as the source has it).
  [[nodiscard]] os::Task<> push(os::Context& ctx, Job& job) override;
  /// cancel_all(), done by ticks: un-run jobs end after those on the hardware; these have cancel_timeout, then the
  /// driver is asked about each, once. Un-run jobs do not wait for their dependencies.
  void kill(os::Context& ctx, Errno error) override;
  void room_again(os::Context& ctx) override;
  void begin_completions() override { ++guards_; }
  [[nodiscard]] bool end_completions(os::Context& ctx) override;
  [[nodiscard]] os::Task<> tick_inline(os::Context& ctx) override;
  [[nodiscard]] std::string describe_head() const override;
  [[nodiscard]] const Fence* head_dependency() const override;

  /// park() and unpark(). May be nested. Dependencies are looked at meanwhile, jobs on the hardware signal, and neither
  /// is handed over or freed. stop() returns when a run_job() under way has.
  [[nodiscard]] os::Task<> stop(os::Context& ctx) override;
  /// Violates "jobqueue_state" without a stop().
  [[nodiscard]] os::Task<> start(os::Context& ctx, Errno error) override;
  void trigger_timeout(os::Context& ctx) override;

 private:
  friend class Component;

  enum class SlotState : std::uint8_t { reserved, committed, empty };
  struct Slot {
    QueuedJob* job = nullptr;
    SlotState state = SlotState::reserved;
  };
  enum class Step : std::uint8_t { again, stays };  // whether the stage's front is looked at again
  /// What the trace says that the first job which has not run waits for.
  struct Told {
    enum class Wait : std::uint8_t { nothing, dependency, room };
    Wait wait = Wait::nothing;
    std::uint32_t index = 0;
    const Fence* fence = nullptr;
  };

  static constexpr std::uint32_t kWaitingForDeps = 0;
  static constexpr std::uint32_t kWaitingForExec = 1;
  static constexpr std::uint32_t kExecuting = 2;  // of the driver's stages the first

  template <os::Task<> (PipelineQueue::*Worker)(os::Context&)>
  static os::Task<> work(void* self, os::Context& ctx) {
    return (static_cast<PipelineQueue*>(self)->*Worker)(ctx);
  }
  [[nodiscard]] os::Task<> tick_worker(os::Context& ctx);
  [[nodiscard]] os::Task<> timer_worker(os::Context& ctx);
  [[nodiscard]] os::Task<> cleanup_worker(os::Context& ctx);

  // Slots. Stage s has the indices cursor_[s + 1] .. cursor_[s] - 1; behind the last stage there is nothing.
  [[nodiscard]] std::uint32_t stages() const { return static_cast<std::uint32_t>(cursor_.size() - 1); }
  [[nodiscard]] bool has_front(std::uint32_t stage) const { return cursor_[stage] != cursor_[stage + 1]; }
  [[nodiscard]] Slot& slot(std::uint32_t index) { return slots_[index & (slots_.size() - 1)]; }
  [[nodiscard]] const Slot& slot(std::uint32_t index) const { return slots_[index & (slots_.size() - 1)]; }
  [[nodiscard]] Slot& front(std::uint32_t stage) { return slot(cursor_[stage + 1]); }
  /// The job of a stage's front; nullptr if there is none, or it is not committed or empty.
  [[nodiscard]] QueuedJob* front_job(std::uint32_t stage) const;
  void make_room();

  // The tick. Under state_.
  void ask_for_tick(os::Context& ctx);
  void ask_when_through(os::Context& ctx);
  /// `asks`: it may call timedout_job(), which may take long.
  [[nodiscard]] os::Task<> tick(os::Context& ctx, bool asks);
  [[nodiscard]] os::Task<> drain_inbox(os::Context& ctx);
  [[nodiscard]] os::Task<> process(os::Context& ctx, std::uint32_t stage, bool asks);
  [[nodiscard]] os::Task<Step> look(os::Context& ctx, std::uint32_t stage, QueuedJob& job, bool asks);
  [[nodiscard]] Step look_at_dependencies(os::Context& ctx, QueuedJob& job);
  [[nodiscard]] os::Task<Step> submit(os::Context& ctx, QueuedJob& job);
  /// What a driver's stage has said about the job.
  static void forget_answer(os::Context& ctx, QueuedJob& job);
  [[nodiscard]] os::Task<Step> ask_driver_stage(os::Context& ctx, std::uint32_t stage, QueuedJob& job);
  void advance(os::Context& ctx, std::uint32_t stage);
  void retire(os::Context& ctx, QueuedJob& job);
  void retire_signaled(os::Context& ctx);
  void end_early(os::Context& ctx, QueuedJob& job, Errno error);
  [[nodiscard]] bool is_out_of_time(const os::Context& ctx, const QueuedJob& job) const;
  void tell_head(os::Context& ctx);

  // Done fences, in the order of slots.
  [[nodiscard]] QueuedJob* next_to_signal() const;
  [[nodiscard]] FenceRelay signal_next(os::Context& ctx);
  FenceRelay after_signal(os::Context& ctx, const FenceRelay& relay) override;

  // Timeouts
  /// When timedout_job() is due for the first job on the hardware; kNever: it is not.
  [[nodiscard]] SimTime head_due() const;
  [[nodiscard]] os::Task<> ask_about(os::Context& ctx, QueuedJob& job);
  void arm_timer(os::Context& ctx);

  [[nodiscard]] Errno admits(const JobSpec& spec) const override;
  void reserve(os::Context& ctx, QueuedJob& job) override;
  void give_up(os::Context& ctx, QueuedJob& job) override;
  FenceRelay dependency_signaled(os::Context& ctx, QueuedJob& job, Fence& fence) override;
  [[nodiscard]] FenceRelay hardware_done(os::Context& ctx, QueuedJob& job, Errno error) override;
  [[nodiscard]] os::Task<> shut_down(os::Context& ctx) override;
  void note_references(bool taken) override;
  [[nodiscard]] std::string history() const override;
  void free_self() override;

  std::uint32_t driver_stages_;
  std::vector<Slot> slots_;  // a power of two
  std::vector<std::uint32_t> cursor_;
  std::uint32_t to_signal_ = 0;  // the first slot whose done fence has not begun to signal
  Fifo<std::uint32_t> inbox_;
  os::Mutex inbox_lock_;
  os::Mutex state_;
  bool again_ = false;        // a tick was left to the one at work
  bool has_moved_ = false;    // in this round of the tick a job has gone from a stage to the next
  bool submitting_ = false;   // in run_job()
  bool lacks_room_ = false;   // the front of WaitingForExec does, at the driver
  bool lacks_token_ = false;  // SchedulerOps::may_run_job()
  bool refused_ = false;      // the driver did not take it: it is tried again when a job has ended, or after a start
  bool triggered_ = false;    // the timeout of the head expires as soon as it may
  bool gone_ = false;         // the device is: no timeouts
  bool due_when_through_ = false;
  std::uint32_t guards_ = 0;  // begin_completions() not yet ended
  SimTime head_since_{};      // the head of what is on the hardware has been that, or has had a verdict
  SimTime cancel_due_{};      // of a killed queue
  SimTime timer_for_ = kNever;
  Told told_;
  LinkedList<QueuedJob> done_;
  os::WaitQueue submit_idle_;
  os::Workqueue tick_wq_;
  os::Workqueue timer_wq_;
  os::Work tick_work_;
  os::DelayedWork timer_;
  os::Work cleanup_work_;
};

}  // namespace gpusim::sched::jq
