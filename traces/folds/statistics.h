// SPDX-License-Identifier: MIT
// What a run's numbers are: per client, engine, queue and cause, folded from job lives and events alone. Job lives cut
// off by the end of the run are only counted.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/wide.h"
#include "traces/event/make.h"
#include "traces/event/recorder.h"
#include "traces/folds/device_wait.h"
#include "traces/folds/histogram.h"
#include "traces/folds/job_life.h"

namespace gpusim::trace {

struct ClientStatistics {
  std::uint64_t jobs_done = 0;
  std::uint64_t jobs_failed = 0;  ///< ended with an error on the finished fence
  SimTime first_exec = kNever;    ///< exec_begin of its first job that ended
  SimTime last_end{};             ///< end of its last job
  Histogram latency;              ///< ps from exec_begin to the waiter's return, of jobs done
  std::uint64_t period_misses = 0;
};

struct EngineStatistics {
  DeviceWait::EngineTimes times;
  std::uint64_t jobs = 0;      ///< brought to their end
  std::uint64_t switches = 0;  ///< assignments that found another context loaded
};

class Statistics final : public JobLifeListener {
 public:
  /// Receives job lives from the source that this is added to as a JobLifeListener.
  void attach_to(Recorder& recorder);

  void on(const client_period_missed& event);
  void on(const engine_assign& event);
  void on(const job_end& event);
  void on_job_life(const JobLife& life) override;

  /// What is known at the end of the run, from Milestones: jobs still open, and the engines' times. Once, before
  /// reading.
  void finish(std::uint64_t unfinished, const std::vector<DeviceWait::EngineTimes>& engines);

  /// By client number; a client without a job or a missed period has an empty entry or none.
  [[nodiscard]] const std::vector<ClientStatistics>& clients() const { return clients_; }
  /// By engine; an engine that never worked has an empty entry (all idle) or none.
  [[nodiscard]] const std::vector<EngineStatistics>& engines() const { return engines_; }
  /// Jobs ended, by QueueId.
  [[nodiscard]] const std::vector<std::uint64_t>& queue_jobs() const { return queue_jobs_; }
  /// Picoseconds of all lives that ended, by Cause.
  [[nodiscard]] const std::array<Wide, kCauseCount>& causes() const { return causes_; }
  [[nodiscard]] Wide life_time() const;
  [[nodiscard]] std::uint64_t jobs_done() const;
  [[nodiscard]] std::uint64_t jobs_failed() const;
  [[nodiscard]] std::uint64_t jobs_ended() const { return jobs_done() + jobs_failed(); }
  [[nodiscard]] std::uint64_t jobs_unfinished() const { return unfinished_; }

 private:
  std::vector<ClientStatistics> clients_;
  std::vector<EngineStatistics> engines_;
  std::vector<std::uint64_t> queue_jobs_;
  std::array<Wide, kCauseCount> causes_{};
  std::uint64_t unfinished_ = 0;
};

}  // namespace gpusim::trace
