// SPDX-License-Identifier: MIT
#include "sim/workload/client.h"

#include <variant>

#include "sim/workload/churn_client.h"
#include "sim/workload/fan_client.h"
#include "sim/workload/loop_client.h"
#include "sim/workload/pipeline_client.h"
#include "sim/workload/poisson_client.h"
#include "sim/workload/wsim_buffers.h"
#include "sim/workload/wsim_client.h"

namespace gpusim::workload {

namespace {

struct Dispatch {
  os::Context& ctx;
  const ClientEnvironment& environment;

  os::Task<ClientEnd> operator()(const LoopSpec& spec) const { return run_loop(ctx, spec, environment); }
  os::Task<ClientEnd> operator()(const PoissonSpec& spec) const { return run_poisson(ctx, spec, environment); }
  os::Task<ClientEnd> operator()(const PipelineSpec& spec) const { return run_pipeline(ctx, spec, environment); }
  os::Task<ClientEnd> operator()(const FanSpec& spec) const { return run_fan(ctx, spec, environment); }
  os::Task<ClientEnd> operator()(const WsimSpec& spec) const { return run_wsim(ctx, spec, environment); }
  os::Task<ClientEnd> operator()(const ChurnSpec& spec) const { return run_churn(ctx, spec, environment); }
};

}  // namespace

std::shared_ptr<SharedSets> make_shared_sets(const WorkloadSpec& workload) {
  return std::holds_alternative<WsimSpec>(workload) ? std::make_shared<SharedSets>() : nullptr;
}

os::Task<> run_client(os::Context& ctx, const WorkloadSpec& spec, const ClientEnvironment& environment) {
  ctx.emit(trace::client_start{.client = environment.id});
  const Dispatch dispatch{ctx, environment};
  const ClientEnd end = co_await std::visit(dispatch, spec);
  co_await ctx.step();
  ctx.emit(trace::client_finish{.client = environment.id, .left = end.left, .error = end.error});
}

std::uint32_t engine_mask(const abi::DeviceDescriptor& device, const EngineChoice& choice) {
  std::uint32_t mask = 0;
  for (std::uint32_t i = 0; i < device.engine_count; ++i) {
    const abi::EngineDescriptor& engine = device.engines[i];
    const bool wanted = choice.instance < 0 || engine.instance == choice.instance;
    if (engine.engine_class == choice.engine_class && wanted) mask |= 1U << i;
  }
  return mask;
}

}  // namespace gpusim::workload
