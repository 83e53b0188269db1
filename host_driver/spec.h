// SPDX-License-Identifier: MIT
// How the modelled kernel-mode driver is set up and what its steps cost. Plain data, filled from
// configs/drivers/*.toml. The defaults and their sources are in docs/scenario.md.
#pragma once

#include <cstdint>
#include <optional>

#include "base/cost.h"
#include "base/time.h"
#include "os/poll.h"

namespace gpusim::drv {

/// What runs between the MSI-X vector and the completion of jobs.
enum class IrqPath : std::uint8_t {
  hard,      ///< the hard handler completes jobs (xe: user interrupt to irq_work, in kind)
  threaded,  ///< the hard handler wakes a thread that does (panthor in kind)
};

/// Whose the rings are.
enum class Rings : std::uint8_t {
  own,     ///< each queue of a client has one, which the firmware schedules (xe, panthor)
  shared,  ///< the kernel has one for each engine, before which the host schedules (amdgpu's kernel rings, v3d)
};

/// Shared rings: what has an entity of drm_sched.
enum class Entities : std::uint8_t {
  queue,   ///< each queue of a client (amdgpu: each context, for each ring that it names)
  client,  ///< a client, for each set of engines and level: all its queues there are one (v3d, etnaviv, msm)
};

/// Why the whole device is reset; `reason` of device_reset_begin.
enum class ResetReason : std::uint8_t {
  no_room,         ///< the firmware does not take messages out of its buffer
  no_answer_room,  ///< answers do not come, so no request can be sent
  no_answer,       ///< a request was not answered in time
  channel_error,   ///< the firmware has flagged the channel, or refuses what it was told
  job_timeout,     ///< a job does not begin although its queue was enabled again several times
  requested,       ///< requested by a user
  preempt_missed,  ///< a queue does not leave its engine, and the firmware leaves that to the host
};

/// What the timeout of a job counts. docs/reference/firmware.md, "Timeouts".
enum class TimeoutClock : std::uint8_t {
  wall,       ///< time as the head of what is on the hardware; a job that has begun is then guilty (amdgpu)
  on_engine,  ///< as wall; but then the job is guilty only if its own run time is spent (xe)
  on_slot,    ///< time on its slot, here the engine, since the queue's last progress, in the driver's timer (panthor)
  in_stage,   ///< time since run_job(), less what the queue was off a slot that the host gives, in a stage of JobQueue
              ///< B (Tyr)
};
/// The driver counts by itself; the component has no timeout.
[[nodiscard]] constexpr bool is_counted_by_driver(TimeoutClock clock) {
  return clock == TimeoutClock::on_slot || clock == TimeoutClock::in_stage;
}
/// What follows for a job that has not begun when its timeout is over.
enum class NotBegun : std::uint8_t {
  wait,   ///< it is innocent: its queue is enabled or registered again (ours)
  reset,  ///< the device is reset, up to `reset_limit` (xe)
  blame,  ///< it is guilty (amdgpu, which does not ask)
};
/// Whom a device reset costs a job, of the queues that have one on the hardware.
enum class ResetVictims : std::uint8_t {
  on_engine,  ///< whose head was on an engine; a saved context goes on (ours)
  begun,      ///< whose head had begun (xe)
  all,        ///< amdgpu: after a reset no hardware fence means anything
};
/// How a queue is stopped, in a timeout and for a device reset, and with it which verdict timedout_job() returns.
enum class StopWay : std::uint8_t {
  workers,    ///< drm_sched_wqueue_stop(); NO_HANG (xe, amdgpu)
  scheduler,  ///< drm_sched_stop(), drm_sched_start() with the hardware fences handed back; RESET (panthor)
  resubmit,   ///< drm_sched_stop(), _increase_karma(), _resubmit_jobs(), _start(); RESET (v3d, panfrost): shared rings
};
/// How a queue that is guilty or whose process ended gives up the hardware, and what becomes of its jobs.
enum class KillWay : std::uint8_t {
  drain,      ///< preempted by the timeout worker; jobs that have not run go through run_job, which emits nothing, and
              ///< their timeout is zero for good (xe)
  entity,     ///< with the process drm_sched_entity_kill(): -ESRCH, no timeout, those on the hardware run on (amdgpu)
  terminate,  ///< its context is thrown away at once, by a work of the driver; all on the hardware fail with one error;
              ///< run_job refuses the others with -ECANCELED (panthor)
};
/// What the client's close of a queue does to its jobs.
enum class CloseWay : std::uint8_t {
  finish,  ///< they run to their end (ours)
  kill,    ///< as the end of the process (xe, panthor)
};

/// How a client with a queue of its own in user mode waits for a value in memory.
enum class DirectWait : std::uint8_t {
  poll,       ///< it looks
  interrupt,  ///< it sleeps in an ioctl, until the interrupt that comes with the value
};

/// Queues that are mapped into their clients: docs/direct.md.
struct DirectSpec {
  DirectWait wait = DirectWait::poll;
  os::PollSpec poll;
  Picoseconds hang_timeout{ms(2000)};  ///< of a kernel fence, or since one before it signalled; 0: none
  Picoseconds restore{ms(1)};          ///< of an eviction: until the memory is in place again
};

struct DriverSpec {
  Rings rings = Rings::own;
  Entities entities = Entities::queue;
  bool high_ring = false;  ///< shared rings: of several render or compute engines the first one's is for level 0 alone
  bool client_levels = true;        ///< shared rings: an entity has the level of its client
  bool video_context = false;       ///< shared rings: an entity of video engines takes one ring, for good
  std::uint32_t hang_limit = 0;     ///< StopWay::resubmit: a job that hung so often runs again
  bool guilty_entities = false;     ///< StopWay::resubmit: who has hung runs no further job
  std::uint32_t ring_entries = 64;  ///< power of two, 2..65536
  bool native_waits = false;        ///< own rings: a job waits in its ring for jobs of other queues (NativeWaits)
  std::uint32_t credit_limit =
      0;  ///< of each queue, in credits (a job has 1 unless its client says otherwise); 0: ring_entries
  IrqPath irq_path = IrqPath::hard;
  std::uint32_t irq_cpu = 0;              ///< vector v is taken by CPU (irq_cpu + v) modulo the number of CPUs
  Picoseconds no_room_timeout{ms(1000)};  ///< of a message that finds no room, for itself or for its answer
  Picoseconds answer_timeout{ms(5000)};   ///< of a request to the firmware
  Picoseconds reset_poll{ms(5)};          ///< between looks at a device in reset
  Picoseconds reset_timeout{ms(1000)};    ///< a device that is in reset for longer is gone for good; 0: for ever
  Picoseconds job_timeout{0};             ///< the machine's: scheduler.timeout; 0: none
  std::optional<DirectSpec> direct;       ///< the machine's: queues are mapped into their clients
  TimeoutClock timeout_clock = TimeoutClock::on_engine;
  NotBegun timeout_not_begun = NotBegun::wait;
  bool timeout_reads_seqno = true;  ///< a timeout begins with a look at what the device has completed
  bool timeout_stuck = false;       ///< on_engine: guilty, too, if it has not run at all since the timeout before
  ResetVictims reset_victims = ResetVictims::on_engine;
  StopWay stop_way = StopWay::workers;
  KillWay kill_way = KillWay::drain;
  CloseWay close_way = CloseWay::finish;
  Picoseconds soft_recovery{0};  ///< shared rings: for how long a timeout tries to end the job's work alone; 0: not
  bool ring_reset = false;       ///< shared rings: then the ring is reset before the device is
  std::uint32_t timeout_retries = 2;  ///< NotBegun::wait: timeouts at which the firmware may not know of the job
  Picoseconds tick{ms(10)};           ///< RunPolicy::host_slots: the period at which the host gives the slots anew
  std::uint32_t max_jobs = 0;  ///< jobs of a queue, waiting or on the hardware; then exec gives -EAGAIN; 0: any number
  std::uint32_t reset_limit = 0;  ///< a job that has not begun and has seen more resets is given up; 0: never
  Cost create_queue{us(5)};       ///< create ioctl, without the message to the firmware
  Cost exec{ns(500)};             ///< exec ioctl: copying and checking arguments, looking up objects
  Cost run_job{ns(51)};           ///< run_job(), without what follows
  Cost ring_write{ns(51)};        ///< encoding and storing one entry
  Cost mmio_write{ns(100)};       ///< CPU time of one posted MMIO write
  Cost message{ns(200)};          ///< composing one message and moving the tail
  Cost irq_scan{ns(50)};          ///< completion handler: for each queue looked at; a look by a stage of the driver
  Cost irq_complete{ns(37)};      ///< completion handler: for each job that was reached, without drm_dep_job_done()
  Cost reply{us(1)};              ///< reply handler: for each message
  Cost tick_scan{ns(50)};         ///< a tick: for each queue with a slot
};

}  // namespace gpusim::drv
