// SPDX-License-Identifier: MIT
#include "sim/workload/fan_client.h"

#include <span>
#include <string>
#include <vector>

#include "sim/workload/client_queue.h"

namespace gpusim::workload {

namespace {

// queues[0] is that of the ends.
os::Task<Errno> open_queues(os::Context& ctx, const FanSpec& spec, const ClientEnvironment& environment,
                            std::span<ClientQueue> queues) {
  for (std::size_t i = 0; i < queues.size(); ++i) {
    const std::string role = i == 0 ? "ends" : "branch" + std::to_string(i - 1);
    const std::uint32_t mask = engine_mask(*environment.device, i == 0 ? spec.ends : spec.middle);
    const Errno error = co_await open_queue(ctx, environment, role, mask, spec.priority, queues[i]);
    if (error != Errno::ok) co_return error;
  }
  co_return Errno::ok;
}

os::Task<Errno> run_round(os::Context& ctx, const FanSpec& spec, drv::Uapi& uapi, std::span<ClientQueue> queues,
                          Prng& random) {
  ClientQueue& ends = queues.front();
  Errno error = co_await submit(ctx, uapi, ends, spec.source, random, {});
  if (error != Errno::ok) co_return error;
  const drv::SyncFile source = ends.last;
  std::vector<drv::SyncFile> branches;
  for (ClientQueue& queue : queues.subspan(1)) {
    error = co_await submit(ctx, uapi, queue, spec.branch, random, std::span{&source, 1});
    if (error != Errno::ok) co_return error;
    branches.push_back(queue.last);
  }
  error = co_await submit(ctx, uapi, ends, spec.sink, random, branches);
  if (error == Errno::ok) co_await uapi.wait(ctx, ends.last);
  co_return error;
}

}  // namespace

os::Task<ClientEnd> run_fan(os::Context& ctx, const FanSpec& spec, const ClientEnvironment& environment) {
  drv::Uapi& uapi = *environment.uapi;
  Prng random = random_stream(environment, "work");
  std::vector<ClientQueue> queues(std::size_t{spec.width} + 1);
  Errno error = co_await open_queues(ctx, spec, environment, queues);
  std::uint64_t left = spec.rounds;
  while (error == Errno::ok && left > 0) {
    error = co_await run_round(ctx, spec, uapi, queues, random);
    left -= error == Errno::ok ? 1 : 0;
  }
  co_await finish_queues(ctx, uapi, queues);
  co_return ClientEnd{error, left};
}

}  // namespace gpusim::workload
