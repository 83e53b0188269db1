// SPDX-License-Identifier: MIT
// drm_sched stopped from outside a running timeout handler, as a reset of the whole device does.
#include <functional>
#include <vector>

#include "scheduler/drm_sched/component.h"
#include "tests/support/bare_host.h"
#include "tests/support/catch.h"

using namespace gpusim;
using os::Context;
using os::Task;
using test::BareHost;

namespace {

/// Hardware on which nothing ends by itself.
class StoppedBackend final : public sched::SubmissionBackend {
 public:
  explicit StoppedBackend(sched::FenceArena& arena) : fences{arena}, context{arena.new_context()} {}
  Task<sched::RunResult> run_job(Context& ctx, sched::Job& job) override {
    if (job.id().value() == slow_job) co_await os::sleep_until(ctx, ctx.now() + us(60));
    made.push_back(fences.create(ctx, context, job.id().value(), 1, 0));
    co_return sched::RunResult{made.back(), Errno::ok};
  }
  Task<sched::TimeoutVerdict> timedout_job(Context& ctx, sched::Job&) override {
    ++timeouts;
    co_await os::sleep_until(ctx, ctx.now() + us(30));
    co_return sched::TimeoutVerdict::no_hang;
  }
  void release_job(Context&, sched::Job&) override { ++released; }
  Task<> queue_fini(Context& ctx) override { co_await ctx.step(); }

  sched::FenceArena& fences;
  std::uint64_t context;
  std::uint64_t slow_job = 2;
  std::vector<sched::FenceRef> made;  ///< hardware fences, in order
  int released = 0;
  int timeouts = 0;
};

Task<sched::FenceRef> submit(Context& ctx, sched::drm::Entity& entity, std::uint64_t id) {
  sched::Job* const job = entity.prepare(ctx, {JobId{id}, 1, 0}).value();
  sched::FenceRef finished = co_await entity.commit(ctx, *job);
  entity.put_job(ctx, *job);
  co_return finished;
}

/// Stops at `stop_at`, starts at `start_at` (by the domain's start(), or by drm_sched_start() without hardware fences),
/// with a timeout handler at work from 10 us to 40 us and run_job of job 2 from 12 us to 72 us. After the start the
/// hardware ends both jobs with -ETIME. The errors of both.
std::vector<Errno> errors_after(sched::drm::Stop stop, bool hands_back, Picoseconds stop_at, Picoseconds trigger_at,
                                Picoseconds start_at, std::uint64_t slow_job) {
  sched::FenceArena fences;
  BareHost bare{test::small_host(4)};
  bare.names.queues = {{}, {"queue", 0, 1}};
  sched::drm::Component component{bare.host, fences, {}};
  StoppedBackend backend{fences};
  backend.slow_job = slow_job;
  sched::drm::SchedulerSpec spec;
  spec.id = QueueId{1};
  spec.name = "queue";
  spec.credit_limit = 4;
  spec.stop = stop;
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
    if (hands_back) {
      co_await entity.domain().start(ctx, Errno::io);
      CHECK(entity.scheduler().credit_count() == 2);
    } else {
      co_await entity.scheduler().restart(ctx, Errno::io);
    }
    for (const sched::FenceRef& fence : backend.made) fence->signal(ctx, Errno::time);
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
const std::vector<Errno> kBothEnded{Errno::time, Errno::time};

}  // namespace

TEST_CASE("a stop that waits while the timeout handler returns takes the job where it then is",
          "[drm_sched][recovery]") {
  using sched::drm::Stop;
  CHECK(errors_after(Stop::scheduler, false, us(20), us(10), us(100), 2) == kBothLost);
  CHECK(errors_after(Stop::scheduler, true, us(20), us(10), us(100), 2) == kBothEnded);
  CHECK(errors_after(Stop::workers, true, us(20), us(10), us(100), 2) == kBothEnded);
}

TEST_CASE("a timeout that strikes between stop and start loses no job", "[drm_sched][recovery]") {
  using sched::drm::Stop;
  for (const Picoseconds start : {us(80), us(120)}) {  // while the handler is at work, and after it
    CAPTURE(start);
    CHECK(errors_after(Stop::scheduler, false, us(40), us(60), start, 0) == kBothLost);
    CHECK(errors_after(Stop::scheduler, true, us(40), us(60), start, 0) == kBothEnded);
    CHECK(errors_after(Stop::workers, true, us(40), us(60), start, 0) == kBothEnded);
  }
}

namespace {

/// Job 1 on the hardware, job 2 queued behind one credit; then `ends`, and at 1 ms the hardware is done with job 1.
struct Ended {
  std::vector<Errno> errors;
  int timeouts = 0;
};
Ended after_end_of_queue(const std::function<void(Context&, sched::drm::Entity&)>& ends) {
  sched::FenceArena fences;
  BareHost bare{test::small_host(4)};
  bare.names.queues = {{}, {"queue", 0, 1}};
  sched::drm::Component component{bare.host, fences, {}};
  StoppedBackend backend{fences};
  backend.slow_job = 0;
  sched::drm::SchedulerSpec spec;
  spec.id = QueueId{1};
  spec.name = "queue";
  spec.credit_limit = 1;
  spec.timeout = ms(100);
  sched::drm::Entity& entity = component.create_queue(spec, backend);
  Ended ended;
  bare.client("client", [&](Context& ctx) -> Task<> {
    const sched::FenceRef first = co_await submit(ctx, entity, 1);
    const sched::FenceRef second = co_await submit(ctx, entity, 2);
    co_await os::sleep_until(ctx, SimTime{us(100)});
    ends(ctx, entity);
    co_await os::sleep_until(ctx, SimTime{ms(1)});
    ended.timeouts = backend.timeouts;
    backend.made.at(0)->signal(ctx, Errno::ok);
    const Errno one = co_await sched::wait(ctx, first);
    co_await os::sleep_until(ctx, SimTime{ms(2)});
    if (backend.made.size() > 1) backend.made.at(1)->signal(ctx, Errno::canceled);
    const Errno two = co_await sched::wait(ctx, second);
    ended.errors = {one, two};
    co_await entity.close(ctx);
  });
  bare.run();
  CHECK(backend.released == 2);
  return ended;
}

}  // namespace

TEST_CASE("a kill ends what is queued with -ESRCH and leaves the hardware and its timeout alone",
          "[drm_sched][recovery]") {
  const Ended ended =
      after_end_of_queue([](Context& ctx, sched::drm::Entity& entity) { entity.kill(ctx, Errno::canceled); });
  CHECK(ended.errors == std::vector<Errno>{Errno::ok, Errno::srch});
  CHECK(ended.timeouts == 0);
}

TEST_CASE("a queue that is drained has the driver run what is queued, with a timeout of zero if it asks for that",
          "[drm_sched][recovery]") {
  const bool times_out = GENERATE(true, false);
  const Ended ended = after_end_of_queue(
      [times_out](Context& ctx, sched::drm::Entity& entity) { entity.drain(ctx, Errno::canceled, times_out); });
  CHECK(ended.errors == std::vector<Errno>{Errno::ok, Errno::canceled});
  CHECK((ended.timeouts > 0) == times_out);
}
