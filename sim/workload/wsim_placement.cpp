// SPDX-License-Identifier: MIT
#include "sim/workload/wsim_placement.h"

#include <algorithm>
#include <variant>

namespace gpusim::workload {

namespace {

constexpr std::uint64_t default_preemption_us = 100;

[[nodiscard]] bool contains(const std::vector<WsimEngine>& engines, WsimEngine engine) {
  return std::find(engines.begin(), engines.end(), engine) != engines.end();
}

[[nodiscard]] bool is_balanced(const WsimProgram& program, std::uint32_t context) {
  return std::any_of(program.steps.begin(), program.steps.end(), [context](const Step& step) {
    const auto* balance = std::get_if<Balance>(&step.body);
    return balance != nullptr && balance->context == context;
  });
}

}  // namespace

std::vector<WsimEngine> expand(WsimEngine engine) {
  if (engine == WsimEngine::vcs) return {WsimEngine::vcs1, WsimEngine::vcs2};
  if (engine == WsimEngine::default_engine) return {WsimEngine::rcs};
  return {engine};
}

std::vector<WsimEngine> expanded_map(const WsimProgram& program, std::uint32_t context) {
  std::vector<WsimEngine> engines;
  for (const Step& step : program.steps) {
    const auto* map = std::get_if<EngineMap>(&step.body);
    if (map == nullptr || map->context != context) continue;
    for (const WsimEngine engine : map->engines)
      for (const WsimEngine physical : expand(engine)) engines.push_back(physical);
  }
  return engines;
}

Placement place(const WsimProgram& program, const Batch& batch) {
  const std::vector<WsimEngine> map = expanded_map(program, batch.context);
  const std::vector<WsimEngine> meant = expand(batch.engine);
  const bool exact = batch.engine != WsimEngine::default_engine && meant.size() == 1;
  Placement result;
  if (map.empty()) {
    result.allowed = {meant.front()};
    return result;
  }
  if (exact && contains(map, batch.engine)) {
    result.allowed = {batch.engine};
    return result;
  }
  if (!is_balanced(program, batch.context)) {
    result.fault = exact ? PlacementFault::not_in_map : PlacementFault::names_a_class;
    return result;
  }
  result.allowed = map;
  result.is_virtual = true;
  result.foreign_name =
      batch.engine != WsimEngine::default_engine &&
      std::none_of(meant.begin(), meant.end(), [&map](WsimEngine engine) { return contains(map, engine); });
  return result;
}

std::uint64_t preemption_period_us(const WsimProgram& program, std::size_t step) {
  const std::uint32_t context = std::get<Batch>(program.steps[step].body).context;
  while (step-- > 0) {
    const auto* preemption = std::get_if<Preemption>(&program.steps[step].body);
    if (preemption != nullptr && preemption->context == context) return preemption->period_us;
  }
  return default_preemption_us;
}

}  // namespace gpusim::workload
