// SPDX-License-Identifier: MIT
// The user's wish to stop: SIGINT (Ctrl-C), SIGTERM, or SIGHUP unless it is ignored.
#pragma once

#include <functional>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace gpusim::experiment {

/// From here on these signals end the process at once with this exit code: for commands that have nothing to bring to
/// an end.
void exit_on_signals(int code);

/// Of a child, as waitpid() has it: it ended because of one of these signals.
[[nodiscard]] bool is_end_by_stop_signal(int status);

/// Takes the signals over for its life: they no longer end the program. They are noticed while `io` runs or is polled.
class StopSignal {
 public:
  /// `on_raised` is called once, by `io`, which outlives the signal.
  explicit StopSignal(boost::asio::io_context& io, std::function<void()> on_raised = {});
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  [[nodiscard]] bool is_raised() const { return is_raised_; }

 private:
  struct Signals;
  std::unique_ptr<Signals> signals_;
  std::function<void()> on_raised_;
  bool is_raised_ = false;
};

}  // namespace gpusim::experiment
