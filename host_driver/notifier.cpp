// SPDX-License-Identifier: MIT
#include "host_driver/notifier.h"

#include <array>

#include "firmware/abi/messages.h"

namespace gpusim::drv {

namespace {

class DoorbellNotifier final : public Notifier {
 public:
  DoorbellNotifier(DeviceAccess& device, const DriverSpec& spec) : device_{device}, spec_{spec} {}

  os::Task<> notify(os::Context& ctx, QueueId queue, std::uint32_t id, JobId job, std::uint64_t write_index) override {
    ctx.charge(spec_.mmio_write);
    co_await ctx.step();
    ctx.emit(trace::doorbell_write{.queue = queue, .doorbell = id, .job = job, .write_index = write_index});
    const trace::Event arrival = trace::doorbell_arrive{.queue = queue, .doorbell = id, .write_index = write_index};
    device_.mmio_write32(abi::doorbell_address(id), static_cast<std::uint32_t>(write_index), &arrival);
  }

 private:
  DeviceAccess& device_;
  const DriverSpec& spec_;
};

class MessageNotifier final : public Notifier {
 public:
  explicit MessageNotifier(ControlChannel& channel) : channel_{channel} {}

  os::Task<> notify(os::Context& ctx, QueueId queue, std::uint32_t id, JobId job, std::uint64_t write_index) override {
    const std::array<std::uint32_t, 2> words{abi::message_header(abi::Action::schedule, 2), id};
    const trace::Event issue = trace::doorbell_write{.queue = queue, .job = job, .write_index = write_index};
    const trace::Event arrival = trace::doorbell_arrive{.queue = queue, .write_index = write_index};
    (void)co_await channel_.send(ctx, queue, words, &issue, &arrival);
  }

 private:
  ControlChannel& channel_;
};

}  // namespace

std::unique_ptr<Notifier> make_notifier(abi::SubmitNotify kind, DeviceAccess& device, ControlChannel& channel,
                                        const DriverSpec& spec) {
  switch (kind) {
    case abi::SubmitNotify::doorbell:
      return std::make_unique<DoorbellNotifier>(device, spec);
    case abi::SubmitNotify::message:
      return std::make_unique<MessageNotifier>(channel);
  }
  return nullptr;
}

}  // namespace gpusim::drv
