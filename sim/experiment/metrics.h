// SPDX-License-Identifier: MIT
// The metrics of a run, as named integers: what clients see, where the time went, what the host had to do. All come
// from the folds that every run has and from the host's own counters.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/wide.h"
#include "sim/system/simulation.h"
#include "traces/folds/work_counters.h"

namespace gpusim::experiment {

enum class Unit : std::uint8_t {
  time,     ///< ps
  count,    ///< thousandths, also of something for each job
  rate,     ///< thousandths of a job per second
  percent,  ///< thousandths of a percent
};

struct MetricValue {
  std::string name;
  Unit unit = Unit::count;
  std::optional<std::int64_t> value;  ///< none: it never occurred in this run
  std::int64_t off = 0;               ///< how far the true value may be from it: a percentile is known to a bucket
  bool is_between_groups = false;     ///< a median that lies in a gap between two groups of values

  friend bool operator==(const MetricValue&, const MetricValue&) = default;
};

/// The metrics of one finished run: the rows of the table below, then "cause.<cause>" for each cause, then
/// "fault.<kind>", how often it struck, for each kind of fault, then "engine.<name>.busy" and ".switching", shares of
/// the run, for each engine, then for each [[client]] "client.<name>.jobs" and the like, its clones together, those of
/// frames only of renderers and compositors that had a vblank, and "client.<name>.cause.<cause>".
[[nodiscard]] std::vector<MetricValue> measure_metrics(const system::Simulation& simulation,
                                                       const trace::WorkCounters& counters,
                                                       const os::HostCounters& host,
                                                       const scenario::ScenarioSpec& spec);

/// Figures that any jobs have, whoever submits them: "jobs", "latency_p99", "cause.wakeup".
[[nodiscard]] bool is_figure_of_jobs(std::string_view name);
[[nodiscard]] std::vector<std::string> figures_of_jobs();
/// One of those figures of these jobs, called `name`. Pre: is_figure_of_jobs(figure).
[[nodiscard]] MetricValue measure_jobs(std::string name, std::string_view figure, const trace::ClientStatistics& jobs);

/// Is it the name of a metric, or of one that a client of some name has, or that is measured only if it is asked for?
[[nodiscard]] bool is_metric_name(std::string_view name);
/// "client.web.jobs" and so on.
[[nodiscard]] std::vector<std::string> client_metric_names(std::string_view client);
/// "engine.rcs0.busy" and so on.
[[nodiscard]] std::vector<std::string> engine_metric_names(std::string_view engine);
/// "client.web.cause.wakeup"
[[nodiscard]] bool is_client_cause(std::string_view name);
/// Of one client or engine, and there are many such: shown where it is asked for.
[[nodiscard]] bool is_detail(std::string_view name);
/// None if it is no name of a metric.
[[nodiscard]] std::optional<Unit> unit_of(std::string_view name);
/// All but those of clients.
[[nodiscard]] std::vector<std::string> metric_names();
/// The names, each with what it means, for docs/experiments/README.md.
void write_metric_table(std::ostream& out);

}  // namespace gpusim::experiment
