// SPDX-License-Identifier: MIT
// What a user wants of trace.vcd (traces/sinks/vcd): which signals, and when.
#pragma once

#include <string>
#include <vector>

#include "sim/scenario/problem.h"
#include "traces/sinks/vcd/sink.h"

namespace gpusim::app {

struct VcdChoice {
  std::vector<std::string> signals;  ///< names, or those of scopes; empty: all
  std::string window;                ///< "1ms..2.5ms", "1ms..", "..2.5ms"; empty: the whole run
};

/// The choice for that device; what is wrong with it goes to `problems`, with the option's name.
[[nodiscard]] trace::VcdSinkOptions read_vcd_choice(const VcdChoice& choice, const trace::DeviceShape& shape,
                                                    std::vector<scenario::Problem>& problems);

}  // namespace gpusim::app
