// SPDX-License-Identifier: MIT
#include "sim/experiment/measurement.h"

#include <algorithm>
#include <exception>
#include <iterator>
#include <new>
#include <sstream>
#include <utility>

#include "base/invariant.h"
#include "sim/experiment/asked_metrics.h"
#include "sim/system/simulation.h"
#include "traces/folds/work_counters.h"

namespace gpusim::experiment {

const MetricValue* Measurement::find_value(std::string_view metric) const {
  if (status != Status::good) return nullptr;
  const auto found =
      std::find_if(values.begin(), values.end(), [&](const MetricValue& value) { return value.name == metric; });
  return found == values.end() || !found->value ? nullptr : &*found;
}

std::optional<std::int64_t> Measurement::find(std::string_view metric) const {
  const MetricValue* value = find_value(metric);
  return value == nullptr ? std::nullopt : value->value;
}

Measurement measure(const scenario::ScenarioSpec& spec, std::vector<std::string> asked) {
  Measurement result;
  try {
    system::Simulation simulation{spec};
    trace::WorkCounters counters;
    counters.attach_to(simulation.recorder());
    for (const scenario::Expectation& expectation : spec.expectations) asked.push_back(expectation.metric);
    AskedMetrics asked_metrics{asked, simulation};
    const system::RunResult run = simulation.run();
    result.trace_hash = simulation.recorder().hash();
    result.values = measure_metrics(simulation, counters, simulation.machine().host_counters(), spec);
    std::vector<MetricValue> of_asked = asked_metrics.values();
    std::move(of_asked.begin(), of_asked.end(), std::back_inserter(result.values));
    result.charges = simulation.machine().ledger().totals();
    result.causes.assign(simulation.statistics().causes().begin(), simulation.statistics().causes().end());
    result.notices = simulation.notices(run);
    if (run.outcome == system::Outcome::stalled) {
      result.status = Status::stalled;
      result.error = "the model stalled: " + run.stall_report;
    }
  } catch (const InvariantViolation& violation) {
    result.status = Status::broken;
    result.error = std::string{"a rule is broken: "} + violation.what();
  } catch (const std::bad_alloc&) {
    throw;  // this says nothing about the run
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
      << measurement.values.size() << ' ' << measurement.charges.size() << ' ' << measurement.causes.size() << ' '
      << measurement.notices.size() << '\n';
  for (const MetricValue& value : measurement.values) {
    out << value.name << ' ' << static_cast<int>(value.unit) << ' ' << (value.value ? 1 : 0) << ' '
        << value.value.value_or(0) << ' ' << value.off << ' ' << (value.is_between_groups ? 1 : 0) << '\n';
  }
  for (const Picoseconds charge : measurement.charges) out << charge.count() << '\n';
  for (const Wide cause : measurement.causes) {
    out << static_cast<std::uint64_t>(cause >> 64) << ' ' << static_cast<std::uint64_t>(cause) << '\n';
  }
  for (const std::string& notice : measurement.notices) out << notice << '\n';
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
  std::size_t causes = 0;
  std::size_t notices = 0;
  in >> word >> status >> result.trace_hash >> values >> charges >> causes >> notices;
  for (std::size_t i = 0; in && i < values; ++i) {
    MetricValue& value = result.values.emplace_back();
    int unit = 0;
    int has_value = 0;
    std::int64_t number = 0;
    int is_between_groups = 0;
    in >> value.name >> unit >> has_value >> number >> value.off >> is_between_groups;
    value.is_between_groups = is_between_groups != 0;
    value.unit = static_cast<Unit>(unit);
    if (has_value != 0) value.value = number;
  }
  for (std::size_t i = 0; in && i < charges; ++i) {
    std::int64_t charge = 0;
    in >> charge;
    result.charges.emplace_back(charge);
  }
  for (std::size_t i = 0; in && i < causes; ++i) {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    in >> high >> low;
    result.causes.push_back(Wide{high} << 64 | low);
  }
  if (notices > 0) in.get();
  for (std::size_t i = 0; in && i < notices; ++i) std::getline(in, result.notices.emplace_back());
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
