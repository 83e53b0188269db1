// SPDX-License-Identifier: MIT
// A client that walks a .wsim program (IGT's gem_wsim), step by step, loop after loop. docs/wsim.md gives the meaning
// of each step; tests/support/wsim_reference.h is the contract of its order and its dependencies.
//
// Queues "<client>.<context>.<engine>" are created at the context's first batch for that engine. A step with a time
// pays what the client owes its CPU before it reads the clock, so that costs come before a delay and do not shorten it.
// Not modelled: slice masks, bonds, address spaces, sizes of objects, a master workload (-W). A `P` step moves the
// whole queue to another level, with what it holds already (i915 gives each request the priority of its submit).
#pragma once

#include "sim/workload/client.h"

namespace gpusim::workload {

/// Durations are drawn from "<client>.<clone>.durations"; with same_random from "<client>.durations" in every clone.
/// The error that ended it, or ok. -ENODEV: a batch may only run on engines that the device lacks.
[[nodiscard]] os::Task<ClientEnd> run_wsim(os::Context& ctx, const WsimSpec& spec,
                                           const ClientEnvironment& environment);

}  // namespace gpusim::workload
