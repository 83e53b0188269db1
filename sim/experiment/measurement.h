// SPDX-License-Identifier: MIT
// One run of one variant with one seed, reduced to figures, and its way through a pipe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "sim/experiment/metrics.h"
#include "sim/scenario/spec.h"

namespace gpusim::experiment {

enum class Status : std::uint8_t {
  good,
  not_run,  ///< interrupted before
  stalled,
  broken,  ///< a rule of the model is, or the process died
};

struct Measurement {
  Status status = Status::good;
  std::string error;             ///< why it stalled or broke: one line or more
  std::uint64_t trace_hash = 0;  ///< two runs that did the same have the same
  std::vector<MetricValue> values;
  std::vector<Picoseconds> charges;  ///< by parameter, as CostLedger::totals()
  std::vector<Wide> causes;          ///< picoseconds of all lives that ended, by cause
  std::vector<std::string> notices;  ///< as in the summary of a run

  /// None if the run is not good, has no such metric, or it never occurred.
  [[nodiscard]] std::optional<std::int64_t> find(std::string_view metric) const;
  /// The same with all that is known of it; nullptr if there is no value.
  [[nodiscard]] const MetricValue* find_value(std::string_view metric) const;

  friend bool operator==(const Measurement&, const Measurement&) = default;
};

/// Runs it in this process. Of the metrics that are measured only if somebody asks for them (asked_metrics.h) the run
/// has those that are `asked` for, and those of which the scenario expects something. Never throws.
[[nodiscard]] Measurement measure(const scenario::ScenarioSpec& spec, std::vector<std::string> asked = {});

[[nodiscard]] std::string encode(const Measurement& measurement);
/// A text that encode() did not write, such as nothing from a process that died, is a broken measurement.
[[nodiscard]] Measurement decode(const std::string& text);

}  // namespace gpusim::experiment
