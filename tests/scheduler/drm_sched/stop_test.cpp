// SPDX-License-Identifier: MIT
// drm_sched stopped from outside a running timeout handler, as a reset of the whole device does.
#include <vector>

#include "scheduler/drm_sched/component.h"
#include "tests/support/bare_host.h"
#include "tests/support/catch.h"

using namespace gpusim;
using os::Context;
using os::Task;
using test::BareHost;

namespace {

/// Hardware on which nothing ever ends.
class Backend final : public sched::SubmissionBackend {
 public:
  explicit Backend(sched::FenceArena& arena) : fences{arena}, context{arena.new_context()} {}
  Task<sched::RunResult> run_job(Context& ctx, sched::Job& job) override {
    if (job.id().value() == slow_job) co_await os::sleep_until(ctx, ctx.now() + us(60));
    co_return sched::RunResult{fences.create(ctx, context, job.id().value(), 1, 0), Errno::ok};
  }
  Task<sched::TimeoutVerdict> timedout_job(Context& ctx, sched::Job&) override {
    ++timeouts;
    co_await os::sleep_until(ctx, ctx.now() + us(30));
    co_return sched::TimeoutVerdict::recovered;
  }
  void release_job(Context&, sched::Job&) override { ++released; }
  Task<> queue_fini(Context& ctx) override { co_await ctx.step(); }

  sched::FenceArena& fences;
  std::uint64_t context;
  std::uint64_t slow_job = 2;
  int released = 0;
  int timeouts = 0;
};

Task<sched::FenceRef> submit(Context& ctx, sched::drm::Entity& entity, std::uint64_t id) {
  sched::Job* const job = entity.prepare(ctx, {JobId{id}, 1, 0}).value();
  sched::FenceRef finished = co_await entity.commit(ctx, *job);
  entity.put_job(ctx, *job);
  co_return finished;
}

/// Stops at `stop_at`, starts at `start_at`, with a timeout handler at work from 10 us to 40 us and run_job of job 2
/// from 12 us to 72 us. The errors of both jobs; ok: the run does not end.
std::vector<Errno> errors_after(Picoseconds stop_at, Picoseconds trigger_at, Picoseconds start_at,
                                std::uint64_t slow_job) {
  sched::FenceArena fences;
  BareHost bare{test::small_host(4)};
  bare.names.queues = {{}, {"queue", 0, 1}};
  sched::drm::Component component{bare.host, fences, {}};
  Backend backend{fences};
  backend.slow_job = slow_job;
  sched::drm::SchedulerSpec spec;
  spec.id = QueueId{1};
  spec.name = "queue";
  spec.credit_limit = 4;
  sched::drm::Entity& entity = component.create_queue(spec, backend);
  std::vector<Errno> errors;
  const auto at = [&](Picoseconds when, auto body) {
    bare.client("client", [&, when, body](Context& ctx) -> Task<> {
      co_await os::sleep_until(ctx, SimTime{when});
      co_await body(ctx);
    });
  };
  std::vector<sched::FenceRef> finished(2);
  at(us(1), [&](Context& ctx) -> Task<> { finished[0] = co_await submit(ctx, entity, 1); });
  at(trigger_at, [&](Context& ctx) -> Task<> {
    entity.domain().trigger_timeout(ctx);
    co_return;
  });
  at(us(12), [&](Context& ctx) -> Task<> { finished[1] = co_await submit(ctx, entity, 2); });
  at(stop_at, [&](Context& ctx) -> Task<> {
    co_await entity.domain().stop(ctx);
    co_await os::sleep_until(ctx, SimTime{start_at});
    co_await entity.domain().start(ctx, Errno::io);
    for (const sched::FenceRef& fence : finished) {
      const Errno error = co_await sched::wait(ctx, fence);
      errors.push_back(error);
    }
    co_await entity.close(ctx);
  });
  bare.run();
  if (errors.size() == 2) CHECK(backend.released == 2);
  CHECK(backend.timeouts == 1);
  return errors;
}

const std::vector<Errno> kBothLost{Errno::io, Errno::io};

}  // namespace

TEST_CASE("a stop that waits while the timeout handler returns takes the job where it then is",
          "[drm_sched][recovery]") {
  CHECK(errors_after(us(20), us(10), us(100), 2) == kBothLost);
}

TEST_CASE("a timeout that strikes between stop and start loses no job", "[drm_sched][recovery]") {
  CHECK(errors_after(us(40), us(60), us(80), 0) == kBothLost);   // start while the handler is at work
  CHECK(errors_after(us(40), us(60), us(120), 0) == kBothLost);  // after it
}
