// SPDX-License-Identifier: MIT
#include "sim/experiment/stop_signal.h"

#include <utility>  // first: Boost 1.74's Asio forgets it

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include <signal.h>  // NOLINT(modernize-deprecated-headers): POSIX, not C
#include <sys/wait.h>
#include <unistd.h>

namespace gpusim::experiment {

namespace {

constexpr std::array kSignals{SIGINT, SIGTERM, SIGHUP};

[[nodiscard]] struct sigaction action_of(int signal) {
  struct sigaction action{};
  sigaction(signal, nullptr, &action);
  return action;
}

/// nohup has SIGHUP ignored, and that is not to change.
[[nodiscard]] bool is_for_us(int signal) { return signal != SIGHUP || action_of(signal).sa_handler != SIG_IGN; }

volatile sig_atomic_t exit_code = 0;

/// In a handler of signals only system calls may be made.
void exit_now(int /*signal*/) {
  constexpr std::string_view kText = "interrupted\n";
  const ssize_t written = write(STDERR_FILENO, kText.data(), kText.size());
  (void)written;  // whoever does not listen
  _exit(exit_code);
}

}  // namespace

void exit_on_signals(int code) {
  exit_code = code;
  struct sigaction action{};
  action.sa_handler = exit_now;
  for (const int signal : kSignals) {
    if (is_for_us(signal)) sigaction(signal, &action, nullptr);
  }
}

bool is_end_by_stop_signal(int status) {
  if (WIFEXITED(status)) return exit_code != 0 && WEXITSTATUS(status) == exit_code;
  return WIFSIGNALED(status) && std::find(kSignals.begin(), kSignals.end(), WTERMSIG(status)) != kSignals.end();
}

/// What was to happen at a signal before happens again afterwards; Asio alone would leave the default.
struct StopSignal::Signals {
  explicit Signals(boost::asio::io_context& io) : set{io} {
    for (std::size_t i = 0; i < kSignals.size(); ++i) {
      before[i] = action_of(kSignals[i]);
      if (is_for_us(kSignals[i])) set.add(kSignals[i]);
    }
  }
  ~Signals() {
    set.clear();
    for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &before[i], nullptr);
  }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  boost::asio::signal_set set;
  std::array<struct sigaction, kSignals.size()> before{};
};

StopSignal::StopSignal(boost::asio::io_context& io, std::function<void()> on_raised)
    : signals_{std::make_unique<Signals>(io)}, on_raised_{std::move(on_raised)} {
  signals_->set.async_wait([this](const boost::system::error_code& error, int) {
    if (error) return;  // cancelled: *this is gone
    is_raised_ = true;
    if (on_raised_) on_raised_();
  });
}

StopSignal::~StopSignal() = default;

}  // namespace gpusim::experiment
