// SPDX-License-Identifier: MIT
#include "host_driver/point_wait.h"

#include <utility>

#include "os/host.h"
#include "os/sync.h"

namespace gpusim::drv {

os::Task<Errno> PointWaiter::wait(os::Context& ctx) {
  Errno error = Errno::ok;
  for (;;) {
    co_await ctx.step();
    if (is_over(ctx)) break;
    if (thread_.is_killed()) {
      error = Errno::restartsys;
      break;
    }
    if (wait_.deadline && ctx.now() >= *wait_.deadline) {
      error = Errno::time;
      break;
    }
    co_await os::block_until(ctx, open_->reason(), wait_.deadline);
  }
  for (Entry& entry : entries_) entry.stop(ctx);
  co_return error;
}

bool PointWaiter::is_over(os::Context& ctx) {
  bool one = entries_.empty();
  open_ = nullptr;
  for (Entry& entry : entries_) {
    if (entry.look(ctx)) {
      one = true;
    } else if (open_ == nullptr) {
      open_ = &entry;
    }
  }
  return open_ == nullptr || (one && !wait_.all);
}

void PointWaiter::wake(os::Context& ctx) {
  ctx.charge(ctx.host().spec().wake_up);
  thread_.wake();
}

bool PointWaiter::Entry::look(os::Context& ctx) {
  if (is_done_ || is_waiting_) return is_done_;
  if (!is_bound_) {
    Result<sched::FenceRef> found = syncobj_.find_fence(point_.point);
    if (!found.ok()) {
      is_waiting_ = true;
      syncobj_.add_waiter(ctx, *this, point_.point);
      return false;
    }
    bind(std::move(found.value()));
  }
  if (!is_registered()) {
    is_done_ = !fence_ || owner_.wait_.wait_for == WaitFor::available || !fence_->add_callback(ctx, *this);
  }
  return is_done_;
}

void PointWaiter::Entry::bind(sched::FenceRef fence) {
  fence_ = std::move(fence);
  is_bound_ = true;
}

void PointWaiter::Entry::stop(os::Context& ctx) {
  if (is_registered()) (void)fence_->remove_callback(ctx, *this);
  if (is_waiting_) syncobj_.remove_waiter(ctx, *this);
  is_waiting_ = false;
}

os::BlockedOn PointWaiter::Entry::reason() const {
  if (!fence_)
    return {os::BlockedOn::Kind::syncobj, "a point of a syncobj", point_.syncobj.value(), point_.point, true};
  return {os::BlockedOn::Kind::fence, "a fence", fence_->context(), fence_->seqno(), true};
}

sched::FenceRelay PointWaiter::Entry::on_fence_signaled(os::Context& ctx, sched::Fence& /*fence*/) {
  is_done_ = true;
  owner_.wake(ctx);
  return {};
}

// syncobj_wait_syncobj_func() and syncobj_eventfd_entry_func(): what is submitted until the thread looks again, or a
// reset, does not matter to it.
void PointWaiter::Entry::on_fence_added(os::Context& ctx, sched::FenceRef fence) {
  is_waiting_ = false;
  bind(std::move(fence));
  owner_.wake(ctx);
}

}  // namespace gpusim::drv
