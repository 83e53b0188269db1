// SPDX-License-Identifier: MIT
#pragma once

#include "sim/app/exit_code.h"
#include "sim/experiment/stop_signal.h"

namespace gpusim::app {

/// A signal that asks to stop ends a command with kInterrupted: at once, unless the command has something to bring to
/// an end (experiment::StopSignal).
inline void end_at_signals() { experiment::exit_on_signals(kInterrupted); }

}  // namespace gpusim::app
