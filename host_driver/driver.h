// SPDX-License-Identifier: MIT
// The kernel-mode driver: implements the uapi over a submission component, owns queues, buffers and the state of the
// device, handles its interrupts. Probes the device (an MMIO read of its version, the channel's address) before the
// first ioctl; resets it when it does not answer; survives its removal.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "host_driver/completion_list.h"
#include "host_driver/device_access.h"
#include "host_driver/device_queue.h"
#include "host_driver/device_state.h"
#include "host_driver/eviction.h"
#include "host_driver/exec_queue.h"
#include "host_driver/kernel_ring.h"
#include "host_driver/queue_factory.h"
#include "host_driver/spec.h"
#include "host_driver/uapi.h"
#include "os/host.h"
#include "os/sync.h"
#include "os/workqueue.h"
#include "scheduler/reservation.h"
#include "scheduler/submission.h"
#include "scheduler/syncobj.h"

namespace gpusim::drv {

/// Violates "probe" if the device says another version than this driver knows.
class Driver final : public Uapi, private DeviceOwner {
 public:
  Driver(os::Host& host, DeviceAccess& device, const abi::DeviceDescriptor& descriptor, const DriverSpec& spec,
         sched::FenceArena& fences, QueueFactory& factory);
  ~Driver() override;

  // Uapi
  [[nodiscard]] os::Task<Result<QueueId>> create_queue(os::Context& ctx, const QueueParams& params) override;
  os::Task<> set_priority(os::Context& ctx, QueueId queue, std::uint32_t priority) override;
  [[nodiscard]] os::Task<Errno> set_limits(os::Context& ctx, QueueId queue, const QueueLimits& limits) override;
  [[nodiscard]] os::Task<Result<ExecResult>> exec(os::Context& ctx, const ExecArgs& args) override;
  os::Task<Errno> wait(os::Context& ctx, const SyncFile& fence) override;
  [[nodiscard]] bool has_signalled(os::Context& ctx, const SyncFile& fence) override;
  os::Task<> close_queue(os::Context& ctx, QueueId queue) override;
  os::Task<> kill_queue(os::Context& ctx, QueueId queue) override;
  [[nodiscard]] SyncobjId create_syncobj(os::Context& ctx, std::string name) override;
  void signal_point(os::Context& ctx, const SyncPoint& point) override;
  void reset_syncobj(os::Context& ctx, SyncobjId id) override;
  os::Task<Errno> wait_points(os::Context& ctx, const PointWait& wait) override;
  [[nodiscard]] BufferId create_buffer(os::Context& ctx) override;
  os::Task<> wait_buffer(os::Context& ctx, BufferId buffer) override;
  [[nodiscard]] SyncFile create_sw_fence(os::Context& ctx) override;
  void signal_sw_fence(os::Context& ctx, const SyncFile& fence) override;
  void terminate(os::Context& ctx, const ExecResult& job) override;

  // --- queues that are mapped into their clients, for UserMode (driver_user_queues.cpp)

  /// nullptr: there is none, or it is closed.
  [[nodiscard]] UserQueue* open_user_queue(QueueId queue) const;
  [[nodiscard]] JobId next_job() { return JobId{next_job_++}; }
  /// An ioctl: the job whose end is `value` is in the ring, and its points and buffers get a fence for that. Context:
  /// may sleep, with a Pin on the queue.
  [[nodiscard]] os::Task<> share_value(os::Context& ctx, UserQueue& queue, const sched::FenceRef& value,
                                       const ExecArgs& args);
  /// An ioctl: the fences of the points and buffers of a job to come. -EINVAL: nobody has submitted a point yet.
  /// Context: may sleep.
  [[nodiscard]] os::Task<Errno> collect_fences(os::Context& ctx, const ExecArgs& args,
                                               std::vector<sched::FenceRef>& fences);
  /// An ioctl: sleeps until the interrupt that comes with the value; returns as wait(). Context: may sleep.
  [[nodiscard]] os::Task<Errno> wait_value(os::Context& ctx, const sched::FenceRef& value, bool is_dependency);

  [[nodiscard]] bool has_user_queues() const { return device_.spec.direct.has_value(); }
  /// Eviction::request() for the queues of a client. Pre: has_user_queues(). Any context; never waits.
  bool evict(os::Context& ctx, ClientId client) { return eviction_of(client).request(ctx); }

  /// DeviceState::request_reset(). Any context; never waits.
  void request_reset(os::Context& ctx, ResetReason reason) { device_.request_reset(ctx, reason); }
  /// The device is gone for good (unplugged, or it survives no reset): every hardware fence signals with -ENODEV,
  /// nothing is accepted any more, teardown sends no messages. Any context; never waits.
  void device_gone(os::Context& ctx);

  [[nodiscard]] std::uint32_t credit_limit() const {
    return device_.spec.credit_limit != 0 ? device_.spec.credit_limit : device_.spec.ring_entries;
  }
  /// Queues that the firmware still knows, or that have not been torn down.
  [[nodiscard]] std::size_t live_queues() const { return live_queues_; }
  /// Nothing is under way for rings that clients share, which outlive their queues.
  [[nodiscard]] bool has_idle_rings() const;
  /// Buffers and syncobjs keep fences; the end of the last process that has them drops those.
  void drop_shared() {
    device_.gang.drop();
    buffers_.clear();
    syncobjs_.clear();
  }
  /// Violates "reply_credits" if room for an answer is still reserved. After a finished run.
  void check_released() const;
  /// For the stall report: what has to happen before a fence signals, one line a hop.
  [[nodiscard]] std::string explain_fence(std::uint64_t context, std::uint64_t seqno);
  /// The same: what a wait for a point that nobody has submitted is for, "point 3 of drawn".
  [[nodiscard]] std::string describe_point(SyncobjId syncobj, std::uint64_t point) const;
  /// The same: queues that nobody has any more and whose jobs have not ended, a line each; empty if there are none.
  [[nodiscard]] std::string explain_closed_queues() const;

 private:
  /// A queue, what it has of the device, and the place of that in the completion handler's lists.
  struct QueueSlot {
    std::unique_ptr<ExecQueue> queue;
    DeviceQueue* device_queue = nullptr;
    std::uint32_t vector = 0;  ///< whose handler looks at it
  };
  /// A buffer's reservation object and its lock, which an exec holds from collecting the users until it is one itself.
  struct Buffer {
    explicit Buffer(os::LockClass lock_class) : lock{lock_class} {}
    sched::Reservation reservation;
    os::Mutex lock;
  };

  struct NamedSyncobj {
    std::string name;
    sched::Syncobj syncobj;
  };

  // DeviceOwner
  void mark_active(HardwareQueue& queue) override;
  void forget_queue(ExecQueue& queue) override;
  [[nodiscard]] bool has_levels() const;
  [[nodiscard]] bool has_rings_by_level(std::uint32_t engine_mask) const override;
  [[nodiscard]] std::vector<sched::SubmissionDomain*> schedulers_for(std::uint32_t engine_mask,
                                                                     std::uint32_t level) const override;
  void start_reset(os::Context& ctx) override { device_.timeout_wq.queue(ctx, reset_work_); }
  [[nodiscard]] os::Task<> reset_here(os::Context& ctx, ResetReason reason) override;
  void on_firmware_event(os::Context& ctx, const Message& event) override;

  [[nodiscard]] os::Task<std::uint32_t> read_register(os::Context& ctx, std::uint64_t address);
  [[nodiscard]] os::Task<> probe(os::Context& ctx);
  [[nodiscard]] os::Task<> on_completion_interrupt(os::Context& ctx, std::uint32_t vector);
  /// Looks at the queues from `from` on at which it finds nothing, as far as nothing else happens meanwhile. Where the
  /// next queue stands.
  [[nodiscard]] std::size_t look_at_quiet(os::Context& ctx, const CompletionList& list, std::size_t from) const;
  [[nodiscard]] os::Task<> on_reply_interrupt(os::Context& ctx);
  static os::Task<> reply_work(void* self, os::Context& ctx) { return static_cast<Driver*>(self)->take_replies(ctx); }
  [[nodiscard]] os::Task<> take_replies(os::Context& ctx);

  // Full reset (device_reset.cpp).
  struct PinnedQueue {
    HardwareQueue::Pin pin;
    DeviceQueue* queue;
  };
  /// What a device reset has stopped, and starts again.
  struct HeldQueues {
    os::Context& ctx;  ///< the reset's
    std::vector<PinnedQueue> queues{};
    std::size_t stopping = 0;  ///< stops that have not returned
    os::WaitQueue all_stopped{};
  };
  static os::Task<> reset_work(void* self, os::Context& ctx) { return static_cast<Driver*>(self)->reset_worker(ctx); }
  [[nodiscard]] os::Task<> reset_worker(os::Context& ctx);
  [[nodiscard]] os::Task<> reset_device(os::Context& ctx);
  [[nodiscard]] os::Task<> stop_domains(os::Context& ctx, HeldQueues& held);
  /// Stops one queue for the reset under way, which starts it again. Pre: `held_`. Context: may sleep.
  [[nodiscard]] os::Task<> hold(os::Context& ctx, DeviceQueue& queue);
  [[nodiscard]] os::Task<> bring_back_queues(os::Context& ctx, const HeldQueues& held);
  [[nodiscard]] os::Task<> start_domains(os::Context& ctx, HeldQueues& held);

  [[nodiscard]] sched::FenceRef fence_of(os::Context& ctx, UserQueue& queue, const sched::Fence& value);
  [[nodiscard]] Eviction& eviction_of(ClientId client);

  // Ioctls (driver_uapi.cpp).
  void enter(os::Context& ctx) const { ctx.charge(host_.spec().syscall_entry); }
  void leave(os::Context& ctx) const { ctx.charge(host_.spec().syscall_exit); }
  [[nodiscard]] os::Task<Errno> fail(os::Context& ctx, Errno error) const;
  [[nodiscard]] ExecQueue* find(QueueId queue) const;
  [[nodiscard]] bool valid_mask(std::uint32_t mask) const;
  [[nodiscard]] abi::EngineClass class_of(std::uint32_t engine_mask) const;
  [[nodiscard]] std::uint32_t vector_of(std::uint32_t engine_mask) const;
  void create_rings();
  /// Entities::client: the queue that the client has there already; nullptr: none.
  [[nodiscard]] ExecQueue* known_queue(const QueueParams& params) const;
  /// With what it has of the device. nullptr: the device has no id left.
  [[nodiscard]] std::unique_ptr<ExecQueue> make_queue(QueueId id, const QueueParams& params,
                                                      DeviceQueue*& device_queue);
  void know(DeviceQueue& queue);
  /// For whom a lock is taken: the jobs of an exec, for the trace only.
  struct NewJob {
    QueueId queue;
    JobId id;
  };
  using NewJobs = std::span<const NewJob>;
  /// Takes the reservations of all buffers.
  [[nodiscard]] os::Task<> lock_buffers(os::Context& ctx, os::HeldMutexes& held, NewJobs jobs,
                                        std::span<const BufferUse> uses);
  [[nodiscard]] os::Task<> lock_one(os::Context& ctx, os::Mutex& lock, os::HeldMutexes& held, NewJobs jobs);
  /// The job of an exec, under its locks. Errors as Uapi::exec().
  [[nodiscard]] os::Task<Result<ExecResult>> submit(os::Context& ctx, ExecQueue& queue, JobId id, const ExecArgs& args);
  /// All of it that can fail, and what it depends on; sets `started` and `stop_address` of the result.
  [[nodiscard]] Result<sched::Job*> prepare_job(os::Context& ctx, ExecQueue& queue, JobId id, const ExecArgs& args,
                                                ExecResult& result);

  // Gangs (driver_gang.cpp).
  struct GangJob {
    ExecQueue* queue;
    ExecArgs args;
    JobId id{};
    sched::Job* job = nullptr;
  };
  using Gang = std::vector<GangJob>;  // the leader is the last
  [[nodiscard]] os::Task<Result<ExecResult>> exec_gang(os::Context& ctx, const ExecArgs& args);
  [[nodiscard]] Result<Gang> find_gang(const ExecArgs& args) const;
  [[nodiscard]] os::Task<Result<ExecResult>> submit_gang(os::Context& ctx, Gang& gang);
  [[nodiscard]] os::Task<> lock_gang(os::Context& ctx, const Gang& gang, os::HeldMutexes& reservations,
                                     os::HeldMutexes& of_queues);
  /// All that can fail.
  [[nodiscard]] Errno prepare_gang(os::Context& ctx, Gang& gang, ExecResult& result);
  [[nodiscard]] os::Task<sched::FenceRef> commit_gang(os::Context& ctx, const Gang& gang);

  [[nodiscard]] sched::Syncobj& syncobj(SyncobjId id) const { return syncobjs_[id.value()]->syncobj; }
  /// The job is submitted: its fence becomes that of the points.
  void publish(os::Context& ctx, const sched::FenceRef& finished, const ExecArgs& args);
  [[nodiscard]] Errno add_dependencies(os::Context& ctx, ExecQueue& queue, sched::Job& job, const ExecArgs& args);
  /// The client's handle goes. nullptr: it had none.
  [[nodiscard]] os::Task<> close_handle(os::Context& ctx, ExecQueue* queue);

  os::Host& host_;
  abi::DeviceDescriptor descriptor_;
  QueueFactory& factory_;
  DeviceState device_;
  os::LockClass reservation_lock_class_;
  std::uint64_t next_job_ = 1;
  std::vector<std::unique_ptr<Eviction>> evictions_;  // by client
  std::vector<std::unique_ptr<KernelRing>> rings_;    // Rings::shared: by engine; their ids are the first ones
  std::vector<QueueSlot> queues_;                     // by id; [0] unused
  std::size_t live_queues_ = 0;
  std::vector<DeviceQueue*> by_firmware_id_;
  std::array<CompletionList, abi::kVectors> active_;
  os::Work reset_work_;
  HeldQueues* held_ = nullptr;  // while a reset keeps all queues stopped
  os::Workqueue reply_wq_;      // ordered; xe: xe-g2h-wq
  os::Work reply_work_;
  std::vector<std::unique_ptr<Buffer>> buffers_;
  std::vector<std::unique_ptr<NamedSyncobj>> syncobjs_;
};

}  // namespace gpusim::drv
