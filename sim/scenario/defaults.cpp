// SPDX-License-Identifier: MIT
#include "sim/scenario/defaults.h"

#include "sim/scenario/parameter_table.h"

namespace gpusim::scenario {

ScenarioSpec defaults() {
  ScenarioSpec spec;
  for (const Parameter& parameter : parameters().subspan(1)) {
    parameter.store({&spec, nullptr}, parameter, parameter.fallback);
  }
  return spec;
}

}  // namespace gpusim::scenario
