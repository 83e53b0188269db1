// SPDX-License-Identifier: MIT
// What happened to one job, and around it to its queue as far as that concerned it: a sentence for each event.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "traces/event/make.h"
#include "traces/inspect/run_index.h"

namespace gpusim::trace {

struct StoryRow {
  SimTime time{};
  std::string text;
};

class StoryRows final {
 public:
  /// Pre: the job exists. All outlive it.
  StoryRows(const Recording& recording, const RunIndex& index, JobId job);

  [[nodiscard]] const std::vector<StoryRow>& rows() const { return rows_; }

  // On the host, until it is in the ring.
  void on(const exec_begin& event);
  void on(const exec_lock_wait& event);
  void on(const exec_lock_acquired& event);
  void on(const exec_end& event);
  void on(const drm_sched_job_add_dep& event);
  void on(const native_dependency& event);
  void on(const user_dependency& event);
  void on(const user_dependency_reached& event);
  void on(const gang_submit& event);
  void on(const drm_sched_job_queue& event);
  void on(const job_bypass_refused& event);
  void on(const drm_sched_job_unschedulable& event);
  void on(const dependency_ready& event);
  void on(const credit_blocked& event);
  void on(const credit_returned& event);
  void on(const token_wait& event);
  void on(const token_granted& event);
  void on(const token_withdrawn& event);
  void on(const gang_wait& event);
  void on(const gang_switch& event);
  void on(const drm_sched_job_run& event);
  void on(const ring_full& event);
  void on(const ring_space& event);
  void on(const ring_wait_write& event);
  void on(const ring_write& event);
  void on(const doorbell_write& event);
  // On the device.
  void on(const doorbell_arrive& event);
  void on(const queue_registered& event);
  void on(const queue_ready& event);
  void on(const firmware_begin& event);
  void on(const ring_wait_begin& event);
  void on(const ring_wait_end& event);
  void on(const page_fault& event);
  void on(const reset_notify& event);
  void on(const slot_grant& event);
  void on(const slot_evict& event);
  void on(const engine_assign& event);
  void on(const context_restore_begin& event);
  void on(const fetch_begin& event);
  void on(const job_start& event);
  void on(const job_preempted& event);
  void on(const job_resumed& event);
  void on(const work_killed& event);
  void on(const job_end& event);
  // And back.
  void on(const fence_visible& event);
  void on(const interrupt_arrive& event);
  void on(const irq_handler_entry& event);
  void on(const irq_handler_exit& event);
  void on(const workqueue_execute_start& event);
  void on(const workqueue_execute_end& event);
  void on(const dma_fence_signaled& event);
  void on(const dma_fence_wait_start& event);
  void on(const dma_fence_wait_end& event);
  void on(const job_put& event);
  void on(const job_released& event);
  // What goes wrong.
  void on(const job_timedout& event);
  void on(const timeout_verdict& event);
  void on(const queue_stop& event);
  void on(const queue_start& event);
  void on(const queue_kill& event);
  void on(const queue_banned& event);
  void on(const engine_reset& event);
  void on(const device_reset_begin& event);
  void on(const device_reset_end& event);
  void on(const device_gone& event);
  void on(const fault_injected& event);

 private:
  enum class Stage : std::uint8_t {
    before,
    submitting,
    queued,
    issuing,
    written,
    announced,
    fetched,
    worked,
    signalled
  };

  void say(SimTime time, std::string text) { rows_.push_back({time, std::move(text)}); }
  [[nodiscard]] bool is_mine(JobId job) const { return job == job_; }
  /// Something of its queue's, while it is in one of these stages.
  [[nodiscard]] bool concerns(QueueId queue, Stage first, Stage last) const {
    return queue == facts_.queue && stage_ >= first && stage_ <= last;
  }
  [[nodiscard]] bool lives() const { return stage_ != Stage::before && stage_ != Stage::signalled; }
  /// "", or " of job 3 of web" if the doorbell was rung for another one.
  [[nodiscard]] std::string whose(JobId job) const { return is_mine(job) ? "" : " of " + index_.text(job); }
  /// "it", or "job 3 of web, the head of its queue,".
  [[nodiscard]] std::string head(JobId job) const;
  [[nodiscard]] const std::string& queue() const { return index_.queue_name(facts_.queue); }
  [[nodiscard]] std::string engine(std::uint32_t number) const;
  [[nodiscard]] const std::string& thread(std::uint32_t number) const { return Names::of(names_.threads, number); }
  /// Who does something: "the handler of rcs on CPU 1", "kworker/u:0 (drm_dep_submit)".
  [[nodiscard]] std::string doer(std::uint16_t cpu, std::uint32_t thread) const;

  const Names& names_;
  const RunIndex& index_;
  JobId job_;
  const JobFacts& facts_;
  std::vector<StoryRow> rows_;
  Stage stage_ = Stage::before;
  FenceName finished_{};  ///< its finished fence
  std::uint64_t ring_index_ = ~std::uint64_t{0};
  std::map<std::uint64_t, JobId> rung_for_;  ///< by write index: whose doorbell it was, of those that tell of its entry
  std::uint32_t vector_ = 0;                 ///< that reports it
  bool awaits_interrupt_ = false;
  bool awaits_handler_ = false;
  std::map<std::uint16_t, std::uint32_t> handlers_;  ///< CPU: vector whose handler runs there
  std::map<std::uint32_t, std::uint64_t> works_;     ///< thread: kind of work that it executes
};

}  // namespace gpusim::trace
