// SPDX-License-Identifier: MIT
#include "sim/workload/loop_client.h"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "sim/workload/client_queue.h"

namespace gpusim::workload {

namespace {

// At most so many jobs unfinished: as they finish in order, it is enough to wait for the one `limit` jobs back.
class InFlightBound {
 public:
  explicit InFlightBound(std::uint32_t limit) : fences_(limit) {}

  /// What to wait for before the next submit; empty: nothing.
  [[nodiscard]] drv::SyncFile blocker() { return fences_.empty() ? drv::SyncFile{} : std::move(fences_[next_]); }
  void submitted(const drv::SyncFile& finished) {
    if (fences_.empty()) return;
    fences_[next_] = finished;
    next_ = (next_ + 1) % fences_.size();
  }
  void all_done() { std::fill(fences_.begin(), fences_.end(), drv::SyncFile{}); }

 private:
  std::vector<drv::SyncFile> fences_;
  std::size_t next_ = 0;
};

os::Task<Errno> submit_cycle(os::Context& ctx, const LoopSpec& spec, drv::Uapi& uapi, ClientQueue& queue,
                             InFlightBound& bound, Prng& random) {
  for (std::uint32_t job = 0; job < spec.jobs_per_cycle; ++job) {
    const drv::SyncFile blocker = bound.blocker();
    if (blocker) co_await uapi.wait(ctx, blocker);
    const Errno error = co_await submit(ctx, uapi, queue, spec.work, random, {}, spec.transfer);
    if (error != Errno::ok) co_return error;
    bound.submitted(queue.last);
  }
  if (!spec.sync || !queue.last) co_return Errno::ok;
  co_await uapi.wait(ctx, queue.last);
  bound.all_done();
  co_return Errno::ok;
}

}  // namespace

os::Task<ClientEnd> run_loop(os::Context& ctx, const LoopSpec& spec, const ClientEnvironment& environment) {
  drv::Uapi& uapi = *environment.uapi;
  Prng random = random_stream(environment, "work");
  Prng pauses = random_stream(environment, "wait");
  InFlightBound bound{spec.max_in_flight};
  ClientQueue queue;
  Errno error = co_await open_queue(ctx, environment, "jobs", engine_mask(*environment.device, spec.placement),
                                    spec.priority, queue, spec.limits_cycle != 0);
  std::uint64_t left = spec.cycles;
  while (error == Errno::ok && left > 0) {
    const std::uint64_t cycle = spec.cycles - left + 1;
    if (cycle == spec.change_cycle) co_await uapi.set_priority(ctx, queue.id, spec.changed_priority);
    if (cycle == spec.limits_cycle) {
      error = co_await uapi.set_limits(ctx, queue.id, {spec.changed_quantum, spec.changed_preempt_timeout});
      if (error != Errno::ok) break;
    }
    error = co_await submit_cycle(ctx, spec, uapi, queue, bound, random);
    if (error != Errno::ok) break;
    --left;
    if (spec.wait.max.count() == 0) continue;
    co_await ctx.step();
    co_await sleep(ctx, environment, ctx.now() + draw(spec.wait, pauses));
  }
  bound = InFlightBound{0};  // drops its fences
  co_await finish_queues(ctx, uapi, std::span{&queue, 1});
  co_return ClientEnd{error, left};
}

}  // namespace gpusim::workload
