// SPDX-License-Identifier: MIT
// The Asio executor of the simulated host: post(), bind_executor(), co_spawn() and composed operations work on it, in
// simulated time. A posted function runs at the present simulated moment, after what is due before it in the order of
// Timeline; it stands for no CPU time. Modelled contexts are os::Task instead (task.h says why).
#pragma once

#include <utility>

#include <boost/asio/execution.hpp>
#include <boost/asio/execution_context.hpp>

#include "os/host.h"

namespace gpusim::os {

class Executor {
 public:
  explicit Executor(Host& host) : host_{&host} {}

  template <class Function>
  void execute(Function&& function) const {
    host_->post(std::forward<Function>(function));
  }

  [[nodiscard]] boost::asio::execution_context& query(boost::asio::execution::context_t) const noexcept {
    return *host_;
  }
  [[nodiscard]] static constexpr boost::asio::execution::blocking_t query(boost::asio::execution::blocking_t) noexcept {
    return boost::asio::execution::blocking.never;
  }
  [[nodiscard]] Executor require(boost::asio::execution::blocking_t::never_t) const { return *this; }

  friend bool operator==(const Executor& a, const Executor& b) noexcept { return a.host_ == b.host_; }
  friend bool operator!=(const Executor& a, const Executor& b) noexcept { return a.host_ != b.host_; }

 private:
  Host* host_;
};

}  // namespace gpusim::os
