// SPDX-License-Identifier: MIT
#include "sim/workload/churn_client.h"

#include <string>

#include "sim/workload/client_queue.h"

namespace gpusim::workload {

namespace {

os::Task<> hold(os::Context& ctx, const ClientEnvironment& environment, Picoseconds time) {
  if (time.count() == 0) co_return;
  co_await ctx.step();
  co_await sleep(ctx, environment, ctx.now() + time);
}

os::Task<Errno> use_queue(os::Context& ctx, const ChurnSpec& spec, drv::Uapi& uapi, ClientQueue& queue, Prng& random) {
  for (std::uint32_t job = 0; job < spec.jobs_per_cycle; ++job) {
    const Errno error = co_await submit(ctx, uapi, queue, spec.work, random, {}, spec.transfer);
    if (error != Errno::ok) co_return error;
  }
  if (spec.sync && queue.last) co_await uapi.wait(ctx, queue.last);
  co_return Errno::ok;
}

}  // namespace

os::Task<ClientEnd> run_churn(os::Context& ctx, const ChurnSpec& spec, const ClientEnvironment& environment) {
  drv::Uapi& uapi = *environment.uapi;
  Prng random = random_stream(environment, "work");
  const std::uint32_t mask = engine_mask(*environment.device, spec.placement);
  Errno error = Errno::ok;
  std::uint64_t left = spec.cycles;
  while (error == Errno::ok && left > 0) {
    ClientQueue queue;
    const std::string name = "q" + std::to_string(spec.cycles - left);
    error = co_await open_queue(ctx, environment, name, mask, spec.priority, queue);
    while (error == Errno::nospc) {
      ctx.emit(trace::queue_create_failed{.client = environment.id, .error = error});
      co_await hold(ctx, environment, spec.retry.count() == 0 ? spec.hold : spec.retry);
      if (spec.retry.count() == 0) break;
      error = co_await open_queue(ctx, environment, name, mask, spec.priority, queue);
    }
    if (error == Errno::nospc) {  // the cycle is lost
      error = Errno::ok;
      --left;
      continue;
    }
    if (error != Errno::ok) break;
    error = co_await use_queue(ctx, spec, uapi, queue, random);
    left -= error == Errno::ok ? 1 : 0;
    co_await hold(ctx, environment, spec.hold);
    queue.last.reset();
    co_await uapi.close_queue(ctx, queue.id);
    ctx.emit(trace::queue_closed{.queue = queue.id, .client = environment.id});
  }
  co_return ClientEnd{error, left};
}

}  // namespace gpusim::workload
