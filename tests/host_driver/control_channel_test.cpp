// SPDX-License-Identifier: MIT
// The message channel against a firmware that the test plays: credits both ways, naps, answers, and how it dies.
#include "host_driver/control_channel.h"

#include <cstddef>
#include <cstring>
#include <map>
#include <vector>

#include "firmware/abi/device.h"
#include "tests/support/bare_host.h"
#include "tests/support/catch.h"

using namespace gpusim;
using drv::ControlChannel;
using drv::ResetReason;
using trace::EventKind;

namespace {

/// Memory without store buffers, and registers that count what is written to them.
class CountingDevice final : public drv::DeviceAccess {
 public:
  void mmio_write32(std::uint64_t address, std::uint32_t, const trace::Event*) override { ++writes[address]; }
  void mmio_read32(std::uint64_t, drv::ReadCompletion&) override {}
  std::uint64_t allocate(std::size_t bytes) override {
    memory.resize(bytes);
    return kBase;
  }
  void free(std::uint64_t, std::size_t) override {}
  void store(std::uint16_t, std::uint64_t address, std::span<const std::byte> bytes) override {
    std::memcpy(memory.data() + (address - kBase), bytes.data(), bytes.size());
  }
  void load(std::uint64_t address, std::span<std::byte> bytes) override {
    std::memcpy(bytes.data(), memory.data() + (address - kBase), bytes.size());
  }
  void barrier(std::uint16_t) override {}

  [[nodiscard]] std::uint32_t word(std::uint64_t offset) { return load_value<std::uint32_t>(kBase + offset); }
  void set_word(std::uint64_t offset, std::uint32_t value) { store_value(0, kBase + offset, value); }

  static constexpr std::uint64_t kBase = 0x1000;
  std::vector<std::byte> memory;
  std::map<std::uint64_t, int> writes;
};

struct ChannelScene final : trace::Listener, ControlChannel::Owner {
  explicit ChannelScene(os::TimerGranularity timer = os::TimerGranularity::exact) : host{small_host(timer)} {
    host.recorder.attach_to_all(*this);
  }
  [[nodiscard]] static os::HostSpec small_host(os::TimerGranularity timer) {
    os::HostSpec spec = test::small_host(2);
    spec.timer = timer;
    return spec;
  }
  void on_event(const trace::Event& event) override {
    if (const auto nap = trace::as<trace::message_back_off>(event)) naps.push_back(*nap);
    if (const auto lost = trace::as<trace::message_abandoned>(event)) abandoned.push_back(*lost);
  }

  // The firmware's side.
  [[nodiscard]] std::uint32_t tail() { return device.word(offsetof(abi::ChannelDescriptor, to_firmware_tail)); }
  void take_all() { device.set_word(offsetof(abi::ChannelDescriptor, to_firmware_head), tail()); }
  [[nodiscard]] std::uint32_t sent(std::uint32_t index) {
    return device.word(abi::kToFirmwareOffset + std::uint64_t{index % abi::kToFirmwareDwords} * 4);
  }
  void answer(const std::vector<std::uint32_t>& words) {
    std::uint32_t at = device.word(offsetof(abi::ChannelDescriptor, to_host_tail));
    for (const std::uint32_t word : words) {
      device.set_word(abi::kToHostOffset + std::uint64_t{at++ % abi::kToHostDwords} * 4, word);
    }
    device.set_word(offsetof(abi::ChannelDescriptor, to_host_tail), at);
  }
  /// The reply interrupt and its worker, run by a thread.
  [[nodiscard]] os::Task<> parse(os::Context& ctx) {
    channel.on_interrupt(ctx);
    while (channel.has_message()) co_await channel.receive(ctx);
  }
  // ControlChannel::Owner
  void on_channel_dead(os::Context&, ResetReason reason) override { deaths.push_back(reason); }
  void on_firmware_event(os::Context&, const drv::Message& event) override { events.push_back(event[0]); }

  test::BareHost host;
  CountingDevice device;
  drv::DriverSpec spec = test::free_driver();
  std::vector<ResetReason> deaths;
  std::vector<std::uint32_t> events;
  ControlChannel channel{device, spec, host.host.lockdep().lock_class("control_channel.lock"), *this};
  std::vector<trace::message_back_off> naps;
  std::vector<trace::message_abandoned> abandoned;
};

constexpr QueueId kQueue{7};
constexpr std::uint32_t kId = 3;

const std::array<std::uint32_t, 2> kSchedule{abi::message_header(abi::Action::schedule, 2), kId};

}  // namespace

TEST_CASE("a message is written behind the tail, and the device is notified", "[channel]") {
  ChannelScene s;
  Errno error = Errno::inval;
  s.host.client("c", [&](os::Context& ctx) -> os::Task<> {
    s.channel.announce(ctx);
    error = co_await s.channel.send(ctx, kQueue, kSchedule);
  });
  s.host.run();
  CHECK(error == Errno::ok);
  CHECK(s.tail() == 2);
  CHECK(s.sent(1) == kId);
  CHECK(s.device.writes[abi::kRegNotify] == 1);
}

TEST_CASE("a full buffer is tried again after 1, 2, 4 ... 64 ms, and given up when that is more than 1000 ms",
          "[channel]") {
  ChannelScene s;
  std::vector<Errno> errors;
  SimTime begin{};
  SimTime end{};
  s.host.client("c", [&](os::Context& ctx) -> os::Task<> {
    s.channel.announce(ctx);
    for (int i = 0; i < 512; ++i) errors.push_back(co_await s.channel.send(ctx, kQueue, kSchedule));
    begin = ctx.now();
    errors.push_back(co_await s.channel.send(ctx, kQueue, kSchedule));
    end = ctx.now();
    errors.push_back(co_await s.channel.send(ctx, kQueue, kSchedule));  // dead: at once
    CHECK(ctx.now() == end);
  });
  s.host.run();
  REQUIRE(errors.size() == 514);
  CHECK(errors[511] == Errno::ok);
  CHECK(errors[512] == Errno::time);
  CHECK(errors[513] == Errno::time);
  REQUIRE(s.naps.size() >= 8);
  std::int64_t expected = 1;
  std::int64_t sum = 0;
  for (const auto& nap : s.naps) {
    CHECK(nap.sleep == ms(expected));
    sum += expected;
    expected = std::min<std::int64_t>(expected * 2, 64);
    CHECK(nap.shortage == 0);
  }
  CHECK(sum == 63 + 15 * 64);  // 959 are not more than 1000
  CHECK(end - begin >= ms(sum));
  CHECK(s.deaths == std::vector{ResetReason::no_room});
  REQUIRE(s.abandoned.size() == 1);
  CHECK(s.abandoned[0].shortage == 0);
}

TEST_CASE("room that comes back during a nap is used", "[channel]") {
  ChannelScene s;
  Errno error = Errno::inval;
  s.host.client("c", [&](os::Context& ctx) -> os::Task<> {
    s.channel.announce(ctx);
    for (int i = 0; i < 512; ++i) (void)co_await s.channel.send(ctx, kQueue, kSchedule);
    error = co_await s.channel.send(ctx, kQueue, kSchedule);
  });
  s.host.run_until(ms(5));
  s.take_all();
  s.host.run();
  CHECK(error == Errno::ok);
  CHECK(s.naps.size() == 3);
  CHECK(s.deaths.empty());
}

TEST_CASE("an answer finds its request by its fence, and gives the room set aside back when it is parsed",
          "[channel]") {
  ChannelScene s;
  std::vector<std::uint32_t> answers;
  const auto ask = [&](os::Context& ctx, abi::Action action) -> os::Task<> {
    const Result<drv::Message> answer = co_await s.channel.request(ctx, kQueue, action, kId);
    answers.push_back(answer.ok() ? answer.value()[2] : 999);
  };
  s.host.client("a", [&](os::Context& ctx) -> os::Task<> {
    s.channel.announce(ctx);
    co_await ask(ctx, abi::Action::disable_queue);
  });
  s.host.client("b", [&](os::Context& ctx) -> os::Task<> {
    co_await os::sleep_until(ctx, at(us(1)));
    co_await ask(ctx, abi::Action::disable_queue);
  });
  s.host.client("irq", [&](os::Context& ctx) -> os::Task<> {
    co_await os::sleep_until(ctx, at(us(2)));
    CHECK(s.channel.reserved() == 8);
    const std::uint16_t first = abi::message_fence(s.sent(0));
    const std::uint16_t second = abi::message_fence(s.sent(2));
    CHECK(first != second);
    const auto reply = [](std::uint16_t fence) {
      return abi::message_header(abi::Action::disable_queue, 4, abi::MessageType::reply, fence);
    };
    s.answer({reply(second), kId, 22, 0});  // the other way round
    s.answer({reply(first), kId, 11, 0});
    CHECK(s.channel.reserved() == 8);  // written is not parsed
    co_await s.parse(ctx);
    CHECK(s.channel.reserved() == 0);
  });
  s.host.run();
  CHECK(answers == std::vector<std::uint32_t>{22, 11});
  CHECK(s.deaths.empty());
}

TEST_CASE("an answer that does not come within its time: a reset is wanted, and the channel is up", "[channel]") {
  const auto granularity =
      GENERATE(os::TimerGranularity::exact, os::TimerGranularity::jiffy, os::TimerGranularity::wheel);
  ChannelScene s{granularity};
  Errno error = Errno::ok;
  SimTime end{};
  s.host.client("c", [&](os::Context& ctx) -> os::Task<> {
    s.channel.announce(ctx);
    error = (co_await s.channel.request(ctx, kQueue, abi::Action::deregister_queue, kId)).error();
    end = ctx.now();
  });
  s.host.run();
  CHECK(error == Errno::time);
  // 5,000 jiffies are in the wheel's level of 512.
  const Picoseconds late = end - (granularity == os::TimerGranularity::wheel ? at(ms(5'120)) : at(ms(5'000)));
  CHECK(late >= Picoseconds{0});
  CHECK(late < us(1));
  CHECK(s.deaths == std::vector{ResetReason::no_answer});
  CHECK(s.channel.is_up());
  REQUIRE(s.abandoned.size() == 1);
  CHECK(s.abandoned[0].shortage == 2);
  CHECK(s.abandoned[0].queue == kQueue);
}

TEST_CASE("a request waits for room for its answer: until it comes, or a second", "[channel]") {
  const bool room_comes = GENERATE(true, false);
  ChannelScene s;
  Errno last = Errno::inval;
  int asked = 0;
  // 2048 dwords for answers of 4 dwords: 512 requests. The firmware takes messages but answers none.
  s.host.client("c", [&](os::Context& ctx) -> os::Task<> {
    s.channel.announce(ctx);
    for (; asked < 512; ++asked) {
      const Errno error = co_await s.channel.post_request(ctx, kQueue, abi::Action::disable_queue, kId);
      REQUIRE(error == Errno::ok);
      s.take_all();
    }
    last = co_await s.channel.post_request(ctx, kQueue, abi::Action::disable_queue, kId);
  });
  if (room_comes) {
    s.host.client("irq", [&](os::Context& ctx) -> os::Task<> {
      co_await os::sleep_until(ctx, at(ms(300)));
      s.answer({abi::message_header(abi::Action::disable_queue, 4, abi::MessageType::reply, 1), kId, 0, 0});
      co_await s.parse(ctx);
    });
  }
  s.host.run();
  CHECK(asked == 512);
  REQUIRE(s.naps.size() == 1);
  CHECK(s.naps[0].shortage == 1);
  CHECK(last == (room_comes ? Errno::ok : Errno::time));
  CHECK(s.deaths == (room_comes ? std::vector<ResetReason>{} : std::vector{ResetReason::no_answer_room}));
}

TEST_CASE("what the firmware says is not taken in while a sender naps with the mutex", "[channel]") {
  ChannelScene s;
  SimTime answered{};
  s.host.client("c", [&](os::Context& ctx) -> os::Task<> {
    s.channel.announce(ctx);
    for (int i = 0; i < 511; ++i) (void)co_await s.channel.send(ctx, kQueue, kSchedule);
    (void)co_await s.channel.request(ctx, kQueue, abi::Action::deregister_queue, kId);
    answered = ctx.now();
  });
  s.host.client("sender", [&](os::Context& ctx) -> os::Task<> {
    co_await os::sleep_until(ctx, at(us(100)));
    (void)co_await s.channel.send(ctx, kQueue, kSchedule);
  });
  s.host.client("irq", [&](os::Context& ctx) -> os::Task<> {
    co_await os::sleep_until(ctx, at(us(1'500)));  // the sender has the mutex, and naps from 1.1 ms to 3.1 ms
    s.take_all();
    s.answer({abi::message_header(abi::Action::deregister_queue, 2, abi::MessageType::reply, 1), kId});
    co_await s.parse(ctx);
  });
  s.host.run();
  CHECK(answered - at(us(3'100)) < us(1));
  CHECK(answered >= at(us(3'100)));
  CHECK(s.naps.size() == 2);
}

TEST_CASE("of two requests the second is sent where the first one's answer is taken in", "[channel]") {
  ChannelScene s;
  Result<drv::Message> last = Errno::inval;
  SimTime answered{};
  std::uint32_t sent_by = 0;
  s.host.client("c", [&](os::Context& ctx) -> os::Task<> {
    s.channel.announce(ctx);
    last = co_await s.channel.request_both(ctx, kQueue, abi::Action::disable_queue, abi::Action::deregister_queue, kId);
    answered = ctx.now();
  });
  s.host.client("irq", [&](os::Context& ctx) -> os::Task<> {
    const auto reply = [&](abi::Action action, std::uint32_t dwords, std::uint32_t at) {
      return abi::message_header(action, dwords, abi::MessageType::reply, abi::message_fence(s.sent(at)));
    };
    co_await os::sleep_until(ctx, at(us(2)));
    CHECK(s.channel.reserved() == 6);  // for both
    CHECK(s.tail() == 2);
    s.answer({reply(abi::Action::disable_queue, 4, 0), kId, 0, 0});
    co_await s.parse(ctx);
    sent_by = s.tail();
    CHECK(s.channel.reserved() == 2);
    co_await os::sleep_until(ctx, at(ms(4'000)));
    s.answer({reply(abi::Action::deregister_queue, 2, 2), kId});
    co_await s.parse(ctx);
  });
  s.host.run();
  CHECK(sent_by == 4);  // before anybody else has run
  REQUIRE(last.ok());
  CHECK(abi::message_action(last.value()[0]) == abi::Action::deregister_queue);
  CHECK(answered - at(ms(4'000)) < us(1));
  CHECK(answered >= at(ms(4'000)));
  CHECK(s.channel.reserved() == 0);
  CHECK(s.deaths.empty());
}

TEST_CASE("a channel that is taken down tells all who wait, and starts empty when announced again", "[channel]") {
  ChannelScene s;
  Errno error = Errno::ok;
  s.host.client("c", [&](os::Context& ctx) -> os::Task<> {
    s.channel.announce(ctx);
    error = (co_await s.channel.request(ctx, kQueue, abi::Action::disable_queue, kId)).error();
  });
  s.host.client("reset", [&](os::Context& ctx) -> os::Task<> {
    co_await os::sleep_until(ctx, at(us(5)));
    s.channel.take_down(ctx, Errno::canceled);
    const Errno down = co_await s.channel.send(ctx, kQueue, kSchedule);
    CHECK(down == Errno::canceled);
    s.channel.announce(ctx);
    CHECK(s.channel.reserved() == 0);
    const Errno up = co_await s.channel.send(ctx, kQueue, kSchedule);
    CHECK(up == Errno::ok);
    CHECK(s.tail() == 2);
  });
  s.host.run();
  CHECK(error == Errno::canceled);
  CHECK(s.deaths.empty());
}

TEST_CASE("a message for the firmware before a reset is not sent to the one after it", "[channel]") {
  ChannelScene s;
  Errno error = Errno::ok;
  s.host.client("c", [&](os::Context& ctx) -> os::Task<> {
    s.channel.announce(ctx);
    for (int i = 0; i < 512; ++i) (void)co_await s.channel.send(ctx, kQueue, kSchedule);
    error = co_await s.channel.send(ctx, kQueue, kSchedule);  // naps
  });
  s.host.client("reset", [&](os::Context& ctx) -> os::Task<> {
    co_await os::sleep_until(ctx, at(us(500)));
    s.channel.take_down(ctx, Errno::canceled);
    s.channel.announce(ctx);
    co_await ctx.step();
  });
  s.host.run();
  CHECK(error == Errno::canceled);
  CHECK(s.tail() == 0);
}

TEST_CASE("a channel that the firmware flags, or whose messages make no sense, dies", "[channel]") {
  const bool flagged = GENERATE(true, false);
  ChannelScene s;
  s.host.client("irq", [&](os::Context& ctx) -> os::Task<> {
    s.channel.announce(ctx);
    if (flagged) {
      s.device.set_word(offsetof(abi::ChannelDescriptor, to_host_status), abi::kChannelOverflow);
    } else {
      s.answer({abi::message_header(abi::Action::disable_queue, 40)});
    }
    co_await s.parse(ctx);
  });
  s.host.run();
  CHECK(s.deaths == std::vector{ResetReason::channel_error});
}
