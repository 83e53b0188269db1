// SPDX-License-Identifier: MIT
#include "sim/app/systemc_reports.h"

#include <string>

#include "sim/app/log.h"
#include "sim/system/kernel.h"

namespace gpusim::app {

void log_systemc_reports(Details details) {
  using Level = system::KernelReport::Level;
  system::listen_to_systemc([details](const system::KernelReport& report) {
    const std::string text = "SystemC: " + report.text;
    switch (report.level) {
      case Level::detail:
        if (details == Details::yes) log::debug(text);
        return;
      case Level::info:
        return log::info(text);
      case Level::warning:
        return log::warning(text);
      case Level::error:
        return log::error(text);
    }
  });
}

}  // namespace gpusim::app
