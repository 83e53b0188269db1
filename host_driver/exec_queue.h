// SPDX-License-Identifier: MIT
// The driver's side of one queue: its ring, its hardware fences, its end. The submission component calls it back.
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
  std::uint64_t start_value = 0;
};

class ExecQueue final : public sched::SubmissionBackend {
 public:
  ExecQueue(Driver& driver, QueueId id, const QueueParams& params, std::uint32_t vector);

  // sched::SubmissionBackend
  [[nodiscard]] os::Task<sched::RunResult> run_job(os::Context& ctx, sched::Job& job) override;
  [[nodiscard]] os::Task<sched::TimeoutVerdict> timedout_job(os::Context& ctx, sched::Job& job) override;
  void release_job(os::Context& ctx, sched::Job& job) override;
  [[nodiscard]] os::Task<> queue_fini(os::Context& ctx) override;

  /// Completion handler: signals what the device has reached. Charges and pays by job. Context: IRQ or its thread.
  [[nodiscard]] os::Task<> complete_reached(os::Context& ctx);
  [[nodiscard]] bool has_pending() const { return !pending_.empty() || !starts_.empty(); }
  void on_reply() { replied_ = true; }

  [[nodiscard]] QueueId id() const { return id_; }
  [[nodiscard]] const QueueParams& params() const { return params_; }
  [[nodiscard]] sched::SubmissionQueue& submission() const { return *submission_; }
  [[nodiscard]] bool is_open() const { return submission_ != nullptr && open_; }

 private:
  friend class Driver;
  struct PendingFence {
    std::uint64_t value;
    sched::FenceRef fence;
  };

  [[nodiscard]] os::Task<> request(os::Context& ctx, abi::Action action);

  Driver& driver_;
  QueueId id_;
  QueueParams params_;
  std::uint32_t vector_;
  Ring ring_;
  os::Mutex lock_;  // serialises prepare..push, so that sequence numbers are in push order
  os::WaitQueue ring_space_;
  os::WaitQueue reply_wait_;
  bool replied_ = false;
  bool open_ = true;
  bool listed_ = false;  // in the driver's list of active queues of the vector
  std::uint64_t fence_context_;
  std::uint64_t next_start_ = 1;
  Fifo<PendingFence> pending_;
  Fifo<PendingFence> starts_;
  sched::SubmissionQueue* submission_ = nullptr;
};

}  // namespace gpusim::drv
