// SPDX-License-Identifier: MIT
// A queue's limits that change while it is known: the firmware writes them behind its context, and says so.
#include "firmware/main/null_hal.h"

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/firmware_messages.h"

using namespace gpusim;

namespace {

constexpr std::uint64_t kLimitsChannel = 0x10'0000;
constexpr std::uint64_t kLimitsContext = 0x2'0000'0040;

struct LimitsHal : fw::NullHal {
  std::uint32_t read32(std::uint64_t address) { return memory[address]; }
  void write32(std::uint64_t address, std::uint32_t value) { memory[address] = value; }
  /// What has been written by then is what counts.
  void renew_limits(std::uint32_t queue) {
    std::vector<std::uint32_t> renewal{queue};
    for (std::uint32_t byte = 0; byte < sizeof(abi::ContextLimits); byte += 4) {
      renewal.push_back(memory[abi::context_limits_address(kLimitsContext) + byte]);
    }
    renewals.push_back(renewal);
  }
  void note_refused(std::uint32_t, abi::Refusal) { ++refused; }

  test::WordMemory memory;
  std::vector<std::vector<std::uint32_t>> renewals;
  int refused = 0;
};

template <template <class> class P>
struct LimitsScene {
  static abi::DeviceDescriptor make_device() {
    abi::DeviceDescriptor device;
    device.engine_count = 1;
    device.slots = 1;
    device.max_queues = 2;
    return device;
  }
  void send(const std::vector<std::uint32_t>& words) {
    test::write_message(hal.memory, kLimitsChannel, tail, words);
    REQUIRE(core.has_message());
    (void)core.on_message();
  }

  LimitsHal hal;
  std::vector<fw::QueueRecord> queues{3};
  std::vector<fw::EngineRecord> engines{1};
  fw::RunList<LimitsHal, P> core{hal, make_device(), queues, engines};
  std::uint32_t tail = 0;
};

}  // namespace

TEMPLATE_TEST_CASE("limits: a queue's stand behind its context when the hardware is told, whatever the policy",
                   "[firmware]", LimitsScene<fw::RoundRobin>, LimitsScene<fw::TickRotation>) {
  TestType s;
  s.core.set_channel(kLimitsChannel);
  const std::vector<std::uint32_t> change{abi::message_header(abi::Action::set_limits, 6), 1, 11, 22, 33, 44};
  s.send(change);  // overtakes its registration: that has them
  CHECK(s.hal.renewals.empty());
  s.send({abi::message_header(abi::Action::register_queue, 11), 1, 1, 0, 0x40, 2, 0x8000, 0, 16, 0, 1});
  s.send(change);
  CHECK(s.hal.renewals == std::vector<std::vector<std::uint32_t>>{{1, 11, 22, 33, 44}});
  CHECK(s.hal.refused == 0);
  s.send({abi::message_header(abi::Action::set_limits, 5), 1, 11, 22, 33});
  CHECK(s.hal.refused == 1);
}
