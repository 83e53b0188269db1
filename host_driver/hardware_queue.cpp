// SPDX-License-Identifier: MIT
#include "host_driver/hardware_queue.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <utility>

#include "host_driver/tick_scheduler.h"
#include "os/host.h"

namespace gpusim::drv {

namespace {
constexpr std::uint64_t kNeverReached = ~std::uint64_t{0};  // no entry in the ring has this fence value

[[nodiscard]] std::uint16_t flags_of(const Transfer& transfer) {
  const int from = transfer.from_host ? abi::kEntryFromHost : 0;
  const int to = transfer.to_host ? abi::kEntryToHost : 0;
  return static_cast<std::uint16_t>(abi::kEntryTransfer | from | to);
}

[[nodiscard]] constexpr std::uint32_t low(std::uint64_t value) { return static_cast<std::uint32_t>(value); }
[[nodiscard]] constexpr std::uint32_t high(std::uint64_t value) { return static_cast<std::uint32_t>(value >> 32); }

}  // namespace

HardwareQueue::HardwareQueue(DeviceState& device, Owner& owner, const Identity& identity)
    : device_{device},
      owner_{owner},
      identity_{identity},
      ring_{device.access, device.spec.ring_entries, device.spec.native_waits, identity.limits},
      fence_context_{device.fences.new_context()} {
  slot_group_.queue = this;
  slot_group_.level = identity.priority;
  completion_place_.queue = this;
  device_.access.watch_writes(ring_.context_address(), *this);
}

HardwareQueue::~HardwareQueue() {
  device_.access.unwatch_writes(ring_.context_address());
  if (device_.tick != nullptr) device_.tick->forget(*this);
}

// --- jobs ------------------------------------------------------------------------------------------------------------

os::Task<sched::RunResult> HardwareQueue::run_job(os::Context& ctx, sched::Job& job) {
  const os::HostSpec& host = ctx.host().spec();
  ctx.charge(device_.spec.run_job);
  if (!owner_.takes(job)) co_return owner_.refuse(ctx, job);
  if (is_full()) {
    ctx.emit(trace::ring_full{.queue = id(), .job = job.id(), .free = 0, .needed = 1});
    co_await room_.wait(ctx, {os::BlockedOn::Kind::ring_space, "ring space", id().value(), 0},
                        [&] { return !is_full() || !owner_.takes(job) || device_.is_held(); });
    ctx.emit(trace::ring_space{.queue = id(), .job = job.id()});
  }
  // A channel that is down comes up with a reset, which registers what has jobs.
  if (!registered_ && device_.channel.is_up()) {
    (void)co_await register_with_firmware(ctx);
    if (!owner_.takes(job)) co_return owner_.refuse(ctx, job);
  }
  ctx.charge(device_.spec.ring_write);
  for (const NativeWait& wait : device_.jobs[job.driver_job()].waits) {
    if (!wait.finished->is_signaled()) ctx.charge(device_.spec.ring_write);
  }
  ctx.charge(host.memory_barrier);
  ctx.charge(host.memory_barrier);
  co_await ctx.step();
  // No other context runs from here until the fence is pending.
  if (!owner_.takes(job)) co_return owner_.refuse(ctx, job);
  sched::FenceRef fence = write(ctx, job);
  if (has_put_off()) co_return sched::RunResult{std::move(fence), Errno::ok};
  if (device_.tick == nullptr || device_.tick->submit(ctx, *this)) {
    co_await device_.notifier->notify(ctx, id(), firmware_id(), job.id(), ring_.written());
  }
  if (ring_.has_waits()) device_.native_waits.set_pushed(ctx, job.id());
  co_return sched::RunResult{std::move(fence), Errno::ok};
}

bool HardwareQueue::is_done(JobId job) {
  bool found = false;
  pending_.for_each([&](const PendingJob& pending) { found = found || pending.job == job; });
  return !found;
}

std::uint64_t HardwareQueue::write_entry(os::Context& ctx, JobId job, std::uint32_t driver_job, bool interrupts) {
  JobRecord& record = device_.jobs[driver_job];
  abi::RingEntry entry{};
  entry.flags = interrupts ? abi::kEntryInterrupt : 0;
  entry.job = job.value();
  entry.work_ps = record.work_ps;
  entry.preempt_every_ps = record.preempt_every_ps;
  entry.operand = record.stop_address;
  if (record.transfer.bytes != 0) {
    entry.flags = static_cast<std::uint16_t>(entry.flags | flags_of(record.transfer));
    entry.operand = record.transfer.bytes;
  }
  entry.fence_value = ring_.written() + 1;
  if (record.work_is_estimate) entry.flags |= abi::kEntryEstimate;
  record.fence_value = entry.fence_value;
  if (record.started && !record.started->is_signaled()) {
    entry.flags |= abi::kEntryMarkStart;
    entry.start_value = next_start_++;
    starts_.push_back({entry.start_value, record.started, job});
  }
  const std::uint64_t index = ring_.written();
  const std::vector<abi::RingWait> waits = device_.native_waits.ring_waits(record.waits);
  if (ring_.has_waits()) device_.native_waits.set_written(job, entry.fence_value);
  for (const abi::RingWait& wait : waits) {
    ctx.emit(trace::ring_wait_write{.queue = id(), .job = job, .address = wait.address, .value = wait.value});
  }
  ring_.write(ctx.cpu_number(), entry, waits);
  ctx.emit(
      trace::ring_write{.queue = id(), .job = job, .index = index, .free = ring_.free(), .capacity = ring_.capacity()});
  return entry.fence_value;
}

sched::FenceRef HardwareQueue::write(os::Context& ctx, const sched::Job& job) {
  const bool is_put_off = device_.is_held() && (is_full() || has_put_off());
  const std::uint64_t value =
      is_put_off ? std::max(ring_.written(), pending_.back().value) + 1 : write_entry(ctx, job.id(), job.driver_job());
  sched::FenceRef fence =
      device_.fences.create(ctx, fence_context_, next_fence_++, id().value(), 0, sched::FenceLock::driver);
  pending_.push_back({.value = value,
                      .fence = fence,
                      .job = job.id(),
                      .driver_job = job.driver_job(),
                      .client = client_of(job),
                      .is_put_off = is_put_off});
  device_.owner.mark_active(*this);
  if (pending_.size() == 1) owner_.on_progress(ctx);
  return fence;
}

void HardwareQueue::write_put_off(os::Context& ctx) {
  if (!has_put_off()) return;
  const std::optional<Errno> refused = owner_.refuses_put_off();
  std::uint64_t before = ring_.read_completed();
  pending_.for_each([&](PendingJob& job) {
    if (job.is_put_off && refused) {
      job.value = *refused == Errno::ok ? kNeverReached : before;
      job.error = *refused;
    } else if (job.is_put_off) {
      if (is_full()) ring_.grow(ctx.cpu_number());
      job.value = write_entry(ctx, job.job, job.driver_job);
      if (ring_.has_waits()) device_.native_waits.set_pushed(ctx, job.job);
    }
    job.is_put_off = false;
    before = job.value;
  });
  expect_look();
}

// Values may be asked for in any order, and fences of one context signal in theirs: each has a context of its own.
sched::FenceRef HardwareQueue::fence_at(os::Context& ctx, std::uint64_t value) {
  sched::FenceRef fence =
      device_.fences.create(ctx, device_.fences.new_context(), 1, id().value(), 0, sched::FenceLock::driver);
  Fifo<PendingJob> later;
  if (!pending_.empty() && pending_.back().value > value) {
    Fifo<PendingJob> all = std::exchange(pending_, {});
    while (!all.empty()) {
      PendingJob next = all.pop_front();
      (next.value <= value ? pending_ : later).push_back(std::move(next));
    }
  }
  pending_.push_back({.value = value, .fence = fence, .job = {}});
  while (!later.empty()) pending_.push_back(later.pop_front());
  expect_look();
  device_.owner.mark_active(*this);
  return fence;
}

bool HardwareQueue::has_signalled_those_before(const sched::Job& job) {
  const sched::SubmissionQueue* const client = client_of(job);
  bool found = std::ranges::any_of(signalling_, [&](const Signalling& now) { return now.client == client; });
  pending_.for_each([&](const PendingJob& pending) { found = found || pending.client == client; });
  return !found;
}

sched::FenceRef HardwareQueue::refuse(os::Context& ctx, const sched::Job& job, Errno error) {
  std::uint64_t before = signalling_.empty() ? 0 : signalling_.back().value;
  if (!pending_.empty()) before = pending_.back().value;
  return add_refused(ctx, job, error, before);
}

sched::FenceRef HardwareQueue::refuse_for_timeout(os::Context& ctx, const sched::Job& job) {
  return add_refused(ctx, job, Errno::ok, kNeverReached);
}

sched::FenceRef HardwareQueue::add_refused(os::Context& ctx, const sched::Job& job, Errno error, std::uint64_t value) {
  sched::FenceRef fence =
      device_.fences.create(ctx, fence_context_, next_fence_++, id().value(), 0, sched::FenceLock::driver);
  pending_.push_back({.value = value,
                      .fence = fence,
                      .job = job.id(),
                      .driver_job = job.driver_job(),
                      .client = client_of(job),
                      .error = error});
  expect_look();
  return fence;
}

void HardwareQueue::force_value(os::Context& ctx) {
  if (!ring_.has_waits() || ring_.read_completed() >= ring_.written()) return;
  ring_.force_completed(ctx.cpu_number());
  expect_look();
  ctx.emit(trace::fence_forced{.queue = id(),
                               .address = ring_.context_address() + offsetof(abi::QueueContext, completed),
                               .value = ring_.written()});
}

void HardwareQueue::set_error(JobId job, Errno error) {
  pending_.for_each([&](PendingJob& pending) {
    if (pending.job == job) pending.error = error;
  });
}

void HardwareQueue::drop_all(os::Context& ctx) {
  ring_.renew(ctx.cpu_number());
  pending_ = {};
  starts_ = {};
  expect_look();
}

void HardwareQueue::write_again(os::Context& ctx, const sched::Job& guilty) {
  const sched::SubmissionQueue* const client = client_of(guilty);
  Fifo<PendingJob> jobs = std::exchange(pending_, {});
  drop_all(ctx);
  std::uint64_t before = ring_.read_completed();
  while (!jobs.empty()) {
    PendingJob job = jobs.pop_front();
    if (job.job == guilty.id()) {
      job.error = Errno::time;
    } else if (job.client == client) {
      job.error = Errno::canceled;
    } else if (job.error == Errno::ok) {  // else it was refused, and is in no ring
      ctx.charge(device_.spec.ring_write);
      before = write_entry(ctx, job.job, job.driver_job);
    }
    job.value = before;
    pending_.push_back(std::move(job));
  }
}

// --- completion ------------------------------------------------------------------------------------------------------

bool HardwareQueue::is_full() const {
  const auto still_signals = std::count_if(signalling_.begin(), signalling_.end(),
                                           [&](const Signalling& job) { return job.value <= ring_.completed(); });
  return ring_.free() <= static_cast<std::uint32_t>(still_signals);
}

os::Task<> HardwareQueue::complete_reached(os::Context& ctx) {
  struct Reached {
    Fifo<PendingJob>* fences;
    std::uint64_t value;
  };
  owner_.begin_completions();
  // Read before the starts, whose signals may take time: what is completed here has its start among them.
  const std::uint64_t completed = ring_.read_completed();
  const std::array<Reached, 2> reached{
      {{&starts_, starts_.empty() ? 0 : ring_.read_started()}, {&pending_, completed}}};
  bool has_room = false;
  for (const auto& [fences, value] : reached) {
    while (!fences->empty() && fences->front().value <= value) {
      ctx.charge(device_.spec.irq_complete);
      co_await ctx.step();
      // Another context may have been faster: both the interrupt and the timeout worker come here.
      if (fences->empty() || fences->front().value > value) break;
      const PendingJob job = fences->pop_front();
      expect_look();
      if (fences == &pending_) signalling_.push_back({job.fence.get(), job.value, job.client});
      co_await job.fence->signaling(ctx, job.error);
      std::erase_if(signalling_, [&](const Signalling& now) { return now.fence == job.fence.get(); });
      if (fences == &pending_ && job.value <= ring_.completed()) has_room = true;
    }
  }
  if (completed > ring_.completed()) {
    owner_.on_progress(ctx);
    ring_.set_completed(completed);
    has_room = true;
  }
  if (has_room) {
    room_.wake_all(ctx);
    owner_.on_room(ctx);
  }
  if (owner_.end_completions(ctx)) co_await owner_.tick_inline(ctx);
}

bool HardwareQueue::has_news() {
  const std::uint64_t completed = ring_.read_completed();
  const bool has_ended = completed > ring_.completed() || (!pending_.empty() && pending_.front().value <= completed);
  const bool has_started = !starts_.empty() && starts_.front().value <= ring_.read_started();
  return has_ended || has_started || !has_pending() || owner_.needs_look();
}

void HardwareQueue::on_device_wrote(std::size_t offset) {
  if (offset >= offsetof(abi::QueueContext, write_index)) return;
  expect_look();
  if (offset == offsetof(abi::QueueContext, completed)) owner_.on_value_written();
}

void HardwareQueue::signal_starts(os::Context& ctx, Errno error) {
  if (!starts_.empty()) expect_look();
  while (!starts_.empty()) {
    const sched::FenceRef fence = std::move(starts_.pop_front().fence);
    if (!fence->is_signaled()) fence->signal(ctx, error);
  }
}

void HardwareQueue::signal_all(os::Context& ctx, Errno head_error, Errno error) {
  if (!pending_.empty()) expect_look();
  for (Errno next = head_error; !pending_.empty(); next = error) {
    ctx.charge(device_.spec.irq_complete);
    const sched::FenceRef fence = std::move(pending_.pop_front().fence);
    fence->signal(ctx, next);
  }
}

// --- the firmware ----------------------------------------------------------------------------------------------------

os::Task<Errno> HardwareQueue::register_with_firmware(os::Context& ctx) {
  const std::uint32_t flags = ring_.has_waits() ? abi::kHasWaits : 0;
  const abi::RegisterQueue message{abi::message_header(abi::Action::register_queue, sizeof(abi::RegisterQueue) / 4),
                                   identity_.firmware_id,
                                   identity_.engine_mask,
                                   identity_.priority | flags | abi::process_bits(identity_.process),
                                   low(ring_.context_address()),
                                   high(ring_.context_address()),
                                   low(ring_.ring_address()),
                                   high(ring_.ring_address()),
                                   ring_.capacity(),
                                   low(ring_.completed()),
                                   id().value()};
  registered_ = true;
  ring_.write_limits(ctx.cpu_number());
  const auto words = std::bit_cast<std::array<std::uint32_t, sizeof(abi::RegisterQueue) / 4>>(message);
  const Errno error = co_await device_.channel.send(ctx, id(), words);
  if (device_.tick != nullptr && error == Errno::ok) device_.tick->admit(ctx, *this);
  co_return error;
}

void HardwareQueue::forget_registration() {
  registered_ = false;
  if (device_.tick != nullptr) device_.tick->forget(*this);
}

os::Task<Result<Message>> HardwareQueue::request(os::Context& ctx, abi::Action action) {
  if (device_.tick == nullptr) co_return co_await device_.channel.request(ctx, id(), action, firmware_id());
  if (!co_await device_.tick->hold(ctx, *this)) co_return Errno::canceled;
  const Result<Message> answer = co_await device_.channel.request(ctx, id(), action, firmware_id());
  if (answer.ok()) device_.tick->take_slot(ctx, *this);
  co_return answer;
}

os::Task<Errno> HardwareQueue::enable(os::Context& ctx) {
  if (device_.tick == nullptr) co_return co_await send_enable(ctx);
  if (!device_.channel.is_up()) co_return Errno::canceled;
  device_.tick->release(ctx, *this);
  co_return Errno::ok;
}

os::Task<Errno> HardwareQueue::send_level(os::Context& ctx) {
  const std::array<std::uint32_t, 3> words{abi::message_header(abi::Action::set_priority, 3), firmware_id(),
                                           identity_.priority};
  co_return co_await device_.channel.send(ctx, id(), words);
}

os::Task<Errno> HardwareQueue::set_limits(os::Context& ctx, const QueueLimits& limits) {
  if (!ring_.has_limits()) co_return Errno::inval;
  ring_.set_limits(limits.quantum, limits.preempt_timeout);
  if (!registered_) co_return Errno::ok;
  const auto quantum = static_cast<std::uint64_t>(limits.quantum.count());
  const auto preempt_timeout = static_cast<std::uint64_t>(limits.preempt_timeout.count());
  const abi::SetLimits message{abi::message_header(abi::Action::set_limits, sizeof(abi::SetLimits) / 4),
                               firmware_id(),
                               low(quantum),
                               high(quantum),
                               low(preempt_timeout),
                               high(preempt_timeout)};
  const auto words = std::bit_cast<std::array<std::uint32_t, sizeof(abi::SetLimits) / 4>>(message);
  (void)co_await device_.channel.send(ctx, id(), words);  // an error: a reset is coming, and behind it a registration
  co_return Errno::ok;
}

os::Task<Errno> HardwareQueue::send_enable(os::Context& ctx) {
  const std::array<std::uint32_t, 2> words{abi::message_header(abi::Action::enable_queue, 2), firmware_id()};
  co_return co_await device_.channel.send(ctx, id(), words);
}

os::Task<> HardwareQueue::forget(os::Context& ctx) {
  // Until the reset is over the device may still write to what the queue has in memory.
  for (; !device_.is_gone(); co_await device_.wait_for_reset(ctx)) {
    if (device_.is_resetting()) continue;
    if (!registered_) co_return;
    if (device_.tick != nullptr && !co_await device_.tick->hold(ctx, *this)) continue;
    const Result<Message> answer = co_await device_.channel.request_both(ctx, id(), abi::Action::disable_queue,
                                                                         abi::Action::deregister_queue, firmware_id());
    if (!answer.ok()) continue;
    if (device_.tick != nullptr) device_.tick->take_slot(ctx, *this);
    co_return;
  }
}

os::Task<bool> HardwareQueue::throw_away(os::Context& ctx) {
  const Result<Message> answer = co_await device_.channel.request_both(ctx, id(), abi::Action::terminate_queue,
                                                                       abi::Action::deregister_queue, firmware_id());
  if (answer.ok()) registered_ = false;
  co_return answer.ok();
}

// --- lifetime --------------------------------------------------------------------------------------------------------

os::Task<> HardwareQueue::wait_for_pins(os::Context& ctx) {
  return pin_wait_.wait(ctx, {os::BlockedOn::Kind::other, "the last user of a queue", id().value(), 0},
                        [this] { return pins_ == 0; });
}

}  // namespace gpusim::drv
