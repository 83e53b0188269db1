// SPDX-License-Identifier: MIT
// Messages to the firmware and its replies, over the two rings of firmware/abi/messages.h. No room in the ring: back
// off 1, 2, 4 ... 64 ms and try again, as xe's CT buffers do; giving up is not modelled yet.
#pragma once

#include <cstdint>
#include <span>

#include "firmware/abi/messages.h"
#include "host_driver/device_access.h"
#include "host_driver/spec.h"
#include "os/sync.h"
#include "os/task.h"

namespace gpusim::drv {

class ControlChannel {
 public:
  ControlChannel(DeviceAccess& device, const DriverSpec& spec);
  ~ControlChannel();
  ControlChannel(const ControlChannel&) = delete;
  ControlChannel& operator=(const ControlChannel&) = delete;

  /// Tells the device where the channel's memory is. Once, at probe.
  void announce(os::Context& ctx);

  /// Writes one message and notifies the device. `on_arrival` is recorded when the notification arrives there;
  /// `on_issue` at the moment the notification leaves. Context: may sleep.
  [[nodiscard]] os::Task<> send(os::Context& ctx, std::span<const std::uint32_t> words,
                                const trace::Event* on_issue = nullptr, const trace::Event* on_arrival = nullptr);

  /// Takes the next reply out of the buffer; false if there is none. Any context.
  [[nodiscard]] bool next_reply(abi::QueueMessage& reply);

 private:
  [[nodiscard]] std::uint32_t room();
  void put(std::uint16_t cpu, std::uint32_t word);

  DeviceAccess& device_;
  const DriverSpec& spec_;
  std::uint64_t memory_;
  std::uint32_t tail_ = 0;        // host to firmware, dwords
  std::uint32_t known_head_ = 0;  // read again only when room is short
  std::uint32_t reply_head_ = 0;
};

}  // namespace gpusim::drv
