// SPDX-License-Identifier: MIT
#pragma once

#include "sim/scenario/spec.h"
#include "traces/event/device_shape.h"

namespace gpusim::system {

/// Of the device that a machine of this scenario has.
[[nodiscard]] trace::DeviceShape device_shape(const scenario::ScenarioSpec& spec);

}  // namespace gpusim::system
