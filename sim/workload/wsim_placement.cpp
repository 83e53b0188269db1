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

}  // namespace

std::vector<WsimEngine> expand(WsimEngine engine) {
  if (engine == WsimEngine::vcs) return {WsimEngine::vcs1, WsimEngine::vcs2};
  if (engine == WsimEngine::default_engine) return {WsimEngine::rcs};
  return {engine};
}

Placements::Placements(const WsimProgram& program) {
  std::map<std::uint32_t, std::uint64_t> period_of;  // of a context, so far
  periods_us_.reserve(program.steps.size());
  for (const Step& step : program.steps) {
    periods_us_.push_back(default_preemption_us);
    if (const auto* map = std::get_if<EngineMap>(&step.body)) {
      for (const WsimEngine engine : map->engines)
        for (const WsimEngine physical : expand(engine)) maps_[map->context].push_back(physical);
    } else if (const auto* balance = std::get_if<Balance>(&step.body)) {
      balanced_.insert(balance->context);
    } else if (const auto* preemption = std::get_if<Preemption>(&step.body)) {
      period_of[preemption->context] = preemption->period_us;
    } else if (const auto* batch = std::get_if<Batch>(&step.body)) {
      const auto period = period_of.find(batch->context);
      if (period != period_of.end()) periods_us_.back() = period->second;
    }
  }
}

const std::vector<WsimEngine>& Placements::expanded_map(std::uint32_t context) const {
  static const std::vector<WsimEngine> none;
  const auto map = maps_.find(context);
  return map == maps_.end() ? none : map->second;
}

Placement Placements::place(const Batch& batch) const {
  const std::vector<WsimEngine>& map = expanded_map(batch.context);
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
  if (!balanced_.contains(batch.context)) {
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

}  // namespace gpusim::workload
