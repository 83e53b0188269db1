// SPDX-License-Identifier: MIT
// Joins the Timeline to SystemC's kernel: one SC_METHOD runs every entry that is due, then sleeps until the next, or
// until somebody plans an earlier one. At each moment SystemC's other processes come first. With look-ahead, and as
// long as there are no others, it runs on without the kernel: the order of entries is the Timeline's in either case, so
// results are the same, and two to three times as fast in the prototype (docs/decisions/0003-timeline.md).
#pragma once

#include <cstdint>
#include <exception>
#include <functional>

#include "base/timeline.h"
#include "sim/hw/kernel_time.h"
#include "sim/hw/systemc.h"

namespace gpusim::hw {

inline constexpr std::uint64_t kPollEvery = 65'536;  ///< entries
/// Steps that host code makes without an entry before it has to make one. A thread that never gives way is looked at,
/// too, and its stack stays small: g++ without optimisation resumes a coroutine by a call.
inline constexpr std::uint64_t kMostStepsAtOnce = 256;

class TimelinePump : public sc_core::sc_module {
 public:
  TimelinePump(sc_core::sc_module_name name, Timeline& timeline, bool look_ahead);

  /// Ends the run when it returns true; asked after each entry from watch_for_end() on.
  std::function<bool()> is_done;
  /// Ends the run when it returns true; asked every kPollEvery entries.
  std::function<bool()> is_interrupted;
  /// Entries after this time are left.
  SimTime stop_at = kNever;

  /// May be called by an entry: the end may come with any step from now on, so each makes an entry of its own.
  void watch_for_end();

  /// By is_interrupted, or by the firmware's debugger.
  [[nodiscard]] bool interrupted() const { return interrupted_; }
  [[nodiscard]] bool stopped() const { return stopped_; }
  /// What an entry threw, if one did: exceptions do not cross a SystemC process whole.
  [[nodiscard]] std::exception_ptr error() const { return error_; }

 private:
  void pump();
  void run_and_sleep();
  /// Runs entries while they are due. True when the run is over.
  [[nodiscard]] bool run_entries();
  void sleep();
  /// No other process lives in the kernel: whatever an entry notifies, nobody hears it.
  [[nodiscard]] static bool is_alone();

  Timeline& timeline_;
  sc_core::sc_event earlier_;  // an entry is planned before the one that is waited for
  bool look_ahead_;            // asked for, and no other process has been there
  bool ask_done_ = false;
  std::uint64_t next_poll_ = 0;
  bool interrupted_ = false;
  bool stopped_ = false;
  std::exception_ptr error_;
};

}  // namespace gpusim::hw
