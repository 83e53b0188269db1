// SPDX-License-Identifier: MIT
// Holds a recorded run of one .wsim client against the reference interpreter (wsim_reference.h): not a second opinion
// on times, but on what was submitted where, in which order, depending on what.
//
// Dependencies are compared after the one rule that the driver and its component apply to the full list of edges
// (reference contract, point 6): a fence that has signalled by the time of the submit may be left out, and of several
// fences of one fence context - the finished fences of one queue - only the latest stays. Edges to the own queue are
// listed on both sides. A software fence and a start mark are alone in their fence context.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tests/support/machine/scenarios.h"
#include "tests/support/wsim_reference.h"

namespace gpusim::test {

/// One line for each thing that differs; empty if nothing does. `run`: one client, not cloned.
[[nodiscard]] std::vector<std::string> compare_meaning(const Recording& run, const reference::Expectation& expected);

/// Holds each descriptor of the folder, run on `machine`, which has no client yet, against the reference; those that
/// mix classes are left out. `seen`: what to compare of a recording, if not all. How many were compared.
[[nodiscard]] std::size_t check_folder(const std::string& folder, const scenario::ScenarioSpec& machine,
                                       Recording (*seen)(Recording) = nullptr);

/// A batch of the program is placed on a virtual engine over several classes: no driver takes such a queue.
[[nodiscard]] bool mixes_classes(const reference::Expectation& expected);

/// Name of the device's engine for one of wsim's: "VCS1" is "vcs0".
[[nodiscard]] std::string device_engine(const std::string& wsim_engine);

}  // namespace gpusim::test
