// SPDX-License-Identifier: MIT
// One job, many that depend on it, one that depends on them all: see FanSpec.
//
// Source and sink share the queue "<client>.ends"; the branches have "<client>.branch0", "<client>.branch1", ... each.
// Dependencies are explicit fences. The client waits for the sink before it begins the next round.
#pragma once

#include "sim/workload/client.h"

namespace gpusim::workload {

/// Work is drawn from "<client>.<clone>.work" in order of submission. The error that ended it, or ok.
[[nodiscard]] os::Task<ClientEnd> run_fan(os::Context& ctx, const FanSpec& spec, const ClientEnvironment& environment);

}  // namespace gpusim::workload
