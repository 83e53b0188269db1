// SPDX-License-Identifier: MIT
// Clients that keep the firmware of a given device busy with whatever it can be asked.
#pragma once

#include <string>

#include "sim/scenario/loader.h"

namespace gpusim::system {

/// A scenario with the device of another one and its native waits, own clients and faults, and the default host and
/// driver otherwise: queues that come and go, that change their level, share an engine for longer than a quantum, are
/// closed at work, and one with a job that hangs and does not leave its engine. Problems if that device cannot be had
/// on its own.
[[nodiscard]] scenario::LoadResult load_firmware_exercise(const scenario::LoadResult& with_device);

}  // namespace gpusim::system
