// SPDX-License-Identifier: MIT
#include "sim/workload/wsim_ends.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <variant>

namespace gpusim::workload {

WsimEnds::WsimEnds(const WsimProgram& program)
    : last_fence_needed_(program.steps.size()), last_fence_signalled_(program.steps.size()) {
  std::map<std::pair<std::uint32_t, WsimEngine>, std::size_t> last_batch;  // of a context on an engine
  std::size_t signalled = 0;
  for (const Step& step : program.steps) {
    last_fence_signalled_[step.index] = signalled;
    if (const auto* signal = std::get_if<SignalSwFence>(&step.body)) {
      signalled = std::max(signalled, signal->target.step + 1);
    } else if (const auto* terminate = std::get_if<Terminate>(&step.body)) {
      terminators_.try_emplace(terminate->target.step, step.index);
    } else if (const auto* batch = std::get_if<Batch>(&step.body)) {
      std::size_t& needed = last_fence_needed_[step.index];
      for (const auto* deps : {&batch->fence_deps, &batch->data_deps, &batch->submit_deps}) {
        for (const StepRef& dep : *deps) {
          const bool is_fence = std::holds_alternative<SwFence>(program.steps[dep.step].body);
          needed = std::max(needed, is_fence ? dep.step + 1 : last_fence_needed_[dep.step]);
        }
      }
      const auto [before, is_first] = last_batch.try_emplace({batch->context, batch->engine}, step.index);
      if (!is_first) needed = std::max(needed, last_fence_needed_[before->second]);
      before->second = step.index;
    }
  }
}

std::size_t WsimEnds::terminated_at(std::size_t batch) const {
  const auto found = terminators_.find(batch);
  return found == terminators_.end() ? last_fence_needed_.size() : found->second;
}

}  // namespace gpusim::workload
