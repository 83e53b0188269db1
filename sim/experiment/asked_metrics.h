// SPDX-License-Identifier: MIT
// Metrics of which there are too many to measure them all, and which a run therefore only has if somebody asks for
// them: "queue.web.jobs.latency_p99" and the like, "event.queue_banned", "queue.3.event.job_timedout".
//
// A queue is meant by the name that it has in traces and in summary.json, or by its number, from 1 in the order in
// which queues are created. Its figures are those that clients have; if a run does not create it, there are none.
// Periods are a client's: a queue's misses are those of who has created it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/experiment/metrics.h"
#include "sim/system/simulation.h"
#include "traces/event/recorder.h"
#include "traces/folds/job_life.h"

namespace gpusim::experiment {

/// None if the name is none of these.
[[nodiscard]] std::optional<Unit> unit_of_asked(std::string_view name);

/// Such a name in its parts.
struct AskedName {
  std::string queue{};   ///< its name or number; empty: of all
  std::string figure{};  ///< of jobs; empty: a count of `event`
  trace::EventKind event{};

  [[nodiscard]] bool is_queue_number() const;
};
/// None if the name is none of these.
[[nodiscard]] std::optional<AskedName> read_asked(std::string_view name);

/// "event.queue_banned" and so on, for "did you mean".
[[nodiscard]] std::vector<std::string> event_metric_names();
/// "queue.web.jobs.latency_p99", "queue.web.jobs.event.queue_banned" and so on.
[[nodiscard]] std::vector<std::string> queue_metric_names(std::string_view queue);

class AskedMetrics final : public trace::JobLifeListener, public trace::Listener {
 public:
  /// Names that are none of these are passed over. `simulation` has not run yet, and outlives it.
  AskedMetrics(const std::vector<std::string>& names, system::Simulation& simulation);

  void on_job_life(const trace::JobLife& life) override;
  void on_event(const trace::Event& event) override;

  /// After the run.
  [[nodiscard]] std::vector<MetricValue> values();

 private:
  struct Asked {
    std::string name;
    AskedName of{};
  };
  [[nodiscard]] bool is_called(std::uint32_t queue, const std::string& name) const;
  [[nodiscard]] std::vector<std::uint32_t> numbers_of(const std::string& queue) const;
  [[nodiscard]] const std::vector<trace::Statistics*>& statistics_of(std::uint32_t queue);
  [[nodiscard]] MetricValue value_of(const Asked& asked) const;
  [[nodiscard]] std::uint64_t count_of(const AskedName& of, const std::vector<std::uint32_t>& queues) const;
  [[nodiscard]] trace::ClientStatistics jobs_of(const std::string& queue,
                                                const std::vector<std::uint32_t>& numbers) const;

  system::Simulation& simulation_;
  std::vector<Asked> asked_;
  std::map<std::string, trace::Statistics> queues_;  // with one client, to whom all jobs of the queue belong
  std::vector<std::optional<std::vector<trace::Statistics*>>>
      of_queue_;                                                   // those of queues_, by QueueId, once it is seen
  std::map<trace::EventKind, std::vector<std::uint64_t>> counts_;  // of events, by QueueId
};

}  // namespace gpusim::experiment
