// SPDX-License-Identifier: MIT
// What the device has of a queue: its ring, its number at the firmware, and the hardware fences of what is in the ring.
// Whose jobs these are, and what becomes of them when one hangs, its owner knows: an ExecQueue, which has one of its
// own, or a KernelRing, whose ring all clients share.
//
// It has two numbers. Its QueueId is unique over the run: traces, the driver's tables and the submission component know
// it by that. Its firmware id is also its doorbell's number and is used again once the firmware has forgotten the queue
// (IdAllocator); only messages, doorbells and the firmware's tables speak of it.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/fifo.h"
#include "base/ids.h"
#include "firmware/abi/messages.h"
#include "host_driver/completion_list.h"
#include "host_driver/device_state.h"
#include "host_driver/queue_limits.h"
#include "host_driver/ring.h"
#include "host_driver/slot_lists.h"
#include "os/sync.h"
#include "scheduler/submission.h"

namespace gpusim::drv {

class HardwareQueue final : private WriteWatcher {
 public:
  /// One that is on the hardware, or was refused behind such.
  struct PendingJob {
    std::uint64_t value;
    sched::FenceRef fence;
    JobId job;
    std::uint32_t driver_job = 0;                    ///< its record
    const sched::SubmissionQueue* client = nullptr;  ///< whose job it is
    /// As head and not begun: device resets that it has seen, and timeouts that asked for one.
    std::uint32_t karma = 0;
    Errno error = Errno::ok;  ///< what it signals with in its turn
    bool is_put_off = false;  ///< it is in no ring yet: write_put_off()
  };
  class Owner {
   public:
    /// Whether run_job() may go on with the job, asked again after each step; and what it gives if not. Context:
    /// run_job(); never waits.
    [[nodiscard]] virtual bool takes(sched::Job& job) const = 0;
    [[nodiscard]] virtual sched::RunResult refuse(os::Context& ctx, sched::Job& job) = 0;
    /// With which error jobs end that were put off and are not taken any more, ok: with that of signal_all() alone.
    /// None: they are taken. Any context; never waits.
    [[nodiscard]] virtual std::optional<Errno> refuses_put_off() const { return {}; }
    /// The device has come further. Any context; never waits.
    virtual void on_progress(os::Context& ctx) = 0;
    /// There is room in the ring again. Any context; never waits.
    virtual void on_room(os::Context& /*ctx*/) {}
    /// Around complete_reached(): see sched::SubmissionQueue.
    virtual void begin_completions() {}
    [[nodiscard]] virtual bool end_completions(os::Context& /*ctx*/) { return false; }
    [[nodiscard]] virtual os::Task<> tick_inline(os::Context& ctx) { co_await ctx.step(); }
    /// complete_reached() changes something at the owner even if the device has reached nothing; when that becomes so,
    /// the owner calls expect_look().
    [[nodiscard]] virtual bool needs_look() const { return false; }
    /// The device has written the completion value. Called from the Timeline.
    virtual void on_value_written() {}

   protected:
    ~Owner() = default;
  };
  struct Identity {
    QueueId id;
    std::uint32_t firmware_id;
    std::uint32_t engine_mask;
    std::uint32_t priority;
    std::uint32_t process = 0;  ///< whose it is, for a firmware that gives turns to processes
    QueueLimits limits{};       ///< the ring's
  };

  /// Allocates ring and queue context. `device` and `owner` outlive it.
  HardwareQueue(DeviceState& device, Owner& owner, const Identity& identity);
  ~HardwareQueue();
  HardwareQueue(const HardwareQueue&) = delete;
  HardwareQueue& operator=(const HardwareQueue&) = delete;

  [[nodiscard]] QueueId id() const { return identity_.id; }
  [[nodiscard]] std::uint32_t firmware_id() const { return identity_.firmware_id; }
  [[nodiscard]] std::uint32_t engine_mask() const { return identity_.engine_mask; }
  [[nodiscard]] Ring& ring() { return ring_; }
  /// For who gives the slots.
  [[nodiscard]] SlotGroup& slot_group() { return slot_group_; }

  // --- jobs, first to last

  [[nodiscard]] bool has_jobs() const { return !pending_.empty(); }
  /// Pre: has_jobs().
  [[nodiscard]] PendingJob& head() { return pending_.front(); }
  [[nodiscard]] const PendingJob& head() const { return pending_.front(); }
  /// Of those on the hardware; 0: none is.
  [[nodiscard]] JobId head_job() const { return pending_.empty() ? JobId{} : pending_.front().job; }
  /// Pre: `job` has been on the hardware.
  [[nodiscard]] bool is_done(JobId job);
  /// Pre: has_jobs().
  [[nodiscard]] bool head_has_begun() { return ring_.read_begun() >= pending_.front().value; }
  /// The completion handler has something to look at.
  [[nodiscard]] bool has_pending() const { return !pending_.empty() || !starts_.empty(); }
  /// In the handler's list. News: a look may change something, see expect_look().
  [[nodiscard]] CompletionList::Place& completion_place() { return completion_place_; }
  /// The handler has looked.
  void note_look() { completion_place_.set_news(has_news()); }
  /// A look of the completion handler may change something: to be called where that becomes so.
  void expect_look() { completion_place_.set_news(true); }

  /// The room of a job is free when its fence has signalled: two contexts may complete jobs, and the one may have taken
  /// out of the ring what the other still signals.
  [[nodiscard]] bool is_full() const;
  void wake_room(os::Context& ctx) { room_.wake_all(ctx); }
  /// Puts the job into the ring, when there is room, and tells the device. A device reset waits for nobody who waits
  /// for room: the job is put off until the device touches no memory (ours: the drivers' rings have room for all that
  /// their schedulers hand over). As in xe, whose guc_exec_queue_run_job() registers a context with its first job, and
  /// again after a reset. Context: see sched::SchedulerOps.
  [[nodiscard]] os::Task<sched::RunResult> run_job(os::Context& ctx, sched::Job& job);
  /// What has been put off is written, into a larger ring if need be, unless its owner refuses it. Pre: the device
  /// touches no memory, and does not know the queue. Any context; never waits.
  void write_put_off(os::Context& ctx);
  /// The entry of a job, as a client writes it that has the ring mapped: no fence, and an interrupt at its end only if
  /// wanted. Gives the value that its end writes. Pre: !is_full(), and no start mark is wanted.
  std::uint64_t write_mapped(os::Context& ctx, JobId job, std::uint32_t driver_job, bool interrupts) {
    return write_entry(ctx, job, driver_job, interrupts);
  }
  /// A fence for a value that the device has not written yet; the completion handler signals it. Any context.
  [[nodiscard]] sched::FenceRef fence_at(os::Context& ctx, std::uint64_t value);
  /// A job that is not put on the hardware: its fence signals with `error` when those of the jobs before it have.
  /// Context: run_job(). Pre: !has_signalled_all().
  [[nodiscard]] sched::FenceRef refuse(os::Context& ctx, const sched::Job& job, Errno error);
  /// The same, but its fence signals by signal_all() alone.
  [[nodiscard]] sched::FenceRef refuse_for_timeout(os::Context& ctx, const sched::Job& job);
  /// All fences of jobs before have signalled, and their callbacks have run.
  [[nodiscard]] bool has_signalled_all() const { return pending_.empty() && signalling_.empty(); }
  /// The same of jobs of this one's queue.
  [[nodiscard]] bool has_signalled_those_before(const sched::Job& job);
  /// A fence of `context` has not signalled: for the stall report.
  [[nodiscard]] bool has_pending_fence(std::uint64_t context) const {
    return pending_.any_of([&](const PendingJob& job) { return job.fence->context() == context; });
  }

  /// Completion handler: signals what the device has reached. Charges and pays by job. Several contexts may be in it at
  /// a time, each with a Pin. Context: any; not under a lock.
  [[nodiscard]] os::Task<> complete_reached(os::Context& ctx);
  /// Everything signals now, in order: the head with `head_error`, the others with `error`; start marks first. Any
  /// context; never waits.
  void signal_starts(os::Context& ctx, Errno error);
  void signal_all(os::Context& ctx, Errno head_error, Errno error);

  /// With native waits: nothing of the queue will run any more, and who waits for it in a ring need not. Pre: the
  /// device has let go of the queue for good. Any context.
  void force_value(os::Context& ctx);
  /// dma_fence_set_error() on the job's hardware fence, if it has not signalled.
  void set_error(JobId job, Errno error);
  /// The ring is empty, and nobody waits for what was in it.
  void drop_all(os::Context& ctx);
  /// The ring is empty; jobs of other queues than `guilty`'s are written anew, but for refused ones, and keep their
  /// fences; the fence of `guilty` signals with -ETIME, those of its queue with -ECANCELED, each after those before it
  /// (complete_reached()). Pre: the firmware does not know the queue.
  void write_again(os::Context& ctx, const sched::Job& guilty);

  // --- the firmware

  /// The firmware knows it, or will when it has read what was sent.
  [[nodiscard]] bool is_registered() const { return registered_; }
  /// It knows nothing any more: a device reset.
  void forget_registration();
  /// The level that a registration says. The caller tells the firmware of a change.
  void set_priority(std::uint32_t priority) { identity_.priority = priority; }
  /// The level of its registration, to the firmware that knows it. Errors as ControlChannel::send(). Context: may
  /// sleep.
  [[nodiscard]] os::Task<Errno> send_level(os::Context& ctx);
  /// Tells the firmware, if it knows the queue; its next registration says them, too. -EINVAL: its context has no room
  /// for limits. Context: may sleep.
  [[nodiscard]] os::Task<Errno> set_limits(os::Context& ctx, const QueueLimits& limits);
  /// Tells the firmware of the queue, its ring and how far it is. Errors as ControlChannel::send(). Context: may sleep.
  [[nodiscard]] os::Task<Errno> register_with_firmware(os::Context& ctx);
  /// Ends a disable; the firmware reads the write index again, when it is the queue's turn to get a slot if the host
  /// gives those. Errors as ControlChannel::send(). Context: may sleep.
  [[nodiscard]] os::Task<Errno> enable(os::Context& ctx);
  /// The message alone: it has a slot, or needs none.
  [[nodiscard]] os::Task<Errno> send_enable(os::Context& ctx);
  /// `action` takes it off the engines until enable(). Errors as ControlChannel::request(). Context: may sleep.
  [[nodiscard]] os::Task<Result<Message>> request(os::Context& ctx, abi::Action action);
  /// The firmware disables and forgets it: two round trips, the second begun where the first one's answer is taken in.
  /// A device reset answers for the firmware, which has forgotten everything. Context: may sleep.
  [[nodiscard]] os::Task<> forget(os::Context& ctx);
  /// The same at once, whatever is on the engine. False: the firmware did not answer. Context: may sleep.
  [[nodiscard]] os::Task<bool> throw_away(os::Context& ctx);

  // --- lifetime

  /// Keeps the queue from going away while a context is at work in it across a step. Can be kept in a container. A
  /// context that is cut off keeps it.
  class Pin {
   public:
    Pin(os::Context& ctx, HardwareQueue& queue) : ctx_{ctx}, queue_{&queue} { ++queue.pins_; }
    ~Pin() noexcept(false) {  // a wake-up may be a choice, and that may end the run
      if (!ctx_.is_cut_off()) release();
    }
    Pin(Pin&& other) noexcept : ctx_{other.ctx_}, queue_{std::exchange(other.queue_, nullptr)} {}
    Pin(const Pin&) = delete;
    Pin& operator=(const Pin&) = delete;
    Pin& operator=(Pin&&) = delete;

    /// Pre: not released.
    [[nodiscard]] HardwareQueue& queue() const { return *queue_; }
    /// A second one has no effect.
    void release() {
      HardwareQueue* const queue = std::exchange(queue_, nullptr);
      if (queue != nullptr && --queue->pins_ == 0 && queue->pin_wait_.has_sleepers()) queue->pin_wait_.wake_all(ctx_);
    }

   private:
    os::Context& ctx_;
    HardwareQueue* queue_;
  };
  [[nodiscard]] bool has_pins() const { return pins_ != 0; }
  /// Sleeps until no Pin is left.
  [[nodiscard]] os::Task<> wait_for_pins(os::Context& ctx);

 private:
  // WriteWatcher
  void on_device_wrote(std::size_t offset) override;
  /// complete_reached() would change something, or there is nothing to look at any more.
  [[nodiscard]] bool has_news();
  /// The job's fence, and its entry unless that is put off.
  [[nodiscard]] sched::FenceRef write(os::Context& ctx, const sched::Job& job);
  [[nodiscard]] bool has_put_off() const { return !pending_.empty() && pending_.back().is_put_off; }
  /// The value that the entry's end writes.
  [[nodiscard]] std::uint64_t write_entry(os::Context& ctx, JobId job, std::uint32_t driver_job,
                                          bool interrupts = true);
  [[nodiscard]] sched::FenceRef add_refused(os::Context& ctx, const sched::Job& job, Errno error, std::uint64_t value);
  [[nodiscard]] const sched::SubmissionQueue* client_of(const sched::Job& job) {
    return device_.jobs[job.driver_job()].submission;
  }

  DeviceState& device_;
  Owner& owner_;
  Identity identity_;
  Ring ring_;
  os::WaitQueue room_;
  os::WaitQueue pin_wait_;
  std::uint32_t pins_ = 0;
  bool registered_ = false;
  SlotGroup slot_group_;
  CompletionList::Place completion_place_;
  std::uint64_t fence_context_;
  std::uint64_t next_fence_ = 1;
  std::uint64_t next_start_ = 1;
  Fifo<PendingJob> pending_;
  struct Signalling {
    const sched::Fence* fence;
    std::uint64_t value;
    const sched::SubmissionQueue* client;
  };
  std::vector<Signalling> signalling_;  // one for each context that is at it, in the order of the jobs
  Fifo<PendingJob> starts_;
};

}  // namespace gpusim::drv
