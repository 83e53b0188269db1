// SPDX-License-Identifier: MIT
#include "sim/workload/pipeline_client.h"

#include <array>
#include <span>
#include <vector>

#include "sim/workload/client_queue.h"

namespace gpusim::workload {

namespace {

struct Stage {
  std::string_view name;
  const EngineChoice* placement;
  const Work* work;
};

os::Task<Errno> submit_frame(os::Context& ctx, drv::Uapi& uapi, std::span<const Stage> stages,
                             std::span<ClientQueue> queues, Prng& random) {
  drv::SyncFile before;
  for (std::size_t i = 0; i < stages.size(); ++i) {
    const std::span<const drv::SyncFile> in_fences{&before, i == 0 ? 0U : 1U};
    const Errno error = co_await submit(ctx, uapi, queues[i], *stages[i].work, random, in_fences);
    if (error != Errno::ok) co_return error;
    before = queues[i].last;
  }
  co_return Errno::ok;
}

}  // namespace

os::Task<ClientEnd> run_pipeline(os::Context& ctx, const PipelineSpec& spec, const ClientEnvironment& environment) {
  drv::Uapi& uapi = *environment.uapi;
  Prng random = random_stream(environment, "work");
  const std::array<Stage, 3> stages{Stage{"upload", &spec.copy, &spec.upload},
                                    Stage{"compute", &spec.compute, &spec.kernel},
                                    Stage{"readback", &spec.copy, &spec.readback}};
  std::array<ClientQueue, 3> queues;
  Errno error = Errno::ok;
  for (std::size_t i = 0; error == Errno::ok && i < stages.size(); ++i) {
    const std::uint32_t mask = engine_mask(*environment.device, *stages[i].placement);
    error = co_await open_queue(ctx, environment, stages[i].name, mask, spec.priority, queues[i]);
  }

  std::vector<drv::SyncFile> read_back(spec.frames_in_flight);  // of the latest frames, as a ring
  std::uint64_t left = spec.frames;
  while (error == Errno::ok && left > 0) {
    drv::SyncFile& oldest = read_back[(spec.frames - left) % read_back.size()];
    if (oldest) co_await uapi.wait(ctx, oldest);
    error = co_await submit_frame(ctx, uapi, stages, queues, random);
    oldest = queues.back().last;
    left -= error == Errno::ok ? 1 : 0;
  }
  read_back.clear();
  co_await finish_queues(ctx, uapi, queues);
  co_return ClientEnd{error, left};
}

}  // namespace gpusim::workload
