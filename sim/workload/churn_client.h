// SPDX-License-Identifier: MIT
// A client whose queues live briefly: see ChurnSpec. Its queues are called "<client>.q<cycle>".
#pragma once

#include "sim/workload/client.h"

namespace gpusim::workload {

/// Work is drawn from the stream "<client>.<clone>.work", once for each job. The error that ended it, or ok; -ENOSPC
/// for a queue ends only its cycle. It does not wait for jobs that are in flight at the end.
[[nodiscard]] os::Task<ClientEnd> run_churn(os::Context& ctx, const ChurnSpec& spec,
                                            const ClientEnvironment& environment);

}  // namespace gpusim::workload
