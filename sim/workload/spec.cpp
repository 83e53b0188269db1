// SPDX-License-Identifier: MIT
#include "sim/workload/spec.h"

#include <algorithm>

namespace gpusim::workload {

namespace {

struct CyclesOf {
  Cycles operator()(const LoopSpec& spec) const { return {spec.cycles, spec.jobs_per_cycle, "cycles"}; }
  Cycles operator()(const PoissonSpec& spec) const { return {spec.jobs, 1, "jobs"}; }
  Cycles operator()(const PipelineSpec& spec) const { return {spec.frames, 3, "frames"}; }
  Cycles operator()(const FanSpec& spec) const { return {spec.rounds, std::uint64_t{spec.width} + 2, "rounds"}; }
  Cycles operator()(const WsimSpec& spec) const {
    const auto is_batch = [](const Step& step) { return std::holds_alternative<Batch>(step.body); };
    const auto batches = std::count_if(spec.program.steps.begin(), spec.program.steps.end(), is_batch);
    return {spec.repeats, static_cast<std::uint64_t>(batches), "repeats"};
  }
  Cycles operator()(const ChurnSpec& spec) const { return {spec.cycles, spec.jobs_per_cycle, "cycles"}; }
  Cycles operator()(const StepsSpec& spec) const {
    const auto is_submit = [](const StepsStep& step) { return std::holds_alternative<SubmitStep>(step); };
    const auto submits = std::count_if(spec.program.steps.begin(), spec.program.steps.end(), is_submit);
    return {spec.repeats, static_cast<std::uint64_t>(submits), "repeats"};
  }
  Cycles operator()(const RendererSpec& spec) const { return {spec.frames, 1, "frames"}; }
  Cycles operator()(const CompositorSpec& spec) const { return {spec.refreshes, 1, "refreshes"}; }
};

}  // namespace

Cycles cycles_of(const WorkloadSpec& workload) { return std::visit(CyclesOf{}, workload); }

}  // namespace gpusim::workload
