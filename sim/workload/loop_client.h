// SPDX-License-Identifier: MIT
// The client loop of the kernel's drm_sched KUnit tests, on one queue "<client>.jobs": see LoopSpec.
#pragma once

#include "sim/workload/client.h"

namespace gpusim::workload {

/// Work is drawn from the stream "<client>.<clone>.work", once for each job; pauses from ".wait". The error that ended
/// it, or ok.
[[nodiscard]] os::Task<ClientEnd> run_loop(os::Context& ctx, const LoopSpec& spec,
                                           const ClientEnvironment& environment);

}  // namespace gpusim::workload
