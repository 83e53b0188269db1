// SPDX-License-Identifier: MIT
#include "sim/system/kernel.h"

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "base/invariant.h"
#include "sim/hw/kernel_time.h"

// The library's own main() needs it; ours never calls it.
int sc_main(int, char*[]) { return EXIT_FAILURE; }

namespace gpusim::system {
namespace {

using Level = KernelReport::Level;

bool kernel_lives = false;
bool is_over = false;                               // of the kernel that lives: it has run
const Timeline* clock_ahead = nullptr;              // while it runs
std::function<void(const KernelReport&)> listener;  // SystemC's handler is one for the process, a plain function

/// What a process has thrown, as it was: the kernel itself keeps a text.
std::exception_ptr thrown;

/// Of SystemC itself or of TLM-2.0's sockets, and not of a module.
[[nodiscard]] bool is_systemcs_own(const sc_core::sc_report& report) {
  const std::string_view type = report.get_msg_type();
  return report.get_id() >= 0 || type.starts_with("/OSCI") || type.starts_with("/IEEE_Std_1666");
}

[[nodiscard]] Level level_of(const sc_core::sc_report& report) {
  if (report.get_severity() == sc_core::SC_INFO) return is_systemcs_own(report) ? Level::detail : Level::info;
  return report.get_severity() == sc_core::SC_WARNING ? Level::warning : Level::error;
}

[[nodiscard]] std::string text_of(const sc_core::sc_report& report) {
  std::string text = report.get_msg_type();
  if (*report.get_msg() != '\0') text += fmt::format(": {}", report.get_msg());
  if (report.get_severity() == sc_core::SC_INFO) return text;
  text += fmt::format(" ({}:{}", report.get_file_name(), report.get_line_number());
  if (report.get_process_name() != nullptr) text += fmt::format(", in process {}", report.get_process_name());
  if (clock_ahead != nullptr) {
    const SimTime when = std::max(clock_ahead->now(), hw::sc_now());
    text += fmt::format(", at {}", format_duration(when.time_since_epoch()));
  }
  return text + ")";
}

/// There is nothing that could be ended by throwing: modules are being destroyed.
[[nodiscard]] bool is_too_late() { return is_over || std::uncaught_exceptions() > 0; }

void handle(const sc_core::sc_report& report, const sc_core::sc_actions& actions) {
  // The kernel is about to keep what has left a process; it expects a report here, and nothing else.
  if (std::string_view{report.get_msg_type()} == sc_core::SC_ID_SIMULATION_UNCAUGHT_EXCEPTION_) {
    if (thrown == nullptr) thrown = std::current_exception();
    throw report;
  }
  if (actions == sc_core::SC_DO_NOTHING) return;
  constexpr sc_core::sc_actions kEnds = sc_core::SC_THROW | sc_core::SC_ABORT | sc_core::SC_STOP;
  const bool is_defect = is_systemcs_own(report) && report.get_severity() != sc_core::SC_INFO;
  if ((is_defect || (actions & kEnds) != 0) && !is_too_late()) violate("systemc", text_of(report));
  if (listener) listener({level_of(report), text_of(report)});
}

}  // namespace

void listen_to_systemc(std::function<void(const KernelReport&)> new_listener) {
  sc_core::sc_report_handler::set_handler(handle);
  listener = std::move(new_listener);
}

Kernel::Kernel() {
  if (kernel_lives) violate("kernel", "two machines live at a time in one process");
  kernel_lives = true;
  is_over = false;
  sc_core::sc_report_handler::set_handler(handle);
  context_ = std::make_unique<sc_core::sc_simcontext>();
  sc_core::sc_curr_simcontext = context_.get();
  sc_core::sc_default_global_context = context_.get();
}

Kernel::~Kernel() {
  context_.reset();
  sc_core::sc_curr_simcontext = nullptr;
  sc_core::sc_default_global_context = nullptr;
  kernel_lives = false;
}

void Kernel::run(const Timeline* timeline) {
  sc_core::sc_set_stop_mode(sc_core::SC_STOP_IMMEDIATE);
  thrown = nullptr;
  clock_ahead = timeline;
  struct End {
    ~End() {
      clock_ahead = nullptr;
      is_over = true;
    }
  } const end;
  try {
    sc_core::sc_start();
  } catch (const sc_core::sc_report& report) {
    if (thrown != nullptr) std::rethrow_exception(std::exchange(thrown, nullptr));
    violate("systemc", report.what());
  }
}

}  // namespace gpusim::system
