// SPDX-License-Identifier: MIT
#include "sim/experiment/measurement.h"

#include <algorithm>
#include <exception>
#include <sstream>

#include "base/invariant.h"
#include "sim/system/simulation.h"
#include "traces/folds/work_counters.h"

namespace gpusim::experiment {

std::optional<std::int64_t> Measurement::find(std::string_view metric) const {
  if (status != Status::good) return std::nullopt;
  const auto found =
      std::find_if(values.begin(), values.end(), [&](const MetricValue& value) { return value.name == metric; });
  return found == values.end() ? std::nullopt : found->value;
}

Measurement measure(const scenario::ScenarioSpec& spec) {
  Measurement result;
  try {
    system::Simulation simulation{spec};
    trace::WorkCounters counters;
    counters.attach_to(simulation.recorder());
    const system::RunResult run = simulation.run();
    result.trace_hash = simulation.recorder().hash();
    result.values = measure_metrics(simulation, counters, simulation.machine().host_counters(), spec);
    result.charges = simulation.machine().ledger().totals();
    if (run.outcome == system::Outcome::stalled) {
      result.status = Status::stalled;
      result.error = "the model stalled: " + run.stall_report;
    }
  } catch (const InvariantViolation& violation) {
    result.status = Status::broken;
    result.error = std::string{"a rule is broken: "} + violation.what();
  } catch (const std::exception& failure) {
    result.status = Status::broken;
    result.error = failure.what();
  }
  return result;
}

// Lines of words; the error, which may have lines of its own, comes last.
std::string encode(const Measurement& measurement) {
  std::ostringstream out;
  out << "measurement " << static_cast<int>(measurement.status) << ' ' << measurement.trace_hash << ' '
      << measurement.values.size() << ' ' << measurement.charges.size() << '\n';
  for (const MetricValue& value : measurement.values) {
    out << value.name << ' ' << static_cast<int>(value.unit) << ' ' << (value.value ? 1 : 0) << ' '
        << value.value.value_or(0) << '\n';
  }
  for (const Picoseconds charge : measurement.charges) out << charge.count() << '\n';
  out << "end\n" << measurement.error;
  return out.str();
}

Measurement decode(const std::string& text) {
  std::istringstream in{text};
  Measurement result;
  std::string word;
  int status = 0;
  std::size_t values = 0;
  std::size_t charges = 0;
  in >> word >> status >> result.trace_hash >> values >> charges;
  for (std::size_t i = 0; in && i < values; ++i) {
    MetricValue& value = result.values.emplace_back();
    int unit = 0;
    int has_value = 0;
    std::int64_t number = 0;
    in >> value.name >> unit >> has_value >> number;
    value.unit = static_cast<Unit>(unit);
    if (has_value != 0) value.value = number;
  }
  for (std::size_t i = 0; in && i < charges; ++i) {
    std::int64_t charge = 0;
    in >> charge;
    result.charges.emplace_back(charge);
  }
  in >> word;
  if (!in || word != "end") {
    result = {};
    result.status = Status::broken;
    result.error = "the process of this run died";
    return result;
  }
  in.get();
  result.status = static_cast<Status>(status);
  result.error.assign(std::istreambuf_iterator<char>{in}, {});
  return result;
}

}  // namespace gpusim::experiment
