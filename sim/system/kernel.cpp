// SPDX-License-Identifier: MIT
#include "sim/system/kernel.h"

#include <cstdlib>
#include <utility>

#include <fmt/core.h>

#include "base/invariant.h"

// The library's own main() needs it; ours never calls it.
int sc_main(int, char*[]) { return EXIT_FAILURE; }

namespace gpusim::system {
namespace {

bool kernel_lives = false;
std::function<void(const std::string&)> listener;  // SystemC's handler is one for the process, a plain function

/// A warning of the kernel (a renamed module, a notification lost) is a defect of the model, so it is an error.
void handle(const sc_core::sc_report& report, const sc_core::sc_actions&) {
  if (report.get_severity() != sc_core::SC_INFO) throw InvariantViolation{"systemc", report.what()};
  if (listener) listener(fmt::format("{}: {}", report.get_msg_type(), report.get_msg()));
}

}  // namespace

Kernel::Kernel(std::function<void(const std::string&)> on_report) {
  if (kernel_lives) violate("kernel", "two machines live at a time in one process");
  kernel_lives = true;
  sc_core::sc_report_handler::set_handler(handle);
  listener = std::move(on_report);
  context_ = std::make_unique<sc_core::sc_simcontext>();
  sc_core::sc_curr_simcontext = context_.get();
  sc_core::sc_default_global_context = context_.get();
}

Kernel::~Kernel() {
  context_.reset();
  sc_core::sc_curr_simcontext = nullptr;
  sc_core::sc_default_global_context = nullptr;
  listener = {};
  kernel_lives = false;
}

void Kernel::run() {
  sc_core::sc_set_stop_mode(sc_core::SC_STOP_IMMEDIATE);
  sc_core::sc_start();
}

}  // namespace gpusim::system
