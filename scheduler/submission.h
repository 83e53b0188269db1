// SPDX-License-Identifier: MIT
// What every submission component offers to a driver, and what it asks of one. drm_dep, drm_sched and JobQueue are
// behind these interfaces, so that one scenario runs on each.
//
//   SubmissionDomain  what a ring or a scheduler is: credits, and later stop/start, timeouts, reset scope
//   SubmissionQueue   what a client holds: a drm_dep queue, an entity, a JobQueue. All but drm_sched are 1:1
//
// Submitting has two phases: prepare() and add_dependency() do everything that can fail; then commit(), which is arm
// (sequence number consumed, finished fence valid, signalling section begins) and push, and cannot fail.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "os/context.h"
#include "os/task.h"
#include "scheduler/fence.h"
#include "scheduler/reservation.h"
#include "scheduler/syncobj.h"

namespace gpusim::sched {

struct JobSpec {
  JobId id;
  std::uint32_t credits = 1;     ///< 1..limit of the domain; drm_sched and our drm_dep policy clamp above it
  std::uint32_t driver_job = 0;  ///< the driver's own record of the job
};

/// A job as the driver sees it. Components derive their own.
class Job {
 public:
  explicit Job(const JobSpec& spec) : spec_{spec} {}
  [[nodiscard]] JobId id() const { return spec_.id; }
  [[nodiscard]] std::uint32_t credits() const { return spec_.credits; }
  [[nodiscard]] std::uint32_t driver_job() const { return spec_.driver_job; }

 protected:
  ~Job() = default;
  JobSpec spec_;
};

/// The result of run_job().
struct RunResult {
  FenceRef fence;  ///< hardware fence that ends the job; empty: it is done already, with `error`
  Errno error = Errno::ok;
};

/// The answer of timedout_job(): enum drm_gpu_sched_stat, by its names and numbers (include/drm/gpu_scheduler.h).
/// drm_dep's are in no public text.
enum class TimeoutVerdict : std::uint8_t {
  none,     ///< reserved
  reset,    ///< dealt with; drm_sched does not put the job back: drm_sched_stop() has, or it leaks
  enodev,   ///< the device does not exist any more: the timeout is not armed again
  no_hang,  ///< it makes progress, is done, or has been dealt with: drm_sched puts it back
};

/// What a stage of the driver's answers about the job at its front. JobQueue only (StageOps::process).
struct StageAnswer {
  enum class Kind : std::uint8_t {
    advance,
    wait,       ///< asked again at the next tick, whatever asks for it
    wait_on,    ///< the same, and `fence` asks for one when it signals
    wait_for,   ///< the same, and there is one when `duration` is over
    timed_out,  ///< the job ends with `error`, in its turn
  };
  Kind kind = Kind::advance;
  FenceRef fence;
  Picoseconds duration{0};
  Errno error = Errno::ok;
};

/// What a scheduler asks of the driver of its hardware.
class SchedulerOps {
 public:
  virtual ~SchedulerOps() = default;

  /// drm_sched only (prepare_job): what the driver wants the head of an entity to wait for, after its dependencies and
  /// asked again after each; none: it can run. Context: submit worker, inside the signalling section.
  [[nodiscard]] virtual FenceRef prepare_job(os::Context& /*ctx*/, Job& /*job*/) { return {}; }

  /// Hands the job to the hardware. Context: the component's submit worker (or, with bypass, the caller), inside the
  /// signalling section: must not wait for a fence; may wait for ring space, which completions give back.
  [[nodiscard]] virtual os::Task<RunResult> run_job(os::Context& ctx, Job& job) = 0;

  /// JobQueue only (the source's submit answers NoResources): false if run_job() would have to wait for room; asked
  /// again after SubmissionQueue::room_again() and whenever something else has changed. Context: tick; never waits.
  [[nodiscard]] virtual bool has_room(const Job& /*job*/) const { return true; }

  /// Whether run_job() may be called for `job`, the queue's head, which needs nothing else any more. After no the queue
  /// asks again when SubmissionQueue::room_again() is called; after yes it runs the job, or the job ends unrun and is
  /// released. No driver says no: a layer between it and the component does (scheduler/orchestrator). Context: as
  /// run_job(), or under the queue's locks; never waits.
  [[nodiscard]] virtual bool may_run_job(os::Context& /*ctx*/, const Job& /*job*/) { return true; }
  /// For the stall report: what a job waits for that may not run, as the end of a sentence.
  [[nodiscard]] virtual std::string describe_wait() const { return {}; }

  /// JobQueue only: stages of the driver between run_job() and the job's end, instead of a wait for its hardware fence.
  [[nodiscard]] virtual std::uint32_t stage_count() const { return 0; }
  /// The job at the front of stage `stage`, from 0, which it came into `elapsed` ago. Not asked about a job whose
  /// hardware fence has signalled. Context: tick, inside the signalling section; may sleep.
  [[nodiscard]] virtual os::Task<StageAnswer> process_stage(os::Context& /*ctx*/, Job& /*job*/, std::uint32_t /*stage*/,
                                                            Picoseconds /*elapsed*/) {
    co_return StageAnswer{};
  }

  /// The queue's head has been on the hardware for longer than its timeout. Context: timeout worker; may sleep, but not
  /// wait for a fence. `job` stays alive during the call; it may have completed before it.
  [[nodiscard]] virtual os::Task<TimeoutVerdict> timedout_job(os::Context& ctx, Job& job) = 0;

  /// drm_sched only (cancel_job): the scheduler goes while the job is on the hardware: make its hardware fence signal.
  virtual void cancel_job(os::Context& /*ctx*/, Job& /*job*/) {}
};

/// What a queue asks of the driver when it and its jobs end.
class QueueOps {
 public:
  virtual ~QueueOps() = default;

  /// Last reference on the job dropped: gives back the driver's record. Any context; never waits.
  virtual void release_job(os::Context& ctx, Job& job) = 0;

  /// Last reference on the queue dropped: take it off the hardware, then give back id and memory. Context: worker of
  /// the component's own teardown workqueue; may sleep. The queue object is gone when the call returns.
  [[nodiscard]] virtual os::Task<> queue_fini(os::Context& ctx) = 0;
};

/// Both, for a queue that has a scheduler of its own.
class SubmissionBackend : public SchedulerOps, public QueueOps {};

class SubmissionDomain;

class SubmissionQueue {
 public:
  virtual ~SubmissionQueue() = default;

  /// Everything that can fail: memory, validation. The caller owns one reference on the job. Context: may sleep.
  [[nodiscard]] virtual Result<Job*> prepare(os::Context& ctx, const JobSpec& spec) = 0;

  /// The job runs only after `fence` has signalled; an empty reference is passed over. Between prepare() and arm();
  /// consumes the reference. -ENOMEM: there is no room for one more fence context; the job is to be given up. Context:
  /// may sleep, and wait for memory to be reclaimed. Violates "dep_job_state" or "drm_sched_job" at another time.
  [[nodiscard]] virtual Errno add_dependency(os::Context& ctx, Job& job, FenceRef fence) = 0;

  /// Point of no return: consumes a sequence number, the finished fence is valid from here on. arm() and push() of one
  /// queue are serialised by the caller, so that the order of sequence numbers is the order of pushes. Context:
  /// process. Violates "dep_job_state" or "drm_sched_job" when it is not the next thing to do with the job.
  virtual void arm(os::Context& ctx, Job& job) = 0;
  [[nodiscard]] virtual FenceRef finished_fence(Job& job) = 0;
  /// Submits. Context: may sleep (drm_dep's bypass runs the job here), but not wait for a fence.
  [[nodiscard]] virtual os::Task<> push(os::Context& ctx, Job& job) = 0;

  // drm_sched only, for a job that waits until others of its submission are scheduled. They are so late: their fences
  // are valid from arm() on, where nothing may fail any more.

  /// Memory for `count` calls of add_reserved_dependency(): drm_sched_job_prealloc_dependency_slot(), which was posted
  /// in May 2025; mainline adds such dependencies by drm_sched_job_add_dependency() after the arm. Errors, context and
  /// time of the call as with add_dependency().
  [[nodiscard]] virtual Errno reserve_dependencies(os::Context& /*ctx*/, Job& /*job*/, std::size_t /*count*/) {
    return Errno::inval;
  }
  /// Before arm() of `job`; consumes the reference. Pre: reserved, and no other dependency has the fence's context.
  /// Context: process; allocates nothing.
  virtual void add_reserved_dependency(os::Context& /*ctx*/, Job& /*job*/, FenceRef /*fence*/) {}
  /// Signals when run_job() has returned, or the job has ended without. Pre: armed.
  [[nodiscard]] virtual FenceRef scheduled_fence(Job& /*job*/) { return {}; }

  /// Drops the caller's reference on a job; before arm() that gives the job up. Context: any. Violates "dep_job_state"
  /// or "drm_sched_job" for a job that was armed and not pushed.
  virtual void put_job(os::Context& ctx, Job& job) = 0;

  /// Jobs that have not run complete with an error, in order: `error` with drm_dep, which deals with those on the
  /// hardware as if they had timed out; -ESRCH with drm_sched, which leaves those on the hardware alone
  /// (drm_sched_entity_kill()). A second kill has no effect. Any context.
  virtual void kill(os::Context& ctx, Errno error) = 0;
  /// The driver takes no more jobs of the queue. drm_sched: jobs that have not run still go through run_job(), which
  /// puts nothing on the hardware; with `times_out` their timeout is zero from now on, as in xe. drm_dep: kill(). Any
  /// context.
  virtual void drain(os::Context& ctx, Errno error, bool /*times_out*/) { kill(ctx, error); }

  /// Drops the client's reference on the queue, which must not be used afterwards. Jobs in it still run. Asynchronous
  /// teardown: returns at once, teardown follows the last reference. Synchronous: sleeps until the queue is gone.
  /// Context: may sleep.
  [[nodiscard]] virtual os::Task<> close(os::Context& ctx) = 0;

  /// drm_sched only (drm_sched_entity_set_priority()): `level` 0..kPriorityLevels-1, 0 is served first. Any context.
  virtual void set_level(os::Context& /*ctx*/, std::uint32_t /*level*/) {}
  /// drm_sched only (drm_sched_entity_modify_sched()): the domains among which it chooses, by the next arm that may
  /// choose. Any context.
  virtual void set_domains(os::Context& /*ctx*/, std::span<SubmissionDomain* const> /*domains*/) {}
  /// drm_sched only (drm_sched_entity_error()): of the last job that was taken from the queue.
  [[nodiscard]] virtual Errno last_error() const { return Errno::ok; }
  /// has_room() or may_run_job() may have another answer now. Any context.
  virtual void room_again(os::Context& /*ctx*/) {}
  /// The driver is about to signal hardware fences of the queue, perhaps several; and is through. JobQueue: one tick
  /// for all of them. True: the caller does it, by tick_inline(). Any context.
  virtual void begin_completions() {}
  [[nodiscard]] virtual bool end_completions(os::Context& /*ctx*/) { return false; }
  /// Context: an interrupt's thread.
  [[nodiscard]] virtual os::Task<> tick_inline(os::Context& ctx) { co_await ctx.step(); }

  [[nodiscard]] virtual SubmissionDomain& domain() = 0;

  /// The context of its finished fences.
  [[nodiscard]] virtual std::uint64_t fence_context() const = 0;
  /// The context is that of its finished fences, or with drm_sched of its scheduled ones.
  [[nodiscard]] virtual bool has_fence_context(std::uint64_t context) const { return context == fence_context(); }
  /// For the stall report: why the first job that has not ended does not, in words; empty if all have.
  [[nodiscard]] virtual std::string describe_head() const = 0;
  /// The fence that the head waits for, if that is why it does not run.
  [[nodiscard]] virtual const Fence* head_dependency() const = 0;

  /// drm_*_job_add_resv_dependencies(): everything of `usage` and stronger. Stops at the first error.
  [[nodiscard]] Errno add_resv_dependencies(os::Context& ctx, Job& job, const Reservation& resv, Usage usage);
  /// drm_*_job_add_implicit_dependencies(): a reader waits for writers, a writer for readers too.
  [[nodiscard]] Errno add_implicit_dependencies(os::Context& ctx, Job& job, const Reservation& resv, bool write);
  /// drm_*_job_add_syncobj_dependency(): a point of another queue's (or any) timeline. -EINVAL: no such point yet.
  [[nodiscard]] Errno add_syncobj_dependency(os::Context& ctx, Job& job, Syncobj& syncobj, std::uint64_t point);

  /// arm() and push() in one: the infallible second half of a submission.
  [[nodiscard]] os::Task<FenceRef> commit(os::Context& ctx, Job& job);
};

/// What is stopped, started and timed out as one: for 1:1 components, the queue.
class SubmissionDomain {
 public:
  virtual ~SubmissionDomain() = default;
  [[nodiscard]] virtual std::uint32_t credit_limit() const = 0;
  [[nodiscard]] virtual std::uint32_t credits_in_flight() const = 0;

  /// When it returns, no worker of the domain runs, and none begins; a push only queues. Context: may sleep; not one of
  /// the domain's own workers, except from within timedout_job().
  [[nodiscard]] virtual os::Task<> stop(os::Context& ctx) = 0;
  /// Ends a stop(). What is on the hardware has its hardware fence: it kept it, or gets it back here. `error`:
  /// drm_sched ends jobs with it that have none all the same; drm_dep ignores it.
  /// Violates "dep_queue_state" in drm_dep without a stop().
  [[nodiscard]] virtual os::Task<> start(os::Context& ctx, Errno error) = 0;
  /// The timeout of the head expires now (drm_sched_fault(), drm_dep_queue_trigger_timeout()). Any context.
  virtual void trigger_timeout(os::Context& ctx) = 0;
  /// And stays zero (drm_sched_tdr_queue_imm()); drm_dep has nothing like it. Any context.
  virtual void trigger_timeout_for_good(os::Context& ctx) { trigger_timeout(ctx); }
  /// drm_sched only (drm_sched_increase_karma()): `job`, which is on the hardware, has hung. Any context.
  virtual void increase_karma(os::Context& /*ctx*/, Job& /*job*/) {}
};

}  // namespace gpusim::sched
