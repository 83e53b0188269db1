// SPDX-License-Identifier: MIT
#pragma once

#include "sim/scenario/spec.h"
#include "tests/support/catch.h"

namespace gpusim::test {

/// Runs the case with each component.
[[nodiscard]] inline scenario::Component any_component() {
  return GENERATE(scenario::Component::drm_dep, scenario::Component::drm_sched, scenario::Component::jobqueue);
}

}  // namespace gpusim::test
