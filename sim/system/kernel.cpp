// SPDX-License-Identifier: MIT
#include "sim/system/kernel.h"

#include <cstdlib>
#include <exception>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "base/invariant.h"

// The library's own main() needs it; ours never calls it.
int sc_main(int, char*[]) { return EXIT_FAILURE; }

namespace gpusim::system {
namespace {

bool kernel_lives = false;
std::function<void(const std::string&)> listener;  // SystemC's handler is one for the process, a plain function

/// What a process has thrown, as it was: the kernel itself keeps a text.
std::exception_ptr thrown;

/// A warning of the kernel (a renamed module, a notification lost) is a defect of the model, so it is an error.
void handle(const sc_core::sc_report& report, const sc_core::sc_actions&) {
  // The kernel is about to keep what has left a process; it expects a report here, and nothing else.
  if (std::string_view{report.get_msg_type()} == sc_core::SC_ID_SIMULATION_UNCAUGHT_EXCEPTION_) {
    if (thrown == nullptr) thrown = std::current_exception();
    throw report;
  }
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
  thrown = nullptr;
  try {
    sc_core::sc_start();
  } catch (const sc_core::sc_report& report) {
    if (thrown != nullptr) std::rethrow_exception(std::exchange(thrown, nullptr));
    violate("systemc", report.what());
  }
}

}  // namespace gpusim::system
