// SPDX-License-Identifier: MIT
// A client that walks a step program (docs/steps.md). Queues "<client>.<engine>" are created at the first submit to
// that engine, and again after a `close`.
//
// A submit that waits for a point which nobody has submitted yet would get -EINVAL from the ioctl. So the client first
// waits until all are there, as a Vulkan driver's submit thread does for a wait before signal
// (docs/reference/fences.md); here it is the client's own thread that sleeps.
#pragma once

#include "sim/workload/client.h"

namespace gpusim::workload {

/// Work is drawn from the stream "<client>.<clone>.work", once for each job whose time is a range.
[[nodiscard]] os::Task<ClientEnd> run_steps(os::Context& ctx, const StepsSpec& spec,
                                            const ClientEnvironment& environment);

}  // namespace gpusim::workload
