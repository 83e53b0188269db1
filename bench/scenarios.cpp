// SPDX-License-Identifier: MIT
#include "bench/scenarios.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

namespace gpusim::bench {
namespace {

constexpr Picoseconds kEndOfRun = ms(20'000);

Cost cost(Picoseconds value) { return Cost{value, 0}; }

// As in configs/{hosts,drivers,devices}/default.toml; the numbers' sources stand there.
os::HostSpec default_host() {
  os::HostSpec host;
  host.cpus = 4;
  host.timeslice = cost(ms(3));
  host.task_wake = cost(us(5));
  host.worker_wake = cost(us(8));
  host.irq_thread_wake = cost(us(5));
  host.context_switch = cost(ns(1500));
  host.syscall_entry = cost(ns(100));
  host.syscall_exit = cost(ns(100));
  host.mutex_op = cost(ns(20));
  host.spinlock_op = cost(ns(30));
  host.queue_work = cost(ns(200));
  host.wake_up = cost(ns(300));
  host.irq_entry = cost(ns(500));
  host.irq_exit = cost(ns(300));
  host.irq_delivery = cost(ns(1200));
  host.memory_barrier = cost(ns(20));
  host.store_drain = cost(ns(100));
  return host;
}

drv::DriverSpec default_driver() {
  drv::DriverSpec driver;
  driver.create_queue = cost(us(5));
  driver.exec = cost(ns(500));
  driver.run_job = cost(ns(100));
  driver.ring_write = cost(ns(100));
  driver.mmio_write = cost(ns(100));
  driver.message = cost(ns(200));
  driver.irq_scan = cost(ns(50));
  driver.irq_complete = cost(ns(100));
  driver.reply = cost(ns(500));
  return driver;
}

hw::DeviceSpec default_device(std::uint32_t max_queues) {
  using Class = abi::EngineClass;
  hw::DeviceSpec device;
  device.descriptor.engine_count = kEngines;
  device.descriptor.engines[0] = {Class::render, 0};
  device.descriptor.engines[1] = {Class::copy, 0};
  device.descriptor.engines[2] = {Class::video, 0};
  device.descriptor.engines[3] = {Class::video, 1};
  device.descriptor.engines[4] = {Class::video_enhance, 0};
  device.descriptor.max_queues = max_queues;
  device.descriptor.quantum_ps = static_cast<std::uint64_t>(ms(1).count());
  device.link = {cost(ns(300)), cost(ns(700)), cost(ns(800))};
  device.firmware.wake = cost(ns(500));
  device.firmware.doorbell = cost(us(3));
  device.firmware.message_short = cost(us(3));
  device.firmware.message_long = cost(us(20));
  device.firmware.engine_event = cost(us(3));
  device.firmware.timer = cost(us(1));
  device.firmware.pick = cost(us(1));
  for (hw::EngineSpec& engine : device.engines) engine = {cost(us(10)), cost(us(10))};
  return device;
}

sched::Costs default_component() {
  sched::Costs costs;
  costs.job_init = cost(ns(300));
  costs.add_dependency = cost(ns(100));
  costs.arm = cost(ns(100));
  costs.push = cost(ns(100));
  costs.worker_pass = cost(ns(100));
  costs.dispatch = cost(ns(200));
  costs.done = cost(ns(200));
  costs.put = cost(ns(300));
  return costs;
}

workload::ClientSpec client(std::string name, workload::WorkloadSpec workload) {
  workload::ClientSpec spec;
  spec.name = std::move(name);
  spec.workload = std::move(workload);
  return spec;
}

workload::LoopSpec null_loop(std::uint32_t engine, std::uint32_t depth, std::uint64_t jobs) {
  const abi::EngineDescriptor place = default_device(1).descriptor.engines[engine];
  workload::LoopSpec loop;
  loop.placement = {place.engine_class, place.instance};
  loop.cycles = jobs;
  loop.sync = false;
  loop.max_in_flight = depth;
  return loop;
}

class WsimBuilder {
 public:
  void add(workload::StepBody body) {
    workload::Step step;
    step.index = spec_.program.steps.size();
    step.body = std::move(body);
    spec_.program.steps.push_back(std::move(step));
  }
  /// Contexts 1..queues in turn. A null job: durations are scaled to nothing.
  void add_batches(std::uint32_t queues, std::uint32_t steps) {
    for (std::uint32_t i = 0; i < steps; ++i) {
      workload::Batch batch;
      batch.context = 1 + i % queues;
      batch.engine = workload::WsimEngine::rcs;
      batch.duration = {1, 1, false};
      add(batch);
    }
  }
  [[nodiscard]] workload::WsimSpec take(std::uint64_t rounds) {
    spec_.program.file = "built in code";
    spec_.repeats = rounds;
    spec_.duration_scale_permille = 0;
    return std::move(spec_);
  }

 private:
  workload::WsimSpec spec_;
};

}  // namespace

scenario::ScenarioSpec default_machine(std::uint32_t max_queues) {
  scenario::ScenarioSpec spec;
  spec.name = "bench";
  spec.host = default_host();
  spec.driver = default_driver();
  spec.device = default_device(max_queues);
  spec.costs = default_component();
  return spec;
}

scenario::ScenarioSpec closed_loops(std::uint32_t queues, std::uint32_t depth, std::uint64_t jobs_each,
                                    bool one_engine) {
  scenario::ScenarioSpec spec = default_machine();
  for (std::uint32_t i = 0; i < queues; ++i) {
    spec.clients.push_back(
        client("loop" + std::to_string(i), null_loop(one_engine ? 0 : i % kEngines, depth, jobs_each)));
  }
  return spec;
}

scenario::ScenarioSpec round_robin(std::uint32_t queues, std::uint32_t depth, std::uint32_t steps,
                                   std::uint64_t rounds) {
  scenario::ScenarioSpec spec = default_machine();
  WsimBuilder program;
  program.add(workload::QueueDepth{depth});
  program.add_batches(queues, steps);
  spec.clients.push_back(client("round_robin", program.take(rounds)));
  return spec;
}

scenario::ScenarioSpec one_busy_among(std::uint32_t idle, std::uint32_t depth, std::uint64_t jobs) {
  scenario::ScenarioSpec spec = at_rest(idle, idle);
  spec.stop_after.reset();
  workload::ClientSpec busy = client("busy", null_loop(0, depth, jobs));
  busy.start = ms(2'000);  // 4,095 queues are made and used in less than half a second
  spec.clients.push_back(std::move(busy));
  return spec;
}

scenario::ScenarioSpec at_rest(std::uint32_t queues, std::uint32_t steps) {
  scenario::ScenarioSpec spec = default_machine(std::bit_ceil(std::max(queues, 1U)));
  spec.stop_after = kEndOfRun / 2;
  if (steps == 0) return spec;
  WsimBuilder program;
  program.add_batches(queues, steps);
  program.add(workload::Delay{static_cast<std::uint64_t>(kEndOfRun / us(1))});
  spec.clients.push_back(client("at_rest", program.take(1)));
  return spec;
}

scenario::ScenarioSpec piled_up(std::uint32_t jobs, bool in_ring) {
  scenario::ScenarioSpec spec = default_machine();
  if (in_ring) spec.driver.ring_entries = std::bit_ceil(jobs);
  spec.stop_after = ms(500);
  workload::LoopSpec loop = null_loop(0, 0, 1);
  loop.jobs_per_cycle = jobs;
  loop.sync = true;
  loop.work = {kEndOfRun, kEndOfRun};
  spec.clients.push_back(client("pile", loop));
  return spec;
}

}  // namespace gpusim::bench
