// SPDX-License-Identifier: MIT
#include "sim/workload/process.h"

#include <utility>

namespace gpusim::workload {

/// Starts the body, and says who goes on if it leaves at a boundary.
class Process::Entry {
 public:
  Entry(Process& process, os::Task<>& body) : process_{process}, body_{body} {}
  [[nodiscard]] bool await_ready() const { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> outside) {
    process_.outside_ = outside;
    return body_.await_suspend(outside);
  }
  [[nodiscard]] bool await_resume() const {
    body_.rethrow_if_failed();
    return body_.done();
  }

 private:
  Process& process_;
  os::Task<>& body_;
};

os::Task<bool> Process::run(os::Task<> body) {
  const bool has_ended = co_await Entry{*this, body};
  co_return has_ended;
}

os::Task<> Process::exit(os::Context& ctx) {
  for (const drv::SyncFile& fence : std::exchange(sw_fences_, {})) {
    if (!fence->is_signaled()) fence->signal(ctx, Errno::noent);
  }
  for (const QueueId queue : std::exchange(open_, {})) co_await driver_.kill_queue(ctx, queue);
}

os::Task<Result<QueueId>> Process::create_queue(os::Context& ctx, const drv::QueueParams& params) {
  co_await boundary();
  Result<QueueId> queue = co_await driver_.create_queue(ctx, params);
  if (queue.ok()) open_.push_back(queue.value());
  co_await boundary();
  co_return queue;
}

os::Task<> Process::set_priority(os::Context& ctx, QueueId queue, std::uint32_t priority) {
  co_await boundary();
  co_await driver_.set_priority(ctx, queue, priority);
  co_await boundary();
}

os::Task<Errno> Process::set_limits(os::Context& ctx, QueueId queue, const drv::QueueLimits& limits) {
  co_await boundary();
  const Errno error = co_await driver_.set_limits(ctx, queue, limits);
  co_await boundary();
  co_return error;
}

os::Task<Result<drv::ExecResult>> Process::exec(os::Context& ctx, const drv::ExecArgs& args) {
  co_await boundary();
  Result<drv::ExecResult> result = co_await driver_.exec(ctx, args);
  co_await boundary();
  co_return result;
}

os::Task<Errno> Process::wait(os::Context& ctx, const drv::SyncFile& fence) {
  co_await boundary();
  const Errno error = co_await driver_.wait(ctx, fence);
  co_await boundary();
  co_return error;
}

bool Process::has_signalled(os::Context& ctx, const drv::SyncFile& fence) { return driver_.has_signalled(ctx, fence); }

os::Task<> Process::close_queue(os::Context& ctx, QueueId queue) {
  co_await boundary();
  std::erase(open_, queue);
  co_await driver_.close_queue(ctx, queue);
  co_await boundary();
}

os::Task<> Process::kill_queue(os::Context& ctx, QueueId queue) {
  std::erase(open_, queue);
  co_await driver_.kill_queue(ctx, queue);
}

drv::SyncobjId Process::create_syncobj(os::Context& ctx, std::string name) {
  return driver_.create_syncobj(ctx, std::move(name));
}

void Process::signal_point(os::Context& ctx, const drv::SyncPoint& point) { driver_.signal_point(ctx, point); }

void Process::reset_syncobj(os::Context& ctx, drv::SyncobjId syncobj) { driver_.reset_syncobj(ctx, syncobj); }

os::Task<Errno> Process::wait_points(os::Context& ctx, const drv::PointWait& wait) {
  co_await boundary();
  const Errno error = co_await driver_.wait_points(ctx, wait);
  co_await boundary();
  co_return error;
}

drv::BufferId Process::create_buffer(os::Context& ctx) { return driver_.create_buffer(ctx); }

os::Task<> Process::wait_buffer(os::Context& ctx, drv::BufferId buffer) {
  co_await boundary();
  co_await driver_.wait_buffer(ctx, buffer);
  co_await boundary();
}

drv::SyncFile Process::create_sw_fence(os::Context& ctx) {
  std::erase_if(sw_fences_, [](const drv::SyncFile& fence) { return fence->is_signaled(); });
  return sw_fences_.emplace_back(driver_.create_sw_fence(ctx));
}

void Process::signal_sw_fence(os::Context& ctx, const drv::SyncFile& fence) {
  driver_.signal_sw_fence(ctx, fence);
  std::erase_if(sw_fences_, [](const drv::SyncFile& open) { return open->is_signaled(); });
}

void Process::terminate(os::Context& ctx, const drv::ExecResult& job) { driver_.terminate(ctx, job); }

}  // namespace gpusim::workload
