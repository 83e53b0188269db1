// SPDX-License-Identifier: MIT
// Messages to the firmware and what comes back, over the two rings of firmware/abi/messages.h, in the manner of xe's CT
// buffers (docs/reference/firmware.md, "The message channel"):
//
//   host to firmware  free dwords are tracked locally, the real head is read only when they are short
//   firmware to host  room for an answer is reserved when its request is sent, out of half of the ring, and given
//                     back when that answer is parsed; events live from the other half
//   no room           sleep 1, 2, 4 ... 64 ms and try again, give up when these naps sum up to more than 1 s
//   no answer's room  take in what the firmware says, wait at most 1 s for each message
//   the mutex         (xe: ct->lock) is held meanwhile, so nobody overtakes who waits; taking in a message needs it,
//   too an answer         carries its request's fence; 5 s
//
// A channel that was given up is dead: senders and waiters get an error, and the driver, which was notified, resets the
// device. What the firmware says is taken in by one ordered worker of the driver.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "firmware/abi/messages.h"
#include "host_driver/device_access.h"
#include "host_driver/spec.h"
#include "os/sync.h"
#include "os/task.h"

namespace gpusim::drv {

/// A message of the firmware, header first.
using Message = std::array<std::uint32_t, abi::kMaxReplyDwords>;

class ControlChannel {
 public:
  class Owner {
   public:
    /// The channel has died, or an answer does not come. Any context; never waits.
    virtual void on_channel_dead(os::Context& ctx, ResetReason reason) = 0;
    /// What the firmware says of itself. Context: process, under the channel's mutex; never waits.
    virtual void on_firmware_event(os::Context& ctx, const Message& event) = 0;

   protected:
    ~Owner() = default;
  };

  ControlChannel(DeviceAccess& device, const DriverSpec& spec, os::LockClass lock_class, Owner& owner);
  ~ControlChannel();
  ControlChannel(const ControlChannel&) = delete;
  ControlChannel& operator=(const ControlChannel&) = delete;

  /// Starts the channel, empty, and tells the device where its memory is. At probe and after a device reset.
  void announce(os::Context& ctx);
  /// Takes it down: senders and waiters get `error` until it is announced again. Any context.
  void take_down(os::Context& ctx, Errno error);
  /// A device reset is wanted: whoever waits for an answer waits no longer, and nobody asks any more until the channel
  /// is up anew (-ECANCELED), as in xe, which stops submission where the reset is asked for (xe_uc_reset_prepare()).
  /// Any context; never waits.
  void interrupt(os::Context& ctx);
  [[nodiscard]] bool is_up() const { return error_ == Errno::ok; }

  /// Writes one message about a queue and notifies the device. `on_arrival` is recorded when the notification arrives
  /// there; `on_issue` at the moment the notification leaves. -ETIME: no room, the channel is dead now; else what the
  /// channel was taken down with. Context: may sleep.
  [[nodiscard]] os::Task<Errno> send(os::Context& ctx, QueueId queue, std::span<const std::uint32_t> words,
                                     const trace::Event* on_issue = nullptr, const trace::Event* on_arrival = nullptr);

  /// Sends a request about the queue with this firmware id and sleeps until it is answered. Errors as send(); -ETIME
  /// also if no answer came.
  [[nodiscard]] os::Task<Result<Message>> request(os::Context& ctx, QueueId queue, abi::Action action,
                                                  std::uint32_t id);
  /// The same for two requests, of which the second is sent where the answer to the first is taken in (xe sends
  /// DEREGISTER_CONTEXT from the handler of MODE_DONE). Gives the second answer.
  [[nodiscard]] os::Task<Result<Message>> request_both(os::Context& ctx, QueueId queue, abi::Action first,
                                                       abi::Action second, std::uint32_t id);
  /// A request whose answer is not waited for.
  [[nodiscard]] os::Task<Errno> post_request(os::Context& ctx, QueueId queue, abi::Action action, std::uint32_t id);

  /// The firmware has raised its interrupt. Any context; never waits.
  void on_interrupt(os::Context& ctx);
  /// There may be a message in the firmware's buffer. Any context.
  [[nodiscard]] bool has_message() const;
  /// Takes one in. Context: the driver's reply worker; may sleep.
  [[nodiscard]] os::Task<> receive(os::Context& ctx);

  /// Dwords reserved for answers now.
  [[nodiscard]] std::uint32_t reserved() const { return abi::kAnswerPool - answer_room_; }

 private:
  struct Request {
    std::uint16_t fence;
    QueueId queue;
    abi::Action action;                       // under way
    abi::Action then = abi::Action::padding;  // to be sent with the answer; padding: nothing
    std::uint32_t id = 0;                     // of what `then` is about
    SimTime due{};                            // the answer to `action`
    bool done = false;
    Errno error = Errno::ok;
    Message answer{};
    os::WaitQueue wait;
  };

  [[nodiscard]] std::uint32_t room() const { return abi::kToFirmwareDwords - (tail_ - known_head_); }
  [[nodiscard]] bool has_room(std::uint32_t count);
  [[nodiscard]] std::uint16_t next_fence();
  void put(std::uint16_t cpu, std::uint32_t word);
  void write(os::Context& ctx, std::span<const std::uint32_t> words);
  void end_requests(os::Context& ctx, Errno error);
  /// Under the mutex. `answer`: dwords to be set aside for its answers.
  [[nodiscard]] os::Task<Errno> send_locked(os::Context& ctx, QueueId queue, std::span<const std::uint32_t> words,
                                            std::uint32_t answer, const trace::Event* on_issue,
                                            const trace::Event* on_arrival);
  [[nodiscard]] os::Task<Result<Message>> send_request(os::Context& ctx, Request& request, std::uint32_t answer);
  /// Takes the next message out of the buffer; false if there is none.
  [[nodiscard]] bool next_message(os::Context& ctx, Message& message);
  [[nodiscard]] os::Task<> receive_locked(os::Context& ctx);
  /// Records a reply, gives its room back and wakes its waiter, or sends what follows.
  [[nodiscard]] os::Task<> complete(os::Context& ctx, const Message& reply);
  [[nodiscard]] Request* find_request(std::uint16_t fence) const;
  void die(os::Context& ctx, ResetReason reason);
  void abandon(os::Context& ctx, QueueId queue, std::uint32_t header, ResetReason reason);
  [[nodiscard]] os::Task<Errno> wait_for_answer_room(os::Context& ctx, QueueId queue, std::uint32_t header,
                                                     std::uint32_t needed);

  DeviceAccess& device_;
  const DriverSpec& spec_;
  Owner& owner_;
  os::Mutex lock_;
  std::uint64_t memory_;
  Errno error_ = Errno::again;     // ok: up
  bool is_interrupted_ = false;    // a reset is wanted
  std::uint32_t incarnation_ = 0;  // counts announce()
  std::uint32_t tail_ = 0;         // host to firmware, dwords
  std::uint32_t known_head_ = 0;   // read again only when room is short
  std::uint32_t reply_head_ = 0;
  std::uint32_t answer_room_ = abi::kAnswerPool;
  std::uint16_t last_fence_ = 0;
  std::vector<Request*> requests_;  // in flight, oldest first; each lives in its waiter's frame
  os::WaitQueue message_wait_;      // of a sender without room for its answer
};

}  // namespace gpusim::drv
