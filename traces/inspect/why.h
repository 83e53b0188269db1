// SPDX-License-Identifier: MIT
// Why a job was not running at a moment: its place then, what held it there, what held that, and so on to the end.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "traces/inspect/run_index.h"
#include "traces/inspect/standing.h"

namespace gpusim::trace {

/// What no event says.
struct WhyOptions {
  std::vector<Picoseconds> quanta{};    ///< of the queues of each client, by its number; 0: none, or not known
  bool quantum_charges_switch = false;  ///< it begins with the restore
  std::string scheduler;  ///< which component serves queues in which order: "drm_sched, policy fifo"; empty: not known
};

/// An engine for which the chain ended, and when the firmware began to choose the queue that has it.
struct EnginePick {
  std::uint32_t engine = 0;
  QueueId chosen;
  SimTime time{};
};

struct Why {
  std::vector<std::string> chain;  ///< one sentence each, from the job to the last cause
  std::vector<EnginePick> picks;
  QueueId waiter;                       ///< that waits for these engines; 0: the chain ended elsewhere
  std::optional<decision> passed_over;  ///< QueueStanding::passed_over of that one
};

class WhyChain final {
 public:
  /// All but `options` outlive it. `standing` is of the moment that is asked about.
  WhyChain(const Recording& recording, const RunIndex& index, Standing& standing, WhyOptions options);

  /// Pre: the job exists.
  [[nodiscard]] Why of(JobId job);

 private:
  void job(JobId job);
  void not_submitted(const JobFacts& facts);
  void submitting(const JobFacts& facts);
  void queued(const JobFacts& facts);
  void head(const JobFacts& facts, const QueueStanding& queue);
  void lacks_credits(const JobFacts& facts, const QueueStanding& queue);
  void lacks_token(const JobFacts& facts, const QueueStanding& queue);
  void awaits_worker(const JobFacts& facts, const QueueStanding& queue);
  void issuing(const JobFacts& facts);
  void on_device(const JobFacts& facts);
  void awaits_engine(const JobFacts& facts);
  void waits_in_ring(const QueueStanding& queue);
  void lacks_slot(const JobFacts& facts, const QueueStanding& queue);
  void engines(const JobFacts& facts);
  void started(const JobFacts& facts, const Milestones::Place& place);
  void fence(const FenceName& name);
  /// The injected faults that hold it there.
  void strikes(const JobFacts& facts, const Milestones::Place& place);

  void say(std::string text) { why_.chain.push_back(std::move(text)); }
  [[nodiscard]] std::string who(const JobFacts& facts) const { return index_.text(facts.id); }
  [[nodiscard]] std::string engine_text(std::uint32_t engine) const;
  [[nodiscard]] std::string quantum_text(const EngineStanding& engine) const;
  [[nodiscard]] std::string firmware_text() const;
  [[nodiscard]] std::string level_text(QueueId holder, QueueId asker) const;
  [[nodiscard]] std::string trouble_text(const QueueStanding& queue) const;
  /// Jobs that are with the hardware, of queues that may share a ring with this one if `all`.
  [[nodiscard]] std::vector<JobId> handed(const JobFacts& facts, bool all) const;
  /// "job 3 of web, job 4 of web and 7 more"
  [[nodiscard]] std::string list(const std::vector<JobId>& jobs) const;
  [[nodiscard]] std::uint32_t thread_of_exec(JobId job) const;

  const Recording& recording_;
  const RunIndex& index_;
  Standing& standing_;
  WhyOptions options_;
  Why why_;
  std::set<JobId> told_;
};

}  // namespace gpusim::trace
