// SPDX-License-Identifier: MIT
// Jobs that arrive as a Poisson process, on one queue "<client>.jobs": see PoissonSpec.
//
// Arrival times are fixed by the random stream alone: a client that could not submit in time (its CPU was taken, the
// lock was held) submits the overdue jobs at once.
#pragma once

#include "sim/workload/client.h"

namespace gpusim::workload {

/// Intervals are drawn from "<client>.<clone>.arrivals", work from "<client>.<clone>.work". The error that ended it, or
/// ok.
[[nodiscard]] os::Task<ClientEnd> run_poisson(os::Context& ctx, const PoissonSpec& spec,
                                              const ClientEnvironment& environment);

}  // namespace gpusim::workload
