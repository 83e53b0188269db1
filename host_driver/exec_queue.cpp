// SPDX-License-Identifier: MIT
#include "host_driver/exec_queue.h"

#include <array>

#include "base/mutation.h"

#include "host_driver/driver.h"

namespace gpusim::drv {

using trace::EventKind;

ExecQueue::ExecQueue(Driver& driver, QueueId id, const QueueParams& params, std::uint32_t vector)
    : driver_{driver},
      id_{id},
      params_{params},
      vector_{vector},
      ring_{driver.device_, driver.spec_.ring_entries},
      lock_{driver.queue_lock_class_},
      fence_context_{driver.fences_.new_context()} {}

os::Task<sched::RunResult> ExecQueue::run_job(os::Context& ctx, sched::Job& job) {
  const os::HostSpec& host = ctx.host().spec();
  ctx.charge(driver_.spec_.run_job);
  if (ring_.free() == 0 && !mutated(Mutation::driver_ignore_full_ring)) {
    ctx.emit({.kind = EventKind::ring_full, .queue = id_.value(), .job = job.id().value(), .a = 0, .b = 1});
    co_await ring_space_.wait(ctx, {os::BlockedOn::Kind::ring_space, "ring space", id_.value(), 0},
                              [this] { return ring_.free() > 0; });
    ctx.emit({.kind = EventKind::ring_space, .queue = id_.value(), .job = job.id().value()});
  }
  ctx.charge(driver_.spec_.ring_write);
  ctx.charge(host.memory_barrier);
  ctx.charge(host.memory_barrier);
  co_await ctx.step();

  JobRecord& record = driver_.jobs_[job.driver_job()];
  abi::RingEntry entry{};
  entry.flags = abi::kEntryInterrupt;
  entry.job = job.id().value();
  entry.work_ps = record.work_ps;
  entry.preempt_every_ps = record.preempt_every_ps;
  entry.stop_address = record.stop_address;
  entry.fence_value = ring_.written() + 1;
  if (record.started) {
    entry.flags |= abi::kEntryMarkStart;
    entry.start_value = next_start_++;
    starts_.push_back({entry.start_value, record.started});
  }
  const std::uint64_t index = ring_.written();
  ring_.write(ctx.cpu_number(), entry);
  ctx.emit({.kind = EventKind::ring_write,
            .queue = id_.value(),
            .job = job.id().value(),
            .a = index,
            .b = ring_.free(),
            .c = ring_.capacity()});

  sched::FenceRef fence = driver_.fences_.create(ctx, fence_context_, index + 1, id_.value(), 0);
  pending_.push_back({entry.fence_value, fence});
  driver_.mark_active(*this);
  co_await driver_.notifier_->notify(ctx, id_, job.id(), ring_.written());
  co_return sched::RunResult{std::move(fence), Errno::ok};
}

os::Task<sched::TimeoutVerdict> ExecQueue::timedout_job(os::Context&, sched::Job&) {
  co_return sched::TimeoutVerdict::not_hung;
}

void ExecQueue::release_job(os::Context&, sched::Job& job) { driver_.free_job_record(job.driver_job()); }

os::Task<> ExecQueue::complete_reached(os::Context& ctx) {
  const auto signal_reached = [&](Fifo<PendingFence>& fences, std::uint64_t value) -> os::Task<> {
    while (!fences.empty() && fences.front().value <= value) {
      ctx.charge(driver_.spec_.irq_complete);
      co_await ctx.step();
      const sched::FenceRef fence = std::move(fences.pop_front().fence);
      fence->signal(ctx, Errno::ok);
    }
  };
  if (!starts_.empty()) co_await signal_reached(starts_, ring_.read_started());
  const std::uint64_t completed = mutated(Mutation::driver_complete_all) ? ring_.written() : ring_.read_completed();
  co_await signal_reached(pending_, completed);
  if (completed == ring_.completed()) co_return;
  ring_.set_completed(completed);
  ring_space_.wake_all(ctx);
}

os::Task<> ExecQueue::request(os::Context& ctx, abi::Action action) {
  const std::array<std::uint32_t, 2> words{abi::message_header(action, 2), id_.value()};
  replied_ = false;
  co_await driver_.channel_->send(ctx, words);
  co_await reply_wait_.wait(ctx, {os::BlockedOn::Kind::reply, "a reply of the firmware", id_.value(), 0},
                            [this] { return replied_; });
}

os::Task<> ExecQueue::queue_fini(os::Context& ctx) {
  // The firmware may still know the queue: two round trips before its id and memory can go.
  co_await request(ctx, abi::Action::disable_queue);
  co_await request(ctx, abi::Action::deregister_queue);
  ctx.emit({.kind = EventKind::queue_destroyed, .queue = id_.value()});
  driver_.forget_queue(*this);
}

}  // namespace gpusim::drv
