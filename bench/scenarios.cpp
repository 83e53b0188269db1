// SPDX-License-Identifier: MIT
#include "bench/scenarios.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "sim/scenario/defaults.h"

namespace gpusim::bench {
namespace {

constexpr Picoseconds kEndOfRun = ms(20'000);

workload::ClientSpec client(std::string name, workload::WorkloadSpec workload) {
  workload::ClientSpec spec;
  spec.name = std::move(name);
  spec.workload = std::move(workload);
  return spec;
}

workload::LoopSpec null_loop(std::uint32_t engine, std::uint32_t depth, std::uint64_t jobs) {
  const abi::EngineDescriptor place = hw::default_descriptor().engines[engine];
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
  scenario::ScenarioSpec spec = scenario::defaults();
  spec.name = "bench";
  spec.device.descriptor.max_queues = max_queues;
  // Constants, so that figures of different revisions are of the same work.
  spec.host.task_wake = Cost{us(5), spec.host.task_wake.parameter};
  spec.host.worker_wake = Cost{us(8), spec.host.worker_wake.parameter};
  spec.host.irq_thread_wake = Cost{us(5), spec.host.irq_thread_wake.parameter};
  spec.host.irq_delivery = Cost{ns(1200), spec.host.irq_delivery.parameter};
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

scenario::ScenarioSpec churn(std::uint64_t queues) {
  scenario::ScenarioSpec spec = default_machine();
  workload::ChurnSpec churn;
  churn.placement = null_loop(0, 1, 1).placement;
  churn.cycles = queues;
  spec.clients.push_back(client("churn", churn));
  return spec;
}

}  // namespace gpusim::bench
