// SPDX-License-Identifier: MIT
// What SystemC and modules in it report, among them those of plug-ins, goes where all goes that the program says:
// "warning: SystemC: TYPE: TEXT (FILE:LINE, in process NAME, at TIME)". An error that ends a run is that run's.
#pragma once

namespace gpusim::app {

/// `details`: what SystemC says of itself, too, as -vv has it of one run.
enum class Details : bool { no, yes };
void log_systemc_reports(Details details);

}  // namespace gpusim::app
