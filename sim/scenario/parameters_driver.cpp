// SPDX-License-Identifier: MIT
// [driver]: the kernel-mode driver.
#include "sim/scenario/parameter_rows.h"
#include "sim/scenario/parameter_table.h"

namespace gpusim::scenario {

namespace {

using drv::DriverSpec;
using trace::Cause;

template <Cost DriverSpec::* Field>
[[nodiscard]] Parameter cost(std::string_view path, std::string_view doc) {
  return rows::duration<&ScenarioSpec::driver, Field>(path, Unit::ns, doc);
}

[[nodiscard]] bool has_shared_rings(const Target& target) { return !rows::has_own_rings(target); }
[[nodiscard]] bool has_several_rings(const Target& target) {
  const abi::DeviceDescriptor& device = target.spec->device.descriptor;
  return has_shared_rings(target) && (abi::engines_of(device, abi::EngineClass::render) > 1 ||
                                      abi::engines_of(device, abi::EngineClass::compute) > 1);
}
constexpr std::string_view kOwnRings = "driver.rings is own";
constexpr std::string_view kSharedRings = "driver.rings is shared";
[[nodiscard]] bool is_ladder(const Target& target) {
  return !rows::has_own_rings(target) && target.spec->driver.stop_way == drv::StopWay::workers;
}
[[nodiscard]] bool counts_in_stage(const Target& target) {
  return target.spec->driver.timeout_clock == drv::TimeoutClock::in_stage;
}
[[nodiscard]] bool asks_about_heads(const Target& target) {
  return rows::has_own_rings(target) && !counts_in_stage(target);
}
[[nodiscard]] bool counts_time(const Target& target) {
  return rows::has_own_rings(target) && timeout_of(*target.spec).count() != 0;
}
[[nodiscard]] bool resubmits(const Target& target) {
  return !rows::has_own_rings(target) && target.spec->driver.stop_way == drv::StopWay::resubmit;
}
constexpr std::string_view kNoResubmission = "driver.rings is not shared, or driver.stop_way is not resubmit";
constexpr std::string_view kNoLadder = "driver.rings is not shared, or driver.stop_way is not workers";

}  // namespace

std::vector<Parameter> driver_rows() {
  return {
      rows::choice<&ScenarioSpec::driver, &DriverSpec::rings>(
          "driver.rings", {"own", "shared"},
          "Each queue of a client has a ring of its own, which the firmware schedules; or the kernel has one for each "
          "engine, which all share, and drm_sched schedules: a queue is an entity then.")
          .from('S', "xe, panthor: one for each exec queue"),
      rows::choice<&ScenarioSpec::driver, &DriverSpec::entities>(
          "driver.entities", {"queue", "client"},
          "Shared rings: what has an entity of drm_sched: each queue of a client; or the client, for each set of "
          "engines and level, so that its queues there are one, in which a job that waits holds up all behind it.")
          .read_if(has_shared_rings, kOwnRings)
          .from('S', "amdgpu: each context, for each ring that it names (amdgpu_ctx_get_entity())"),
      rows::boolean<&ScenarioSpec::driver, &DriverSpec::high_ring>(
          "driver.high_ring",
          "Shared rings: whether, of several render or compute engines, the ring of the first one is for clients of "
          "level 0, and for no others. A change of level then gives the queue its new rings, by "
          "drm_sched_entity_modify_sched().")
          .read_if(has_several_rings,
                   "driver.rings is own, or the device has one render and one compute engine at most")
          .from('E', "amdgpu has it for compute (amdgpu_ctx.c), v3d and its kind do not"),
      rows::boolean<&ScenarioSpec::driver, &DriverSpec::client_levels>(
          "driver.client_levels",
          "Shared rings: whether a queue has the level of its client. If not, all have level 1, and keep it.")
          .read_if(has_shared_rings, kOwnRings)
          .from('E', "amdgpu has it, v3d does not"),
      rows::boolean<&ScenarioSpec::driver, &DriverSpec::video_context>(
          "driver.video_context",
          "Shared rings: whether video engines keep a context from job to job, so that a queue takes the ring with the "
          "least to do when it is created, and stays. If not, it chooses again whenever it has no job left.")
          .read_if(has_shared_rings, kOwnRings)
          .from('E', "amdgpu has it for VCN and UVD (amdgpu_ctx_init_entity()), not for JPEG"),
      rows::integer<&ScenarioSpec::driver, &DriverSpec::ring_entries>("driver.ring_entries", 2, 65'536,
                                                                      "Entries of each queue's ring; a power of two.")
          .from('C', "xe: the power of two next to 55 jobs (16 KiB, 296 B a job)"),
      rows::boolean<&ScenarioSpec::driver, &DriverSpec::native_waits>(
          "driver.native_waits",
          "Whether a job that depends on a job of another queue is handed over as soon as that one is in its ring, and "
          "waits in its own ring for the other one's fence value, without the host. Up to seven for a job; the others, "
          "and points of timelines, are waited for on the host. For rings of a queue's own, and not for direct.")
          .from('E', "pvr has it (native fences); xe and panthor do not"),
      rows::integer<&ScenarioSpec::driver, &DriverSpec::credit_limit>(
          "driver.credit_limit", 0, 65'536,
          "Credits of each queue, of which a job takes client.NAME.credits. 0: as many as ring entries.")
          .read_if([](const Target& target) { return !is_jobqueue(*target.spec, sched::jq::Shape::pipeline); },
                   "the pipeline JobQueue has no credits: the ring says no when it is full")
          .from('S', "xe, panthor: what fits into the ring"),
      rows::choice<&ScenarioSpec::driver, &DriverSpec::irq_path>(
          "driver.irq_path", {"hard", "threaded"},
          "Who completes jobs: the hard interrupt handler, or a thread that it wakes.")
          .from('S', "xe, panthor: user interrupt and irq_work, or a threaded handler"),
      rows::integer<&ScenarioSpec::driver, &DriverSpec::irq_cpu>(
          "driver.irq_cpu", 0, 63, "Vector v is taken by CPU irq_cpu + v, modulo the number of CPUs.")
          .from('E', "one CPU for each vector, as the kernel spreads managed interrupts"),
      rows::duration<&ScenarioSpec::driver, &DriverSpec::no_room_timeout>(
          "driver.no_room_timeout", Unit::ms,
          "The device is reset when the naps of a message that finds no room in the firmware's buffer sum up to more; "
          "and when there is no room for an answer and the firmware says nothing for so long.",
          1)
          .from('S', "xe: naps of 1, 2 ... 64 ms until they sum up to more than 1 s (xe_guc_ct.c)"),
      rows::duration<&ScenarioSpec::driver, &DriverSpec::answer_timeout>(
          "driver.answer_timeout", Unit::ms,
          "Time that the firmware has to answer a request; then the device is reset.", 1)
          .from('S', "xe: MODE_SET is awaited for 5 s (xe_guc_submit.c)"),
      rows::duration<&ScenarioSpec::driver, &DriverSpec::reset_poll>(
          "driver.reset_poll", Unit::ms, "Time between two looks at a device that is in reset.", 1)
          .from('E', "no public figure of a fixed step; xe waits for at most 5 ms (xe_gt.c)"),
      rows::duration<&ScenarioSpec::driver, &DriverSpec::reset_timeout>(
          "driver.reset_timeout", Unit::ms,
          "Time after which a device that is still in reset is given up: it is gone for good. 0: for ever.")
          .from('E', "ours: long enough for any reset that ends"),
      rows::choice<&ScenarioSpec::driver, &DriverSpec::timeout_clock>(
          "driver.timeout_clock", {"wall", "on_engine", "on_slot", "in_stage"},
          "What scheduler.timeout counts. wall: time as the head of the jobs on the hardware. on_engine: as wall, but "
          "then the job is guilty only if engines have executed it for so long, 5 % allowed; else it is watched again. "
          "on_slot: time since the queue's last progress in which it had its slot, which on this device is its time on "
          "an engine, in a timer of the driver. in_stage: time since run_job(), less the time that the queue was off a "
          "slot which the host gives, in a stage of the pipeline JobQueue: jobs ahead of it in the ring count, too.")
          .read_if(counts_time, "scheduler.timeout is 0, or driver.rings is shared")
          .from('S', "xe: by the context's time stamp (check_timeout() in xe_guc_submit.c)"),
      rows::choice<&ScenarioSpec::driver, &DriverSpec::timeout_not_begun>(
          "driver.timeout_not_begun", {"wait", "reset", "blame"},
          "A job that times out and has not begun: is innocent, and its queue is enabled again; or has the device "
          "reset, "
          "and is guilty when reset_limit is spent; or is guilty.")
          .read_if(asks_about_heads, "driver.rings is shared, or driver.timeout_clock is in_stage")
          .from('E', "ours: none who only waited is blamed"),
      rows::boolean<&ScenarioSpec::driver, &DriverSpec::timeout_reads_seqno>(
          "driver.timeout_reads_seqno",
          "Whether a timeout begins with a look at what the device has completed, which makes good a lost interrupt. "
          "Else only the interrupt's handler looks.")
          .read_if([](const Target& target) { return !counts_in_stage(target); }, "driver.timeout_clock is in_stage")
          .from('S', "panthor: first of all (queue_timeout_work() in panthor_sched.c)"),
      rows::boolean<&ScenarioSpec::driver, &DriverSpec::timeout_stuck>(
          "driver.timeout_stuck",
          "on_engine: whether a job that has begun and has not run at all between two timeouts is guilty.")
          .read_if(
              [](const Target& target) {
                return counts_time(target) && target.spec->driver.timeout_clock == drv::TimeoutClock::on_engine;
              },
              "driver.timeout_clock is not on_engine, scheduler.timeout is 0, or driver.rings is shared")
          .from('E', "ours: none who only waited is blamed"),
      rows::choice<&ScenarioSpec::driver, &DriverSpec::reset_victims>(
          "driver.reset_victims", {"on_engine", "begun", "all"},
          "Whom a device reset costs its jobs: queues whose head was on an engine (what is saved goes on); whose head "
          "had begun; or all that have a job on the hardware.")
          .read_if(rows::has_own_rings, kSharedRings)
          .from('E', "ours: none who only waited is blamed"),
      rows::choice<&ScenarioSpec::driver, &DriverSpec::stop_way>(
          "driver.stop_way", {"workers", "scheduler", "resubmit"},
          "How a queue of drm_sched is stopped for a timeout or a device reset: its workers, and timedout_job returns "
          "NO_HANG; or by drm_sched_stop(), with the hardware fences handed back by the start, and it returns RESET. "
          "resubmit, for shared rings: drm_sched_stop(), and the start runs what was in them again, but for who hangs.")
          .from('S', "xe: drm_sched_wqueue_stop(); NO_HANG on every path (xe_guc_submit.c)"),
      rows::integer<&ScenarioSpec::driver, &DriverSpec::hang_limit>(
          "driver.hang_limit", 0, 1'000,
          "stop_way = resubmit: how often a job may hang and run again (drm_sched's hang_limit).")
          .read_if(resubmits, kNoResubmission)
          .from('S', "v3d: hang_limit of drm_sched_init() is 0; so is lima's by default"),
      rows::boolean<&ScenarioSpec::driver, &DriverSpec::guilty_entities>(
          "driver.guilty_entities",
          "stop_way = resubmit: whether an entity learns that a job of it has hung (the `guilty` of "
          "drm_sched_entity_init()): its further jobs end with -ECANCELED and are not put on the hardware.")
          .read_if(resubmits, kNoResubmission)
          .from('S',
                "v3d: no guilty for drm_sched_entity_init(); lima has it for each context (lima_sched_context_init())"),
      rows::choice<&ScenarioSpec::driver, &DriverSpec::kill_way>(
          "driver.kill_way", {"drain", "entity", "terminate"},
          "What ends the jobs of a queue whose process ends. drain: run_job, which puts nothing on the hardware, and a "
          "timeout of zero. entity: with drm_sched drm_sched_entity_kill(), with -ESRCH, which leaves the hardware "
          "alone. terminate: the queue's context is thrown away at once, that of a guilty queue too; all its jobs on "
          "the hardware fail with one error, and exec and run_job refuse more.")
          .from('S', "xe: drm_sched_tdr_queue_imm(), the entity is not killed (xe_guc_submit.c)"),
      rows::choice<&ScenarioSpec::driver, &DriverSpec::close_way>(
          "driver.close_way", {"finish", "kill"},
          "What the close of a queue does to its jobs: they run to their end; or it ends them as kill_way says.")
          .from('E', "ours: clients that mean to wait need not"),
      rows::integer<&ScenarioSpec::driver, &DriverSpec::max_jobs>(
          "driver.max_jobs", 0, 1'000'000,
          "Jobs of a queue, waiting or on the hardware, at which exec gives -EAGAIN, and the client tries again at "
          "once, as drmIoctl() does. 0: any number.")
          .from('E', "ours: no limit"),
      rows::duration<&ScenarioSpec::driver, &DriverSpec::soft_recovery>(
          "driver.soft_recovery", Unit::ms,
          "Shared rings, stop_way = workers: for how long a timeout tries to have the work of the job alone ended, "
          "busily. 0: not at all.")
          .read_if(is_ladder, kNoLadder)
          .from('E', "no driver of firmware-scheduled queues has it"),
      rows::boolean<&ScenarioSpec::driver, &DriverSpec::ring_reset>(
          "driver.ring_reset",
          "Shared rings, stop_way = workers: whether the ring alone is reset, with the jobs of others written again, "
          "before the device is.")
          .read_if(is_ladder, kNoLadder)
          .from('E', "no driver of firmware-scheduled queues has it"),
      rows::integer<&ScenarioSpec::driver, &DriverSpec::timeout_retries>(
          "driver.timeout_retries", 0, 1'000,
          "timeout_not_begun = wait: timeouts of a job at which the firmware may not know of it; then the device is "
          "reset.")
          .read_if(
              [](const Target& target) {
                return rows::has_own_rings(target) && target.spec->driver.timeout_not_begun == drv::NotBegun::wait;
              },
              "driver.timeout_not_begun is not wait, or driver.rings is shared")
          .from('E', "each repairs one lost message"),
      rows::integer<&ScenarioSpec::driver, &DriverSpec::reset_limit>(
          "driver.reset_limit", 0, 1'000,
          "A job that has not begun and has seen more device resets, and timeouts that ask for one, is given up, with "
          "its queue. 0: never.")
          .read_if(rows::has_own_rings, kSharedRings)
          .from('E', "ours: none who only waited is blamed"),
      rows::duration<&ScenarioSpec::driver, &DriverSpec::tick>(
          "driver.tick", Unit::ms,
          "device.firmware.policy = host_slots: the period at which the driver gives the firmware's slots anew.", 1)
          .read_if(rows::has_host_slots, rows::kNoHostSlots)
          .from('S', "panthor: 10 ms (panthor_sched_init() in panthor_sched.c)"),
      cost<&DriverSpec::create_queue>("driver.create_queue", "Creating a queue, without the message to the firmware.")
          .from('E', "allocation and mapping of a ring"),
      cost<&DriverSpec::exec>("driver.exec", "Exec ioctl: copying and checking its arguments, looking up objects.")
          .from('E', "a few user copies and look-ups")
          .in(Cause::syscall),
      cost<&DriverSpec::run_job>("driver.run_job", "The driver's run_job, without what follows.")
          .from(
              'C',
              "guest-counts: 152 instructions in Linux 7.3 at 3 per ns, half of the 374 of a driver's run_job less its "
              "dma_fence_init; the 374 are 413 in 6.1, 362 in 6.12")
          .in(Cause::host_worker),
      cost<&DriverSpec::ring_write>("driver.ring_write", "Encoding and storing one ring entry.")
          .from('C', "guest-counts: 152 instructions in Linux 7.3 at 3 per ns, the other half of run_job")
          .in(Cause::host_worker),
      cost<&DriverSpec::mmio_write>("driver.mmio_write", "CPU time of one posted MMIO write.")
          .from('W', "intel-forum: uncached writes 50..300 ns apart")
          .in(Cause::host_worker),
      cost<&DriverSpec::message>("driver.message", "Composing one message to the firmware and moving the tail.")
          .from('E', "barrier and descriptor write")
          .in(Cause::host_worker),
      cost<&DriverSpec::irq_scan>("driver.irq_scan",
                                  "Completion handler: for each queue looked at; and a look by "
                                  "a stage of the driver.")
          .from('E', "a cache miss on the fence value; instructions do not tell of it")
          .in(Cause::completion),
      cost<&DriverSpec::irq_complete>("driver.irq_complete", "Completion handler: for each job that was reached.")
          .from('C',
                "guest-counts: 110 instructions in Linux 7.3 at 3 per ns, from the handler's begin to "
                "dma_fence_signal(); 103 in 6.1 and 6.12")
          .in(Cause::completion),
      cost<&DriverSpec::reply>("driver.reply", "Reply handler: for each message of the firmware.")
          .from('M', "xe-g2h: below 1 us if the buffer is in system memory; 20 us if it is in the device's"),
      cost<&DriverSpec::tick_scan>("driver.tick_scan", "A tick of the driver: for each queue that has a slot.")
          .read_if(rows::has_host_slots, rows::kNoHostSlots)
          .from('E', "a cache miss, as driver.irq_scan"),
  };
}

}  // namespace gpusim::scenario
