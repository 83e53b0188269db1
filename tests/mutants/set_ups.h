// SPDX-License-Identifier: MIT
// What bugs.def names: changes of scenarios, and machines made in code.
#pragma once

#include <cstdint>

#include "sim/scenario/spec.h"

namespace gpusim::test::set_ups {

// --- changes of a scenario that is explored ---

void more_credits_than_ring(scenario::ScenarioSpec& spec);
void bypass(scenario::ScenarioSpec& spec);
void bypass_without_lock(scenario::ScenarioSpec& spec);
void put_in_irq(scenario::ScenarioSpec& spec);
void drm_sched(scenario::ScenarioSpec& spec);
void single_entity(scenario::ScenarioSpec& spec);
/// Rings of the kernel as configs/drivers/amdgpu_ring.toml and v3d.toml have them: several entities before one.
void shared_rings(scenario::ScenarioSpec& spec);
void shared_rings_rr(scenario::ScenarioSpec& spec);
void shared_rings_that_resubmit(scenario::ScenarioSpec& spec);
/// With amdgpu's ladder: soft recovery, then the ring's reset.
void amdgpu_rings(scenario::ScenarioSpec& spec);
/// Jobs that take longer than their timeout, and do not hang.
void amdgpu_rings_with_short_timeouts(scenario::ScenarioSpec& spec);
void long_job_on_amdgpu_rings(scenario::ScenarioSpec& spec);
void gangs_that_resubmit(scenario::ScenarioSpec& spec);
/// The video client's jobs take longer than their timeout.
void long_job_that_is_resubmitted(scenario::ScenarioSpec& spec);
/// With drm_sched_entity_kill() where xe drains.
void drm_sched_that_kills(scenario::ScenarioSpec& spec);
/// JobQueue A, with a driver that does without timeouts.
void counter(scenario::ScenarioSpec& spec);
/// Jobs of three credits, where there are two.
void two_credits(scenario::ScenarioSpec& spec);
void two_credits_counter(scenario::ScenarioSpec& spec);
/// JobQueue B; a tick for each completion; a queue with jobs on the hardware for longer than the
/// timeout; jobs that run for longer than a killed queue lets them.
void pipeline(scenario::ScenarioSpec& spec);
void uncoalesced_pipeline(scenario::ScenarioSpec& spec);
void busy_pipeline(scenario::ScenarioSpec& spec);
void pipeline_of_seconds(scenario::ScenarioSpec& spec);
/// With a stage of the driver, as configs/drivers/tyr_like.toml has it; and with jobs of less time than their timeout,
/// which share engines and rings.
void staged_pipeline(scenario::ScenarioSpec& spec);
void short_staged_pipeline(scenario::ScenarioSpec& spec);
/// An orchestrator, and what may be with it.
void one_token(scenario::ScenarioSpec& spec);
void one_token_counter(scenario::ScenarioSpec& spec);
void one_token_fifo(scenario::ScenarioSpec& spec);
void one_token_fair(scenario::ScenarioSpec& spec);
void one_token_short_turns(scenario::ScenarioSpec& spec);
void two_tokens_short_turns(scenario::ScenarioSpec& spec);
/// Queues that are mapped into their clients.
void direct(scenario::ScenarioSpec& spec);
/// Doorbells reach the engine that their queue is on.
void engine_doorbells(scenario::ScenarioSpec& spec);
/// One in four is late, so that the firmware may have been faster.
void late_engine_doorbells(scenario::ScenarioSpec& spec);
/// The driver tries again and again to make it good, and asks for no reset.
void lost_doorbell(scenario::ScenarioSpec& spec);
/// Jobs wait in their rings for jobs of other queues; and one of these hangs.
void native_waits(scenario::ScenarioSpec& spec);
void native_waits_for_hung_job(scenario::ScenarioSpec& spec);
/// The firmware's other policies. A tick is as long as two quanta; each quantum is the turn of another process.
void tick_rotation(scenario::ScenarioSpec& spec);
void list_walk(scenario::ScenarioSpec& spec);
/// The host's tick, as often; and the firmware's with the period that the host's has in the scenario.
void host_slots(scenario::ScenarioSpec& spec);
void long_tick_rotation(scenario::ScenarioSpec& spec);
/// Every 50 us, for as long; and with clients that wait by interrupt.
void direct_evictions(scenario::ScenarioSpec& spec);
void direct_evictions_by_interrupt(scenario::ScenarioSpec& spec);
/// A device reset fits into it.
void direct_long_eviction(scenario::ScenarioSpec& spec);
/// Jobs of some seconds, so that waits for them show; the timeout is longer.
void jobs_of_seconds(scenario::ScenarioSpec& spec);
/// Jobs of less run time than their timeout, which take longer because they share engines.
void short_timeouts(scenario::ScenarioSpec& spec);
/// One that does not give way, so that the firmware resets its engine.
void hung_job(scenario::ScenarioSpec& spec);
void hung_job_on_drm_sched(scenario::ScenarioSpec& spec);
/// The device does not come out of a reset in the middle, and is given up.
void failed_reset(scenario::ScenarioSpec& spec);
/// The second and the fifth job of all touch a page that is not mapped.
void page_faults(scenario::ScenarioSpec& spec);
/// With a driver that terminates, as panthor does.
void page_faults_that_terminate(scenario::ScenarioSpec& spec);
/// Each job of a loop uploads bytes for longer than its work, and than a quantum.
void moving_bytes(scenario::ScenarioSpec& spec);
/// A queue has jobs on the hardware for longer than the timeout, each of them for much less.
void busy_queues(scenario::ScenarioSpec& spec);

// --- machines ---

using Machine = scenario::ScenarioSpec(std::uint32_t variant);

Machine busy;
Machine busy_small_ring;   ///< of two entries, with credits for eight jobs
Machine busy_slow_stores;  ///< stores stay in the store buffer for longer than anything here takes
Machine busy_on_drm_sched;
/// Queues that come and go, one every few microseconds.
Machine coming_and_going;
/// Only late firmware still checks a queue whose jobs are done: a second doorbell that arrives when both jobs have
/// ended already, at a firmware that pauses. A variant for each moment.
Machine late_firmware;
inline constexpr std::uint32_t kLateFirmwares = 14 * 16;

// Two clients on one engine; timeouts are off, so that nothing repairs what is lost.
Machine two_clients;
Machine two_clients_of_short_jobs;
Machine two_clients_of_long_jobs;
Machine two_clients_of_long_jobs_that_ring_engines;
Machine two_clients_with_one_slot;
Machine two_clients_reset_on_drm_sched;
Machine four_clients_with_time_slices;
Machine two_clients_reset_early;  ///< before any job has begun
Machine two_clients_with_hung_job;
Machine two_clients_with_page_fault;  ///< without timeouts: only the firmware's message tells of it
Machine two_clients_with_hung_job_on_drm_sched;
Machine video_client;  ///< whose queue may run on either of two engines

}  // namespace gpusim::test::set_ups
