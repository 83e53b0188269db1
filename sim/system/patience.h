// SPDX-License-Identifier: MIT
// How long machines of a scenario may take for this and that before an oracle says that something was lost. From the
// configured lengths; explorations disturb by milliseconds on top.
#pragma once

#include <optional>

#include "base/time.h"
#include "sim/scenario/spec.h"

namespace gpusim::system {

// The spec is only read: a parameter is stored and fetched through the same Target.

/// For what the firmware has to do from one queue on an engine to the next.
[[nodiscard]] Picoseconds firmware_patience(scenario::ScenarioSpec& spec);

/// For a step without anything being lost: some twenty steps of the configured lengths, and as many of the longest of
/// the host's for each client, which may have to wait for one another's. Of a host with steps of a second nothing is
/// said.
[[nodiscard]] Picoseconds patience(scenario::ScenarioSpec& spec);

/// From one tick on which slots rotate to the next: the timer, and for each slot a suspend and a start of which each
/// step is disturbed. Nothing, if steps of the host are so long that this says nothing.
[[nodiscard]] std::optional<Picoseconds> tick_patience(scenario::ScenarioSpec& spec);

}  // namespace gpusim::system
