// SPDX-License-Identifier: MIT
// What the numbers in a recording stand for: jobs and fences, and how to say so.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "traces/event/make.h"
#include "traces/inspect/recording.h"

namespace gpusim::trace {

/// Context and number.
using FenceName = std::pair<std::uint64_t, std::uint64_t>;

struct JobFacts {
  JobId id;  ///< 0: there is no such job
  QueueId queue;
  ClientId client;
  std::uint64_t of_queue = 0;   ///< its how-manieth exec there, from 1
  std::uint64_t of_client = 0;  ///< its how-manieth exec, from 1
  SimTime begin{};
  std::uint64_t credits = 0;
  std::uint64_t work_ps = 0;
};

struct FenceFacts {
  JobId job;      ///< whose finished, scheduled or hardware fence it is; 0: none's
  QueueId queue;  ///< whose it is; 0: none's
  bool is_finished = false;
  std::optional<std::uint32_t> syncobj;  ///< it is a point of this timeline
  FenceName contained;                   ///< then: the fence that the point waits for
  std::optional<SimTime> signalled;
};

class RunIndex final {
 public:
  /// `recording` outlives it.
  explicit RunIndex(const Recording& recording);

  /// Null if there was no exec of that job.
  [[nodiscard]] const JobFacts* job(JobId id) const;
  /// Of the last job; 0 if there is none.
  [[nodiscard]] std::uint64_t highest_job() const { return jobs_.empty() ? 0 : jobs_.size() - 1; }
  /// By client; how many jobs it has.
  [[nodiscard]] std::uint64_t jobs_of(ClientId client) const;
  /// The client's n-th job, from 1.
  [[nodiscard]] std::optional<JobId> nth_job(ClientId client, std::uint64_t n) const;
  [[nodiscard]] const FenceFacts* fence(const FenceName& name) const;

  [[nodiscard]] const std::string& queue_name(QueueId queue) const;
  /// Its number, of an unknown queue that of nobody.
  [[nodiscard]] std::uint32_t client_of(QueueId queue) const;
  [[nodiscard]] const std::string& client_name(ClientId client) const {
    return Names::of(names_.clients, client.value());
  }
  /// "job 7 of web"
  [[nodiscard]] std::string text(JobId id) const;
  /// "fence 2:1 (job 1 of web)", "fence 9:3 (point 3 of syncobj 0)"
  [[nodiscard]] std::string text(const FenceName& name) const;

  // Of events.
  void on(const exec_begin& event);
  void on(const drm_sched_job_queue& event);
  void on(const dma_fence_init& event);
  void on(const dma_fence_signaled& event);
  void on(const gang_submit& event);
  void on(const syncobj_point& event);

 private:
  const Names& names_;
  std::vector<JobFacts> jobs_;  ///< by number
  std::vector<std::uint64_t> of_queue_;
  std::vector<std::uint64_t> of_client_;
  std::map<FenceName, FenceFacts> fences_;
};

}  // namespace gpusim::trace
