// SPDX-License-Identifier: MIT
// Credits in flight, recomputed from what each job asked for, what was run and what was given back, are what the events
// say, never pass the limit, and are zero at the end. A job takes at most the limit. Queues of one domain (one
// scheduler) share their credits. The limit is given, or learnt when a head is blocked.
#pragma once

#include <cstdint>
#include <vector>

#include "base/id_window.h"
#include "traces/oracles/oracle.h"

namespace gpusim::trace {

class Credits final : public Oracle {
 public:
  explicit Credits(const Names& names) : Oracle{"credits", names} {}
  void attach_to(Recorder& recorder) override;
  void on(const exec_begin& event);
  void on(const exec_end& event);
  void on(const credit_blocked& event);
  void on(const drm_sched_job_run& event);
  void on(const credit_returned& event);
  void on(const dma_fence_signaled& event);
  void finish(SimTime now) override;

  /// `limit` in credits, 0: not known; `rings`: that have so many each; `domain` 0: the queue for itself.
  void on_queue_limit(QueueId queue, std::uint64_t limit, std::uint32_t domain = 0, std::uint32_t rings = 1);
  /// What events say is of one scheduler of several.
  void on_balanced_queues() { says_all_ = false; }

 private:
  struct Job {
    std::uint64_t wanted = 0;
    std::uint64_t taken = 0;
    bool ran = false;
  };
  struct Account {
    std::uint64_t in_flight = 0;
    std::uint64_t limit = 0;  ///< of a ring; 0: not known
    std::uint32_t rings = 1;
    QueueId queue;  ///< one that uses it, for messages
  };

  [[nodiscard]] Account& account_of(QueueId queue);
  void check_says(QueueId queue, JobId job, SimTime now, const Account& account, std::uint64_t said) const;

  bool says_all_ = true;
  IdWindow<Job> jobs_;
  std::vector<std::uint32_t> account_numbers_;  ///< by queue; index into accounts_ + 1, 0: none yet
  std::vector<std::uint32_t> domain_accounts_;  ///< by domain; the same
  std::vector<Account> accounts_;
};

}  // namespace gpusim::trace
