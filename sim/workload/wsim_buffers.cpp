// SPDX-License-Identifier: MIT
#include "sim/workload/wsim_buffers.h"

#include <string>
#include <variant>

#include <fmt/core.h>

#include "base/invariant.h"

namespace gpusim::workload {

void WorkingSets::create(os::Context& ctx, drv::Uapi& uapi, const WorkingSet& set) {
  const auto [entry, is_new] = sets_.try_emplace(set.id);
  if (!is_new) return;
  for (std::uint64_t i = 0; i < set.object_count(); ++i) entry->second.push_back(uapi.create_buffer(ctx));
}

const std::vector<drv::BufferId>* WorkingSets::find(std::uint32_t id) const {
  const auto entry = sets_.find(id);
  return entry == sets_.end() ? nullptr : &entry->second;
}

WsimBuffers::WsimBuffers(os::Context& ctx, drv::Uapi& uapi, const WsimProgram& program, SharedSets& shared)
    : shared_{shared}, outputs_(program.steps.size()), uses_(program.steps.size()) {
  for (const Step& step : program.steps) {
    if (std::holds_alternative<Batch>(step.body)) outputs_[step.index] = uapi.create_buffer(ctx);
    const auto* set = std::get_if<WorkingSet>(&step.body);
    if (set == nullptr) continue;
    if (set->shared) {
      shared.create(ctx, uapi, *set);
    } else {
      private_.create(ctx, uapi, *set);
    }
  }
  // A batch may use a set that is declared after it: the sets hold for the whole text.
  for (const Step& step : program.steps) {
    if (const auto* batch = std::get_if<Batch>(&step.body)) uses_[step.index] = uses_of(*batch, step.index);
  }
}

const std::vector<drv::BufferId>& WsimBuffers::objects(std::uint32_t set) const {
  const std::vector<drv::BufferId>* found = private_.find(set);
  if (found == nullptr) found = shared_.find(set);
  if (found == nullptr)
    violate("workload", fmt::format("a checked .wsim program uses working set {}, which it lacks", set));
  return *found;
}

std::vector<drv::BufferUse> WsimBuffers::uses_of(const Batch& batch, std::size_t step) const {
  std::vector<drv::BufferUse> uses;
  std::map<drv::BufferId, std::size_t> places;  // in `uses`
  const auto use = [&uses, &places](drv::BufferId buffer, bool write) {
    const auto [entry, is_new] = places.try_emplace(buffer, uses.size());
    if (is_new) {
      uses.push_back({buffer, write ? sched::Usage::write : sched::Usage::read});
    } else if (write) {
      uses[entry->second].usage = sched::Usage::write;
    }
  };
  use(outputs_[step], true);
  for (const StepRef& source : batch.data_deps) use(outputs_[source.step], false);
  for (const WorkingSetDep& dep : batch.set_deps) {
    const std::vector<drv::BufferId>& all = objects(dep.set);
    for (std::uint32_t i = dep.first; i <= dep.last; ++i) use(all[i], dep.write);
  }
  return uses;
}

}  // namespace gpusim::workload
