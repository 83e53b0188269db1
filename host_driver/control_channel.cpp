// SPDX-License-Identifier: MIT
#include "host_driver/control_channel.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "firmware/abi/device.h"
#include "os/host.h"

namespace gpusim::drv {

namespace {

/// The events message_back_off and message_abandoned number it so.
std::uint64_t shortage(ResetReason reason) {
  switch (reason) {
    case ResetReason::no_room:
      return 0;
    case ResetReason::no_answer_room:
      return 1;
    default:
      return 2;
  }
}

}  // namespace

ControlChannel::ControlChannel(DeviceAccess& device, const DriverSpec& spec, os::LockClass lock_class, Owner& owner)
    : device_{device}, spec_{spec}, owner_{owner}, lock_{lock_class}, memory_{device.allocate(abi::kChannelBytes)} {}

ControlChannel::~ControlChannel() { device_.free(memory_, abi::kChannelBytes); }

// --- up and down -----------------------------------------------------------------------------------------------------

void ControlChannel::announce(os::Context& ctx) {
  if (incarnation_++ > 0) {
    device_.store_value(ctx.cpu_number(), memory_, abi::ChannelDescriptor{});
    device_.barrier(ctx.cpu_number());
  }
  tail_ = known_head_ = reply_head_ = 0;
  answer_room_ = abi::kAnswerPool;
  error_ = Errno::ok;
  is_interrupted_ = false;
  ctx.charge(spec_.mmio_write);
  ctx.charge(spec_.mmio_write);
  device_.mmio_write32(abi::kRegChannelBase, static_cast<std::uint32_t>(memory_), nullptr);
  device_.mmio_write32(abi::kRegChannelBaseHigh, static_cast<std::uint32_t>(memory_ >> 32), nullptr);
}

void ControlChannel::take_down(os::Context& ctx, Errno error) {
  error_ = error;
  end_requests(ctx, error);
  message_wait_.wake_all(ctx);
}

void ControlChannel::interrupt(os::Context& ctx) {
  is_interrupted_ = true;
  end_requests(ctx, Errno::canceled);
}

void ControlChannel::end_requests(os::Context& ctx, Errno error) {
  for (Request* request : requests_) {
    request->done = true;
    request->error = error;
    request->wait.wake_all(ctx);
  }
  requests_.clear();
}

void ControlChannel::die(os::Context& ctx, ResetReason reason) {
  take_down(ctx, Errno::time);
  owner_.on_channel_dead(ctx, reason);
}

void ControlChannel::abandon(os::Context& ctx, QueueId queue, std::uint32_t header, ResetReason reason) {
  ctx.emit(
      trace::message_abandoned{.queue = queue, .action = abi::message_action(header), .shortage = shortage(reason)});
  die(ctx, reason);
}

// --- host to firmware ------------------------------------------------------------------------------------------------

bool ControlChannel::has_room(std::uint32_t count) {
  const std::uint32_t to_end = abi::kToFirmwareDwords - tail_ % abi::kToFirmwareDwords;
  const std::uint32_t needed = count + (to_end < count ? to_end : 0);
  if (room() < needed) {
    known_head_ = device_.load_value<std::uint32_t>(memory_ + offsetof(abi::ChannelDescriptor, to_firmware_head));
  }
  return room() >= needed;
}

void ControlChannel::put(std::uint16_t cpu, std::uint32_t word) {
  device_.store_value(cpu, memory_ + abi::kToFirmwareOffset + std::uint64_t{tail_ % abi::kToFirmwareDwords} * 4, word);
  ++tail_;
}

void ControlChannel::write(os::Context& ctx, std::span<const std::uint32_t> words) {
  const std::uint16_t cpu = ctx.cpu_number();
  const std::uint32_t to_end = abi::kToFirmwareDwords - tail_ % abi::kToFirmwareDwords;
  if (to_end < words.size()) {
    for (std::uint32_t i = 0; i < to_end; ++i) put(cpu, abi::message_header(abi::Action::padding, 1));
  }
  for (const std::uint32_t word : words) put(cpu, word);
  device_.barrier(cpu);
  device_.store_value(cpu, memory_ + offsetof(abi::ChannelDescriptor, to_firmware_tail), tail_);
  device_.barrier(cpu);
}

/// guc_ct_send_wait_for_retry() in xe_guc_ct.c: the sender, who has the mutex, takes in messages itself.
os::Task<Errno> ControlChannel::wait_for_answer_room(os::Context& ctx, QueueId queue, std::uint32_t header,
                                                     std::uint32_t needed) {
  ctx.emit(trace::message_back_off{.queue = queue,
                                   .action = abi::message_action(header),
                                   .sleep = spec_.no_room_timeout,
                                   .shortage = shortage(ResetReason::no_answer_room)});
  while (error_ == Errno::ok && answer_room_ < needed) {
    const bool woken = co_await message_wait_.wait_until(
        ctx, {os::BlockedOn::Kind::reply, "room for an answer of the firmware", 0, 0},
        os::timeout_end(ctx, spec_.no_room_timeout), [&] { return has_message() || error_ != Errno::ok; });
    if (error_ != Errno::ok) break;
    if (woken) {
      co_await receive_locked(ctx);
    } else {
      abandon(ctx, queue, header, ResetReason::no_answer_room);
    }
  }
  co_return error_;
}

os::Task<Errno> ControlChannel::send(os::Context& ctx, QueueId queue, std::span<const std::uint32_t> words,
                                     const trace::Event* on_issue, const trace::Event* on_arrival) {
  const std::uint32_t incarnation = incarnation_;
  co_await lock_.lock(ctx);
  os::HeldMutexes held{ctx};
  held.adopt(lock_);
  if (incarnation != incarnation_) co_return Errno::canceled;  // meant for the firmware before the reset
  co_return co_await send_locked(ctx, queue, words, abi::answer_dwords(abi::message_action(words[0])), on_issue,
                                 on_arrival);
}

os::Task<Errno> ControlChannel::send_locked(os::Context& ctx, QueueId queue, std::span<const std::uint32_t> words,
                                            std::uint32_t answer, const trace::Event* on_issue,
                                            const trace::Event* on_arrival) {
  const auto count = static_cast<std::uint32_t>(words.size());
  const std::uint32_t incarnation = incarnation_;
  ctx.charge(spec_.message);
  ctx.charge(ctx.host().spec().memory_barrier);
  ctx.charge(spec_.mmio_write);
  co_await ctx.step();
  // No other context runs between the test for room and the notification.
  Picoseconds waited{0};
  for (std::int64_t back_off = 1;; back_off = std::min<std::int64_t>(back_off * 2, 64)) {
    if (error_ != Errno::ok) co_return error_;
    if (incarnation != incarnation_) co_return Errno::canceled;
    if (answer_room_ < answer) {
      const Errno error = co_await wait_for_answer_room(ctx, queue, words[0], answer);
      if (error != Errno::ok) co_return error;
      continue;
    }
    if (has_room(count)) break;
    if (waited > spec_.no_room_timeout) {
      abandon(ctx, queue, words[0], ResetReason::no_room);
      co_return error_;
    }
    const Picoseconds nap = ms(back_off);
    ctx.emit(trace::message_back_off{.queue = queue, .action = abi::message_action(words[0]), .sleep = nap});
    waited += nap;
    co_await os::sleep_jiffies(ctx, nap);
  }
  answer_room_ -= answer;
  write(ctx, words);
  ctx.emit(trace::message_send{.queue = queue, .action = abi::message_action(words[0]), .tail = tail_});
  if (on_issue != nullptr) ctx.emit(*on_issue);
  device_.mmio_write32(abi::kRegNotify, 1, on_arrival);
  co_return Errno::ok;
}

// --- requests --------------------------------------------------------------------------------------------------------

std::uint16_t ControlChannel::next_fence() {
  const auto in_use = [this] {
    return std::any_of(requests_.begin(), requests_.end(),
                       [this](const Request* r) { return r->fence == last_fence_; });
  };
  do {
    ++last_fence_;
  } while (last_fence_ == 0 || in_use());
  return last_fence_;
}

os::Task<Errno> ControlChannel::post_request(os::Context& ctx, QueueId queue, abi::Action action, std::uint32_t id) {
  const std::array<std::uint32_t, 2> words{abi::message_header(action, 2, abi::MessageType::request, next_fence()), id};
  co_return co_await send(ctx, queue, words);
}

os::Task<Result<Message>> ControlChannel::request(os::Context& ctx, QueueId queue, abi::Action action,
                                                  std::uint32_t id) {
  Request request{.fence = next_fence(), .queue = queue, .action = action, .id = id, .answer = {}, .wait = {}};
  co_return co_await send_request(ctx, request, abi::answer_dwords(action));
}

os::Task<Result<Message>> ControlChannel::request_both(os::Context& ctx, QueueId queue, abi::Action first,
                                                       abi::Action second, std::uint32_t id) {
  Request request{
      .fence = next_fence(), .queue = queue, .action = first, .then = second, .id = id, .answer = {}, .wait = {}};
  co_return co_await send_request(ctx, request, abi::answer_dwords(first) + abi::answer_dwords(second));
}

os::Task<Result<Message>> ControlChannel::send_request(os::Context& ctx, Request& request, std::uint32_t answer) {
  const std::array<std::uint32_t, 2> words{
      abi::message_header(request.action, 2, abi::MessageType::request, request.fence), request.id};
  requests_.push_back(&request);  // before it is sent: its fence is taken
  const std::uint32_t incarnation = incarnation_;
  Errno sent = Errno::canceled;
  {
    co_await lock_.lock(ctx);
    os::HeldMutexes held{ctx};
    held.adopt(lock_);
    if (incarnation == incarnation_ && !is_interrupted_) {
      sent = co_await send_locked(ctx, request.queue, words, answer, nullptr, nullptr);
    }
  }
  if (sent != Errno::ok) {
    std::erase(requests_, &request);
    co_return sent;
  }
  // The second answer has a time of its own, from where its request was sent.
  request.due = os::timeout_end(ctx, spec_.answer_timeout);
  for (;;) {
    const SimTime due = request.due;
    const bool answered = co_await request.wait.wait_until(
        ctx, {os::BlockedOn::Kind::reply, "a reply of the firmware", request.queue.value(), 0}, due,
        [&] { return request.done; });
    if (answered) break;
    if (request.due != due) continue;
    // The channel itself is in order (xe resets the GT after MODE_DONE has not come, with the channel up).
    std::erase(requests_, &request);
    ctx.emit(trace::message_abandoned{
        .queue = request.queue, .action = request.action, .shortage = shortage(ResetReason::no_answer)});
    owner_.on_channel_dead(ctx, ResetReason::no_answer);
    co_return Errno::time;
  }
  if (request.error != Errno::ok) co_return request.error;
  co_return request.answer;
}

// --- firmware to host ------------------------------------------------------------------------------------------------

void ControlChannel::on_interrupt(os::Context& ctx) {
  if (message_wait_.has_sleepers()) message_wait_.wake_all(ctx);
}

bool ControlChannel::has_message() const {
  if (error_ != Errno::ok) return false;
  const auto descriptor = device_.load_value<abi::ChannelDescriptor>(memory_);
  return descriptor.to_host_status != 0 || reply_head_ != descriptor.to_host_tail;
}

bool ControlChannel::next_message(os::Context& ctx, Message& message) {
  if (error_ != Errno::ok) return false;
  const auto descriptor = device_.load_value<abi::ChannelDescriptor>(memory_);
  if (descriptor.to_host_status != 0) {
    die(ctx, ResetReason::channel_error);
    return false;
  }
  const auto word = [this](std::uint32_t index) {
    return device_.load_value<std::uint32_t>(memory_ + abi::kToHostOffset +
                                             std::uint64_t{index % abi::kToHostDwords} * 4);
  };
  while (reply_head_ != descriptor.to_host_tail && abi::message_action(word(reply_head_)) == abi::Action::padding) {
    ++reply_head_;
  }
  if (reply_head_ == descriptor.to_host_tail) return false;
  const std::uint32_t dwords = abi::message_dwords(word(reply_head_));
  if (dwords == 0 || dwords > message.size() || dwords > descriptor.to_host_tail - reply_head_) {
    die(ctx, ResetReason::channel_error);
    return false;
  }
  message.fill(0);
  for (std::uint32_t i = 0; i < dwords; ++i) message[i] = word(reply_head_ + i);
  reply_head_ += dwords;
  device_.store_value(ctx.cpu_number(), memory_ + offsetof(abi::ChannelDescriptor, to_host_head), reply_head_);
  return true;
}

os::Task<> ControlChannel::receive(os::Context& ctx) {
  co_await lock_.lock(ctx);
  os::HeldMutexes held{ctx};
  held.adopt(lock_);
  co_await receive_locked(ctx);
}

os::Task<> ControlChannel::receive_locked(os::Context& ctx) {
  ctx.charge(spec_.reply);
  co_await ctx.step();
  Message message{};
  if (!next_message(ctx, message)) co_return;  // a reset has emptied the buffer, or somebody else was faster
  if (abi::message_type(message[0]) == abi::MessageType::reply) {
    co_await complete(ctx, message);
  } else {
    owner_.on_firmware_event(ctx, message);
    // As xe, which resets the GT when the GuC says that it does not understand (CT_DEAD).
    if (abi::message_action(message[0]) == abi::Action::refused) die(ctx, ResetReason::channel_error);
  }
}

ControlChannel::Request* ControlChannel::find_request(std::uint16_t fence) const {
  const auto found =
      std::find_if(requests_.begin(), requests_.end(), [&](const Request* r) { return r->fence == fence; });
  return found == requests_.end() ? nullptr : *found;
}

os::Task<> ControlChannel::complete(os::Context& ctx, const Message& reply) {
  Request* request = find_request(abi::message_fence(reply[0]));
  ctx.emit(trace::message_reply{.queue = request == nullptr ? QueueId{} : request->queue,
                                .action = abi::message_action(reply[0])});
  const std::uint32_t answer = abi::answer_dwords(abi::message_action(reply[0]));
  answer_room_ = std::min(answer_room_ + answer, abi::kAnswerPool);  // an answer from before a reset gives nothing back
  if (request == nullptr) co_return;
  Errno error = Errno::ok;
  if (const abi::Action next = std::exchange(request->then, abi::Action::padding); next != abi::Action::padding) {
    const std::uint16_t fence = next_fence();
    request->fence = fence;
    request->action = next;
    request->due = os::timeout_end(ctx, spec_.answer_timeout);
    const std::array<std::uint32_t, 2> words{abi::message_header(next, 2, abi::MessageType::request, fence),
                                             request->id};
    error = co_await send_locked(ctx, request->queue, words, 0, nullptr, nullptr);  // its answer has its room
    request = find_request(fence);  // whoever waits may have given up meanwhile
    if (request != nullptr) request->due = os::timeout_end(ctx, spec_.answer_timeout);
    if (request == nullptr || error == Errno::ok) co_return;
  }
  std::erase(requests_, request);
  request->done = true;
  request->error = error;
  request->answer = reply;
  request->wait.wake_all(ctx);
}

}  // namespace gpusim::drv
