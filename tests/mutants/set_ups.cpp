// SPDX-License-Identifier: MIT
#include "tests/mutants/set_ups.h"

#include <string>
#include <variant>

#include "tests/support/machine/scenarios.h"

namespace gpusim::test::set_ups {

using scenario::ScenarioSpec;

// --- changes ---------------------------------------------------------------------------------------------------------

namespace {

template <class Change>
void for_each_loop(ScenarioSpec& spec, Change change) {
  for (workload::ClientSpec& client : spec.clients) {
    if (auto* loop = std::get_if<workload::LoopSpec>(&client.workload)) change(*loop);
  }
}

}  // namespace

// Credits protect the ring from being full; here they do not.
void more_credits_than_ring(ScenarioSpec& spec) { spec.driver.credit_limit = 8; }

void bypass(ScenarioSpec& spec) { spec.dep.bypass = true; }

// Without a lock nothing but the condition keeps caller and worker apart; a long run_job makes it likely that they
// meet.
void bypass_without_lock(ScenarioSpec& spec) {
  spec.dep.bypass = true;
  spec.dep.bypass_lock = sched::dep::BypassLock::ownership;
  spec.driver.run_job.value = us(20);
}

void put_in_irq(ScenarioSpec& spec) { spec.dep.put = sched::dep::Where::irq; }

void drm_sched(ScenarioSpec& spec) { spec.component = scenario::Component::drm_sched; }

void single_entity(ScenarioSpec& spec) {
  drm_sched(spec);
  spec.policy = sched::drm::Policy::single_entity;
}

void shared_rings(ScenarioSpec& spec) {
  drm_sched_that_kills(spec);
  spec.driver.rings = drv::Rings::shared;
  spec.driver.credit_limit = 2;
  spec.num_rqs = 4;
}

void shared_rings_rr(ScenarioSpec& spec) {
  shared_rings(spec);
  spec.policy = sched::drm::Policy::rr;
  spec.kernel = sched::drm::Kernel::v6_18;
}

void shared_rings_that_resubmit(ScenarioSpec& spec) {
  shared_rings(spec);
  spec.driver.entities = drv::Entities::client;
  spec.driver.credit_limit = 1;
  spec.driver.stop_way = drv::StopWay::resubmit;
}

void amdgpu_rings(ScenarioSpec& spec) {
  shared_rings(spec);
  spec.driver.credit_limit = 4;
  spec.driver.soft_recovery = ms(10);
  spec.driver.ring_reset = true;
}

void amdgpu_rings_with_short_timeouts(ScenarioSpec& spec) {
  amdgpu_rings(spec);
  short_timeouts(spec);
  spec.job_timeout = us(500);
}

void gangs_that_resubmit(ScenarioSpec& spec) { spec.driver.stop_way = drv::StopWay::resubmit; }

namespace {

void make_video_job_long(ScenarioSpec& spec) {
  spec.job_timeout = ms(10);
  for (workload::ClientSpec& client : spec.clients) {
    if (auto* poisson = std::get_if<workload::PoissonSpec>(&client.workload)) poisson->work = {ms(20), ms(20)};
  }
}

}  // namespace

void long_job_that_is_resubmitted(ScenarioSpec& spec) {
  shared_rings_that_resubmit(spec);
  make_video_job_long(spec);
}

void long_job_on_amdgpu_rings(ScenarioSpec& spec) {
  amdgpu_rings(spec);
  spec.driver.soft_recovery = Picoseconds{0};
  make_video_job_long(spec);
}

void drm_sched_that_kills(ScenarioSpec& spec) {
  drm_sched(spec);
  spec.driver.kill_way = drv::KillWay::entity;
}

void counter(ScenarioSpec& spec) {
  spec.component = scenario::Component::jobqueue;
  spec.jobqueue.shape = sched::jq::Shape::counter;
  spec.driver.kill_way = drv::KillWay::terminate;
}

void one_token(ScenarioSpec& spec) { spec.orchestrator.slots = 1; }

void one_token_counter(ScenarioSpec& spec) {
  one_token(spec);
  counter(spec);
}

void one_token_fifo(ScenarioSpec& spec) {
  one_token(spec);
  spec.orchestrator.policy = sched::orch::Policy::fifo;
}

void one_token_fair(ScenarioSpec& spec) {
  one_token(spec);
  spec.orchestrator.policy = sched::orch::Policy::fair;
}

void one_token_short_turns(ScenarioSpec& spec) {
  one_token(spec);
  spec.orchestrator.batch = 1;
}

void two_tokens_short_turns(ScenarioSpec& spec) {
  one_token_short_turns(spec);
  spec.orchestrator.slots = 2;
}

void two_credits(ScenarioSpec& spec) { spec.driver.credit_limit = 2; }

void two_credits_counter(ScenarioSpec& spec) {
  counter(spec);
  two_credits(spec);
}

void pipeline(ScenarioSpec& spec) { spec.component = scenario::Component::jobqueue; }

void uncoalesced_pipeline(ScenarioSpec& spec) {
  pipeline(spec);
  spec.jobqueue.coalescing = sched::jq::Coalescing::off;
}

void busy_pipeline(ScenarioSpec& spec) {
  pipeline(spec);
  busy_queues(spec);
}

void pipeline_of_seconds(ScenarioSpec& spec) {
  pipeline(spec);
  spec.jobqueue.cancel_timeout = Picoseconds{0};
  jobs_of_seconds(spec);
}

void staged_pipeline(ScenarioSpec& spec) {
  pipeline(spec);
  spec.driver.timeout_clock = drv::TimeoutClock::in_stage;
  spec.driver.kill_way = drv::KillWay::terminate;
  spec.driver.close_way = drv::CloseWay::kill;
}

void short_staged_pipeline(ScenarioSpec& spec) {
  staged_pipeline(spec);
  short_timeouts(spec);
}

void direct(ScenarioSpec& spec) {
  spec.component = scenario::Component::direct;
  spec.device.descriptor.notify = abi::SubmitNotify::doorbell;
}

void engine_doorbells(ScenarioSpec& spec) { spec.device.descriptor.doorbell_route = abi::DoorbellRoute::direct; }

void late_engine_doorbells(ScenarioSpec& spec) {
  engine_doorbells(spec);
  spec.fault.aimed.push_back(
      {.kind = fault::Kind::delayed_doorbell, .count = 0, .probability_ppm = 250'000, .delay = us(30)});
}

void lost_doorbell(ScenarioSpec& spec) {
  spec.fault.lost_doorbell = 1;
  spec.driver.timeout_retries = 1'000'000;
}

void native_waits(ScenarioSpec& spec) { spec.driver.native_waits = true; }

void native_waits_for_hung_job(ScenarioSpec& spec) {
  native_waits(spec);
  spec.job_timeout = ms(50);
  spec.device.descriptor.preempt_timeout_ps = static_cast<std::uint64_t>(ms(5).count());
  spec.fault.hung_job = 2;
}

void tick_rotation(ScenarioSpec& spec) {
  spec.device.descriptor.policy = abi::RunPolicy::tick_rotation;
  spec.device.descriptor.tick_ps = static_cast<std::uint64_t>(us(30).count());
}

void list_walk(ScenarioSpec& spec) {
  spec.device.descriptor.policy = abi::RunPolicy::list_walk;
  spec.device.descriptor.outer_quantum = 1;
  spec.device.descriptor.slots = 0;
}

void host_slots(ScenarioSpec& spec) {
  spec.device.descriptor.policy = abi::RunPolicy::host_slots;
  spec.driver.tick = us(30);
  spec.host.timer = os::TimerGranularity::exact;
}

void long_tick_rotation(ScenarioSpec& spec) {
  spec.device.descriptor.policy = abi::RunPolicy::tick_rotation;
  spec.device.descriptor.tick_ps = static_cast<std::uint64_t>(spec.driver.tick.count());
}

void direct_evictions(ScenarioSpec& spec) {
  direct(spec);
  spec.fault.evict = us(50);
  spec.fault.evictions = 20;
  spec.direct.restore = us(50);
}

void direct_evictions_by_interrupt(ScenarioSpec& spec) {
  direct_evictions(spec);
  spec.direct.wait = drv::DirectWait::interrupt;
}

void direct_long_eviction(ScenarioSpec& spec) {
  direct(spec);
  spec.fault.evict = us(50);
  spec.direct.restore = ms(50);
}

void jobs_of_seconds(ScenarioSpec& spec) {
  for_each_loop(spec, [](workload::LoopSpec& loop) {
    loop.work.min *= 200'000;
    loop.work.max *= 200'000;
  });
  spec.job_timeout = ms(600'000);
}

void short_timeouts(ScenarioSpec& spec) {
  for_each_loop(spec, [](workload::LoopSpec& loop) {
    loop.work.min *= 100;
    loop.work.max *= 100;
  });
  spec.job_timeout = ms(5);
}

void hung_job(ScenarioSpec& spec) {
  spec.device.descriptor.preempt_timeout_ps = static_cast<std::uint64_t>(ms(5).count());
  spec.fault.hung_job = 2;
}

void hung_job_on_drm_sched(ScenarioSpec& spec) {
  drm_sched(spec);
  hung_job(spec);
}

void failed_reset(ScenarioSpec& spec) {
  spec.driver.reset_timeout = ms(5);
  spec.fault.reset = us(100);
  spec.fault.aimed.push_back({.kind = fault::Kind::failed_device_reset});
}

void page_faults(ScenarioSpec& spec) {
  fault::AimedFault fault{.kind = fault::Kind::page_fault};
  for (const std::uint64_t nth : {2U, 5U}) {
    fault.nth = nth;
    spec.fault.aimed.push_back(fault);
  }
}

void page_faults_that_terminate(ScenarioSpec& spec) {
  page_faults(spec);
  spec.driver.kill_way = drv::KillWay::terminate;
}

void moving_bytes(ScenarioSpec& spec) {
  spec.device.link.bandwidth_mb_s = 16'000;
  for_each_loop(spec, [](workload::LoopSpec& loop) { loop.transfer.bytes = 400'000; });
}

void busy_queues(ScenarioSpec& spec) {
  for_each_loop(spec, [](workload::LoopSpec& loop) {
    loop.work.min *= 50'000;
    loop.work.max *= 50'000;
  });
  spec.job_timeout = ms(3'000);
}

// --- machines --------------------------------------------------------------------------------------------------------

namespace {

workload::LoopSpec loop_on(abi::EngineClass engine, Picoseconds work, std::uint64_t cycles,
                           std::uint32_t jobs_per_cycle) {
  workload::LoopSpec loop;
  loop.placement = {engine, -1};
  loop.work = {work, work};
  loop.cycles = cycles;
  loop.jobs_per_cycle = jobs_per_cycle;
  return loop;
}

ScenarioSpec two_clients_of(Picoseconds work) {
  ScenarioSpec spec = costly_scenario();
  spec.job_timeout = Picoseconds{0};
  spec.clients = {client("a", loop_on(abi::EngineClass::render, work, 3, 4)),
                  client("b", loop_on(abi::EngineClass::render, work, 3, 4))};
  return spec;
}

}  // namespace

ScenarioSpec busy(std::uint32_t) { return busy_scenario(); }

ScenarioSpec busy_small_ring(std::uint32_t) {
  ScenarioSpec spec = busy_scenario();
  spec.driver.ring_entries = 2;
  spec.driver.credit_limit = 8;
  return spec;
}

ScenarioSpec busy_slow_stores(std::uint32_t) {
  ScenarioSpec spec = busy_scenario();
  spec.host.store_drain.value = ms(500);
  return spec;
}

ScenarioSpec busy_on_drm_sched(std::uint32_t) {
  ScenarioSpec spec = busy_scenario();
  drm_sched(spec);
  return spec;
}

ScenarioSpec coming_and_going(std::uint32_t) {
  ScenarioSpec spec = costly_scenario();
  for (std::int64_t i = 0; i < 40; ++i) {
    spec.clients.push_back(
        client("c" + std::to_string(i), loop_on(abi::EngineClass::render, ns(200), 1, i % 4 == 0 ? 8 : 1)));
    spec.clients.back().start = us(3) * i;
  }
  return spec;
}

ScenarioSpec late_firmware(std::uint32_t variant) {
  ScenarioSpec spec = two_clients_of(us(100));
  spec.clients = {client("a", loop_on(abi::EngineClass::render, us(100), 1, 2)),
                  client("keeps the machine running", loop_on(abi::EngineClass::copy, ms(3), 1, 1))};
  spec.clients[1].start = us(60);  // its doorbell is the third
  spec.fault.delayed_doorbell = 2;
  spec.fault.stall = ms(1);
  spec.fault.firmware_stall = 1 + variant % 16;
  spec.fault.delay = us(190 + 3 * (variant / 16));
  return spec;
}

ScenarioSpec two_clients(std::uint32_t) { return two_clients_of(us(200)); }
ScenarioSpec two_clients_of_short_jobs(std::uint32_t) { return two_clients_of(us(20)); }
ScenarioSpec two_clients_of_long_jobs(std::uint32_t) { return two_clients_of(ms(3)); }

ScenarioSpec two_clients_of_long_jobs_that_ring_engines(std::uint32_t) {
  ScenarioSpec spec = two_clients_of(ms(3));
  engine_doorbells(spec);
  return spec;
}

ScenarioSpec two_clients_with_one_slot(std::uint32_t) {
  ScenarioSpec spec = two_clients_of(us(200));
  spec.device.descriptor.slots = 1;
  return spec;
}

ScenarioSpec two_clients_reset_early(std::uint32_t) {
  ScenarioSpec spec = two_clients_of(us(200));
  spec.fault.reset = us(20);
  return spec;
}

// The second client's job waits behind the first one's.
ScenarioSpec two_clients_reset_on_drm_sched(std::uint32_t) {
  ScenarioSpec spec = two_clients_of(ms(3));
  drm_sched(spec);
  spec.device.descriptor.quantum_ps = 0;
  spec.fault.reset = ms(1);
  return spec;
}

// 30 ms each in slices of 1 ms: none has run for 50 ms when its 50 ms are over.
ScenarioSpec four_clients_with_time_slices(std::uint32_t) {
  ScenarioSpec spec = two_clients_of(ms(30));
  spec.clients = {client("a", loop_on(abi::EngineClass::render, ms(30), 1, 1), 4)};
  spec.job_timeout = ms(50);
  return spec;
}

ScenarioSpec two_clients_with_hung_job(std::uint32_t) {
  ScenarioSpec spec = two_clients_of(us(200));
  spec.device.descriptor.preempt_timeout_ps = static_cast<std::uint64_t>(ms(5).count());
  spec.job_timeout = ms(20);
  spec.fault.hung_job = 2;
  spec.stop_after = ms(500);
  return spec;
}

ScenarioSpec two_clients_with_page_fault(std::uint32_t) {
  ScenarioSpec spec = two_clients_of(us(20));
  page_faults(spec);
  spec.job_timeout = Picoseconds{0};
  return spec;
}

ScenarioSpec two_clients_with_hung_job_on_drm_sched(std::uint32_t variant) {
  ScenarioSpec spec = two_clients_with_hung_job(variant);
  drm_sched(spec);
  return spec;
}

ScenarioSpec video_client(std::uint32_t) {
  ScenarioSpec spec = two_clients_of(us(20));
  spec.clients = {client("v", loop_on(abi::EngineClass::video, us(20), 2, 2))};
  return spec;
}

}  // namespace gpusim::test::set_ups
