// SPDX-License-Identifier: MIT
// The driver's side of one queue: its ring, its hardware fences, what becomes of a job that hangs, its end. The
// submission component calls it back.
//
// A queue has two numbers. Its QueueId is unique over the run: traces, the driver's tables and the submission component
// know it by that. Its firmware id is also its doorbell's number and is used again once the firmware has forgotten the
// queue (IdAllocator); only messages, doorbells and the firmware's tables speak of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/fifo.h"
#include "base/ids.h"
#include "firmware/abi/messages.h"
#include "host_driver/ring.h"
#include "host_driver/uapi.h"
#include "os/sync.h"
#include "scheduler/submission.h"

namespace gpusim::drv {

class Driver;

/// What the driver keeps of a job from exec to release.
struct JobRecord {
  std::uint64_t work_ps = 0;
  std::uint64_t preempt_every_ps = 0;
  std::uint64_t stop_address = 0;  ///< 0: not endless
  sched::FenceRef started;         ///< empty: nobody wants it
  std::uint64_t fence_value = 0;   ///< of its ring entry; 0: not written yet
  std::uint32_t retries = 0;       ///< timeouts at which it had not begun
};

class ExecQueue final : public sched::SubmissionBackend {
 public:
  ExecQueue(Driver& driver, QueueId id, std::uint32_t firmware_id, const QueueParams& params, std::uint32_t vector);

  // sched::SubmissionBackend
  [[nodiscard]] os::Task<sched::RunResult> run_job(os::Context& ctx, sched::Job& job) override;
  [[nodiscard]] os::Task<sched::TimeoutVerdict> timedout_job(os::Context& ctx, sched::Job& job) override;
  void release_job(os::Context& ctx, sched::Job& job) override;
  [[nodiscard]] os::Task<> queue_fini(os::Context& ctx) override;

  /// Completion handler: signals what the device has reached. Charges and pays by job. Several contexts may be in it at
  /// a time. Context: any; not under a lock.
  [[nodiscard]] os::Task<> complete_reached(os::Context& ctx);
  [[nodiscard]] bool has_pending() const { return !pending_.empty() || !starts_.empty(); }

  /// The firmware says that it reset an engine under the queue. Hard IRQ.
  void on_reset_notify(os::Context& ctx);

  [[nodiscard]] QueueId id() const { return id_; }
  [[nodiscard]] std::uint32_t firmware_id() const { return firmware_id_; }
  [[nodiscard]] const QueueParams& params() const { return params_; }
  [[nodiscard]] sched::SubmissionQueue& submission() const { return *submission_; }
  [[nodiscard]] bool is_open() const { return submission_ != nullptr && open_; }

 private:
  friend class Driver;
  struct PendingFence {
    std::uint64_t value;
    sched::FenceRef fence;
    JobId job;
    std::uint32_t resets = 0;  ///< of the device, that it has seen
    Errno error = Errno::ok;   ///< of a job that was refused behind others: what it signals with in its turn
  };

  /// Keeps the queue from going away while somebody is at work in it across a step.
  class Pin {
   public:
    Pin(os::Context& ctx, ExecQueue& queue) : ctx_{ctx}, queue_{queue} { ++queue_.pins_; }
    ~Pin() {
      if (--queue_.pins_ == 0 && queue_.pin_wait_.has_sleepers()) queue_.pin_wait_.wake_all(ctx_);
    }
    Pin(const Pin&) = delete;
    Pin& operator=(const Pin&) = delete;

   private:
    os::Context& ctx_;
    ExecQueue& queue_;
  };

  /// Tells the firmware of the queue, its ring and how far it is. Context: may sleep.
  [[nodiscard]] os::Task<Errno> register_with_firmware(os::Context& ctx);
  [[nodiscard]] os::Task<Errno> enable(os::Context& ctx);
  /// A request that survives a device reset: the reset answers it, for the firmware then knows nothing.
  [[nodiscard]] os::Task<> request_or_reset(os::Context& ctx, abi::Action action);

  /// Kills the component's queue; after the push of an exec under way: a component need not know of jobs that are
  /// pushed to a killed queue (drm_sched would never end them).
  void kill_submission(os::Context& ctx, Errno error);
  /// The exec has pushed its job, or has none.
  void end_commit(os::Context& ctx);
  [[nodiscard]] bool takes_jobs() const;
  /// run_job() of a queue that takes no jobs: its fence signals behind those of earlier jobs.
  [[nodiscard]] sched::RunResult refuse(os::Context& ctx, JobId job);
  [[nodiscard]] Errno exec_error() const;
  [[nodiscard]] bool is_done(const JobRecord& record) const;
  [[nodiscard]] os::Task<sched::TimeoutVerdict> judge_timeout(os::Context& ctx, JobId id, JobRecord& record);
  /// The queue is out: the head's fence signals with `head_error`, the others' with `error`, in order, at once; what
  /// has not run is cancelled. `guilty`: 0 if nobody. Any context.
  void ban(os::Context& ctx, JobId guilty, Errno head_error, Errno error);
  /// After a device reset, which has taken everything off the engines: what it means for the jobs. True if the queue is
  /// to be registered again.
  [[nodiscard]] bool judge_reset(os::Context& ctx);

  Driver& driver_;
  QueueId id_;
  std::uint32_t firmware_id_;
  QueueParams params_;
  std::uint32_t vector_;
  Ring ring_;
  os::Mutex lock_;  // serialises prepare..push, so that sequence numbers are in push order
  os::WaitQueue ring_space_;
  os::WaitQueue pin_wait_;
  std::uint32_t pins_ = 0;
  bool open_ = true;         // the client has it
  bool committing_ = false;  // an exec is between its last look at the queue's state and its push
  Errno wants_kill_ = Errno::ok;
  std::uint32_t users_ = 1;  // references: the client's handle, and each ioctl at work on the queue
  bool closing_ = false;     // queue_fini() is at work
  bool registered_ = false;  // the firmware knows it, or will when it has read what was sent
  bool killed_ = false;      // by the end of its process
  bool banned_ = false;
  bool was_reset_ = false;        // an engine was reset under it
  bool handles_timeout_ = false;  // timedout_job() is at work
  bool timed_out_ = false;        // its head has, and nothing has shown since that it was not hung
  bool listed_ = false;           // in the driver's list of active queues of the vector
  std::uint64_t fence_context_;
  std::uint64_t next_fence_ = 1;
  std::uint64_t next_start_ = 1;
  Fifo<PendingFence> pending_;
  Fifo<PendingFence> starts_;
  sched::SubmissionQueue* submission_ = nullptr;
};

}  // namespace gpusim::drv
