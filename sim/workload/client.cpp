// SPDX-License-Identifier: MIT
#include "sim/workload/client.h"

#include <variant>

#include "os/sync.h"
#include "sim/workload/churn_client.h"
#include "sim/workload/client_queue.h"
#include "sim/workload/compositor_client.h"
#include "sim/workload/fan_client.h"
#include "sim/workload/loop_client.h"
#include "sim/workload/pipeline_client.h"
#include "sim/workload/poisson_client.h"
#include "sim/workload/process.h"
#include "sim/workload/renderer_client.h"
#include "sim/workload/steps_client.h"
#include "sim/workload/surface.h"
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
  os::Task<ClientEnd> operator()(const StepsSpec& spec) const { return run_steps(ctx, spec, environment); }
  os::Task<ClientEnd> operator()(const RendererSpec& spec) const { return run_renderer(ctx, spec, environment); }
  os::Task<ClientEnd> operator()(const CompositorSpec& spec) const { return run_compositor(ctx, spec, environment); }
};

os::Task<> run_workload(os::Context& ctx, const ClientSpec& spec, const ClientEnvironment& environment) {
  co_await sleep(ctx, environment, SimTime{spec.start});
  ctx.emit(trace::client_start{.client = environment.id});
  const Dispatch dispatch{ctx, environment};
  const ClientEnd end = co_await std::visit(dispatch, spec.workload);
  co_await ctx.step();
  ctx.emit(trace::client_finish{.client = environment.id, .left = end.left, .error = end.error});
}

}  // namespace

std::shared_ptr<SharedSets> make_shared_sets(const WorkloadSpec& workload) {
  return std::holds_alternative<WsimSpec>(workload) ? std::make_shared<SharedSets>() : nullptr;
}

os::Task<> run_client(os::Context& ctx, const ClientSpec& spec, const ClientEnvironment& environment) {
  if (environment.process == nullptr) {
    co_await run_workload(ctx, spec, environment);
    co_return;
  }
  const bool has_ended = co_await environment.process->run(run_workload(ctx, spec, environment));
  if (has_ended) co_return;
  ctx.emit(trace::client_killed{.client = environment.id});
  co_await environment.process->exit(ctx);
  const bool is_compositor = environment.screen != nullptr && environment.surface == nullptr;
  if (is_compositor) close_screen(ctx, *environment.screen);
  co_await ctx.step();
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
