// SPDX-License-Identifier: MIT
#include "sim/experiment/stop_signal.h"

#include <utility>  // first: Boost 1.74's Asio forgets it

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <signal.h>  // NOLINT(modernize-deprecated-headers): POSIX, not C

namespace gpusim::experiment {

struct StopSignal::Signals {
  explicit Signals(boost::asio::io_context& io) : set{io, SIGINT, SIGTERM} {
    struct sigaction hangup{};
    sigaction(SIGHUP, nullptr, &hangup);
    if (hangup.sa_handler != SIG_IGN) set.add(SIGHUP);  // nohup ignores it
  }
  boost::asio::signal_set set;
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
