// SPDX-License-Identifier: MIT
// Upload, compute, read back, frame after frame: see PipelineSpec.
//
// Upload and read-back run on the same engine, but each has its own queue ("<client>.upload", "<client>.compute",
// "<client>.readback"): in one in-order queue the next upload would stand behind a read-back that waits for its kernel.
// Dependencies are explicit fences. Before frame n the client waits for the read-back of frame n - frames_in_flight.
#pragma once

#include "sim/workload/client.h"

namespace gpusim::workload {

/// Work is drawn from "<client>.<clone>.work", upload, kernel, read-back in turn. The error that ended it, or ok.
[[nodiscard]] os::Task<ClientEnd> run_pipeline(os::Context& ctx, const PipelineSpec& spec,
                                               const ClientEnvironment& environment);

}  // namespace gpusim::workload
