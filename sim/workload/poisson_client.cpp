// SPDX-License-Identifier: MIT
#include "sim/workload/poisson_client.h"

#include <span>

#include "sim/workload/client_queue.h"

namespace gpusim::workload {

os::Task<ClientEnd> run_poisson(os::Context& ctx, const PoissonSpec& spec, const ClientEnvironment& environment) {
  drv::Uapi& uapi = *environment.uapi;
  Prng arrivals = random_stream(environment, "arrivals");
  Prng work = random_stream(environment, "work");
  SimTime arrival = ctx.now();  // before the queue is created: what that costs must not move the arrivals
  ClientQueue queue;
  Errno error = co_await open_queue(ctx, environment, "jobs", engine_mask(*environment.device, spec.placement),
                                    spec.priority, queue);
  std::uint64_t left = spec.jobs;
  while (error == Errno::ok && left > 0) {
    arrival += arrivals.exponential(spec.mean_interval);
    co_await sleep(ctx, environment, arrival);
    error = co_await submit(ctx, uapi, queue, spec.work, work, {}, spec.transfer);
    left -= error == Errno::ok ? 1 : 0;
  }
  co_await finish_queues(ctx, uapi, std::span{&queue, 1});
  co_return ClientEnd{error, left};
}

}  // namespace gpusim::workload
