// SPDX-License-Identifier: MIT
// An application that renders frames into the buffers of a surface and commits them to a compositor: see RendererSpec.
// With explicit synchronisation its jobs wait for the release fence of their buffer; with implicit one for who reads
// it, by its reservation object.
#pragma once

#include "sim/workload/client.h"

namespace gpusim::workload {

/// On the queue "<client>.frames". Work is drawn from the stream "<client>.<clone>.work", pauses from ".wait".
[[nodiscard]] os::Task<ClientEnd> run_renderer(os::Context& ctx, const RendererSpec& spec,
                                               const ClientEnvironment& environment);

}  // namespace gpusim::workload
