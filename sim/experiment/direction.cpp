// SPDX-License-Identifier: MIT
#include "sim/experiment/direction.h"

#include <algorithm>
#include <array>

#include "sim/experiment/asked_metrics.h"
#include "sim/experiment/metrics.h"

namespace gpusim::experiment {

namespace {

/// Figures that are not what their unit says, by the last part of their names.
struct Exception {
  std::string_view figure;
  Better better;
};
constexpr std::array<Exception, 7> kExceptions{{{"jobs", Better::higher},
                                                {"frames_shown", Better::higher},
                                                {"switching", Better::lower},
                                                {"dependency_share", Better::unknown},
                                                {"engine_time", Better::unknown},
                                                {"slot_grants", Better::unknown},
                                                {"faults", Better::unknown}}};

[[nodiscard]] bool is_count_of_events(std::string_view metric) {
  const auto asked = read_asked(metric);
  return metric.starts_with("fault.") || (asked && asked->figure.empty());
}

}  // namespace

Better better_of(std::string_view metric) {
  if (is_count_of_events(metric)) return Better::unknown;
  const std::string_view figure = metric.substr(metric.rfind('.') + 1);
  const auto* const exception =
      std::find_if(kExceptions.begin(), kExceptions.end(), [&](const Exception& one) { return one.figure == figure; });
  if (exception != kExceptions.end()) return exception->better;
  const Unit unit = unit_of(metric).value_or(Unit::time);
  return unit == Unit::rate || unit == Unit::percent ? Better::higher : Better::lower;
}

}  // namespace gpusim::experiment
