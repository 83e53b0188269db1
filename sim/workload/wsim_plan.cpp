// SPDX-License-Identifier: MIT
#include "sim/workload/wsim_plan.h"

#include <map>
#include <string_view>
#include <tuple>
#include <variant>

#include <fmt/core.h>

#include "sim/workload/client.h"

namespace gpusim::workload {

namespace {

struct DeviceEngine {
  EngineChoice choice;
  std::string_view class_name;
};

DeviceEngine device_engine(WsimEngine engine) {
  using Class = abi::EngineClass;
  switch (engine) {
    case WsimEngine::bcs:
      return {{Class::copy, 0}, "bcs"};
    case WsimEngine::vcs:
      return {{Class::video, -1}, "vcs"};
    case WsimEngine::vcs1:
      return {{Class::video, 0}, "vcs"};
    case WsimEngine::vcs2:
      return {{Class::video, 1}, "vcs"};
    case WsimEngine::vecs:
      return {{Class::video_enhance, 0}, "vecs"};
    case WsimEngine::ccs:
      return {{Class::compute, 0}, "ccs"};
    case WsimEngine::default_engine:
    case WsimEngine::rcs:
      break;
  }
  return {{Class::render, 0}, "rcs"};
}

}  // namespace

WsimPlan plan_wsim(const WsimProgram& program) {
  WsimPlan plan;
  plan.batches.resize(program.steps.size());
  const Placements placements{program};
  std::map<std::tuple<std::uint32_t, std::vector<WsimEngine>, bool>, std::size_t> queues;
  for (const Step& step : program.steps) {
    const auto* batch = std::get_if<Batch>(&step.body);
    if (batch == nullptr) continue;
    const Placement placement = placements.place(*batch);
    const auto [queue, is_new] =
        queues.try_emplace({batch->context, placement.allowed, placement.is_virtual}, plan.queues.size());
    if (is_new) plan.queues.push_back({batch->context, placement.allowed, placement.is_virtual});
    PlannedBatch& planned = plan.batches[step.index];
    planned.queue = queue->second;
    planned.preempt_every_ps = placements.preemption_period_us(step.index) * kPsPerUs;
    for (const StepRef& master : batch->submit_deps) plan.batches[master.step].wants_started = true;
  }
  return plan;
}

std::size_t throttle_target(const WsimProgram& program, std::size_t step, std::uint32_t distance) {
  const std::size_t count = program.steps.size();
  std::size_t target = (step + count - distance % count) % count;
  while (!std::holds_alternative<Batch>(program.steps[target].body)) target = (target + count - 1) % count;
  return target;
}

std::uint32_t wsim_engine_mask(const abi::DeviceDescriptor& device, const PlannedQueue& queue) {
  std::uint32_t mask = 0;
  for (const WsimEngine engine : queue.engines) mask |= engine_mask(device, device_engine(engine).choice);
  return mask;
}

std::string wsim_queue_role(const PlannedQueue& queue) {
  const DeviceEngine engine = device_engine(queue.engines.front());
  return queue.is_virtual ? fmt::format("{}.virtual-{}", queue.context, engine.class_name)
                          : fmt::format("{}.{}{}", queue.context, engine.class_name, engine.choice.instance);
}

}  // namespace gpusim::workload
