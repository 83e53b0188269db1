// SPDX-License-Identifier: MIT
#include "host_driver/control_channel.h"

#include <algorithm>
#include <cstddef>

#include "firmware/abi/device.h"
#include "os/host.h"

namespace gpusim::drv {

ControlChannel::ControlChannel(DeviceAccess& device, const DriverSpec& spec)
    : device_{device}, spec_{spec}, memory_{device.allocate(abi::kChannelBytes)} {}

ControlChannel::~ControlChannel() { device_.free(memory_, abi::kChannelBytes); }

void ControlChannel::announce(os::Context& ctx) {
  ctx.charge(spec_.mmio_write);
  ctx.charge(spec_.mmio_write);
  device_.mmio_write32(abi::kRegChannelBase, static_cast<std::uint32_t>(memory_), nullptr);
  device_.mmio_write32(abi::kRegChannelBaseHigh, static_cast<std::uint32_t>(memory_ >> 32), nullptr);
}

std::uint32_t ControlChannel::room() { return abi::kToFirmwareDwords - (tail_ - known_head_); }

void ControlChannel::put(std::uint16_t cpu, std::uint32_t word) {
  device_.store_value(cpu, memory_ + abi::kToFirmwareOffset + std::uint64_t{tail_ % abi::kToFirmwareDwords} * 4, word);
  ++tail_;
}

os::Task<> ControlChannel::send(os::Context& ctx, std::span<const std::uint32_t> words, const trace::Event* on_issue,
                                const trace::Event* on_arrival) {
  const auto count = static_cast<std::uint32_t>(words.size());
  ctx.charge(spec_.message);
  ctx.charge(ctx.host().spec().memory_barrier);
  ctx.charge(spec_.mmio_write);
  co_await ctx.step();
  // From the test for room to the notification nothing else gets in.
  for (std::int64_t back_off = 1;; back_off = std::min<std::int64_t>(back_off * 2, 64)) {
    const std::uint32_t to_end = abi::kToFirmwareDwords - tail_ % abi::kToFirmwareDwords;
    const std::uint32_t needed = count + (to_end < count ? to_end : 0);
    if (room() < needed) {
      known_head_ = device_.load_value<std::uint32_t>(memory_ + offsetof(abi::ChannelDescriptor, to_firmware_head));
    }
    if (room() >= needed) {
      const std::uint16_t cpu = ctx.cpu_number();
      if (to_end < count) {
        for (std::uint32_t i = 0; i < to_end; ++i) put(cpu, abi::message_header(abi::Action::padding, 1));
      }
      for (const std::uint32_t word : words) put(cpu, word);
      device_.barrier(cpu);
      device_.store_value(cpu, memory_ + offsetof(abi::ChannelDescriptor, to_firmware_tail), tail_);
      device_.barrier(cpu);
      break;
    }
    co_await os::sleep_until(ctx, ctx.now() + ms(back_off));
  }
  ctx.emit({.kind = trace::EventKind::message_send,
            .queue = words[1],
            .a = static_cast<std::uint64_t>(abi::message_action(words[0])),
            .b = tail_});
  if (on_issue != nullptr) ctx.emit(*on_issue);
  device_.mmio_write32(abi::kRegNotify, 1, on_arrival);
}

bool ControlChannel::next_reply(abi::QueueMessage& reply) {
  const auto tail = device_.load_value<std::uint32_t>(memory_ + offsetof(abi::ChannelDescriptor, to_host_tail));
  if (reply_head_ == tail) return false;
  const auto word = [this] {
    return device_.load_value<std::uint32_t>(memory_ + abi::kToHostOffset +
                                             std::uint64_t{reply_head_++ % abi::kToHostDwords} * 4);
  };
  reply.header = word();
  reply.queue = word();
  return true;
}

}  // namespace gpusim::drv
