// SPDX-License-Identifier: MIT
// The last two rungs of the ladder (reference/firmware.md 9.8): the whole device starts anew, or it is gone.
//
// A reset runs in a worker of its own, as xe's does: timeout workers ask for it and go, so that nobody who is stopped
// waits for the one who stops him. The channel goes down first (whoever waits for an answer gets an error), then the
// register write and a read behind it: from there on the device touches no memory. Then all domains are stopped; what
// was begun and not done is guilty, as in xe; all other entries still stand in their rings and run from the completed
// value on, with the hardware fences that they have. A teardown in the middle finds its queue unregistered and is done.
#include "host_driver/driver.h"

namespace gpusim::drv {

using trace::EventKind;

namespace {
constexpr int kAttempts = 3;  // a device that does not get through so many resets is given up
}

void Driver::request_reset(os::Context& ctx, ResetReason reason) {
  if (gone_ || reset_wanted_) return;
  reset_wanted_ = true;
  reset_reason_ = reason;
  reset_wq_.queue(ctx, reset_work_);
}

os::Task<> Driver::wait_for_reset(os::Context& ctx) {
  return reset_wait_.wait(ctx, {os::BlockedOn::Kind::other, "a device reset", 0, 0},
                          [this] { return !reset_wanted_ || gone_; });
}

os::Task<> Driver::reset_worker(os::Context& ctx) {
  co_await wait_for_probe(ctx);
  for (int attempt = 0; !gone_ && reset_wanted_; ++attempt) {
    if (attempt == kAttempts) {
      device_gone(ctx);
      break;
    }
    co_await reset_device(ctx);
    // Asked for again by the channel that has just come up?
    if (channel_->is_up()) reset_wanted_ = false;
  }
  reset_wanted_ = false;
  reset_wait_.wake_all(ctx);
}

os::Task<> Driver::reset_device(os::Context& ctx) {
  ctx.emit({.kind = EventKind::device_reset_begin, .a = static_cast<std::uint64_t>(reset_reason_)});
  channel_->take_down(ctx, Errno::canceled);
  for (const auto& queue : queues_) {
    if (queue != nullptr) queue->registered_ = false;
  }
  ctx.charge(spec_.mmio_write);
  co_await ctx.step();
  device_.mmio_write32(abi::kRegReset, 1, nullptr);
  std::uint32_t status = co_await read_register(ctx, abi::kRegStatus);  // behind the write
  device_is_quiet_ = true;
  for (const auto& queue : queues_) {
    if (queue != nullptr) queue->ring_space_.wake_all(ctx);
  }
  co_await stop_domains(ctx);
  while (status == 0 && !gone_) {
    co_await os::sleep_until(ctx, ctx.now() + spec_.reset_poll);
    status = co_await read_register(ctx, abi::kRegStatus);
  }
  if (status == abi::kAllOnes) device_gone(ctx);
  if (!gone_) co_await bring_back_queues(ctx);
  co_await start_domains(ctx);
  ctx.emit({.kind = EventKind::device_reset_end});
}

os::Task<> Driver::stop_domains(os::Context& ctx) {
  // A queue that is made meanwhile is not stopped: nothing of it was on the device. One that is closing has no jobs.
  for (std::size_t i = 1; i < queues_.size(); ++i) {
    ExecQueue* queue = queues_[i].get();
    if (queue == nullptr || queue->closing_ || queue->submission_ == nullptr) continue;
    ++queue->pins_;
    stopped_.push_back(queue);
    co_await queue->submission_->domain().stop(ctx);
  }
}

os::Task<> Driver::bring_back_queues(os::Context& ctx) {
  for (ExecQueue* queue : stopped_) co_await queue->complete_reached(ctx);
  std::vector<QueueId> back;
  for (const auto& queue : queues_) {
    if (queue != nullptr && queue->submission_ != nullptr && queue->judge_reset(ctx)) back.push_back(queue->id());
  }
  device_is_quiet_ = false;
  if (gone_) co_return;
  channel_->announce(ctx);
  for (const QueueId id : back) {
    ExecQueue* queue = queues_[id.value()].get();
    if (queue == nullptr || queue->closing_ || queue->registered_) continue;
    if (co_await queue->register_with_firmware(ctx) != Errno::ok) co_return;  // the channel is dead again
  }
  co_await ctx.step();
}

os::Task<> Driver::start_domains(os::Context& ctx) {
  device_is_quiet_ = false;
  for (ExecQueue* queue : stopped_) {
    co_await queue->submission_->domain().start(ctx, Errno::io);
    if (--queue->pins_ == 0) queue->pin_wait_.wake_all(ctx);
  }
  stopped_.clear();
}

void Driver::device_gone(os::Context& ctx) {
  if (gone_) return;
  gone_ = true;
  ctx.emit({.kind = EventKind::device_gone});
  channel_->take_down(ctx, Errno::nodev);
  ready_wait_.wake_all(ctx);
  reset_wait_.wake_all(ctx);
  for (const auto& queue : queues_) {
    if (queue != nullptr && queue->submission_ != nullptr) queue->ban(ctx, JobId{}, Errno::nodev, Errno::nodev);
  }
}

}  // namespace gpusim::drv
