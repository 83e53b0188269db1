// SPDX-License-Identifier: MIT
// What the host's counters say of a job with two dependencies, in the component's own way of waiting for them: one at a
// time, or counted. drm_sched's stand in drm_sched/kernel_test.cpp.
#include "tests/support/catch.h"
#include "tests/support/dep_rig.h"
#include "tests/support/jobqueue_rig.h"

using namespace gpusim;
using os::Context;
using os::Task;
using sched::FenceRef;

namespace {

/// The dependencies signal 20 us apart, in the order in which they were added, and then the job's hardware fence.
template <class Rig>
os::HostCounters counters_of_two(Rig& rig) {
  rig.thread("client", us(1), [&rig](Context& ctx) -> Task<> {
    const FenceRef first = rig.fence(ctx);
    const FenceRef second = rig.fence(ctx);
    (void)co_await rig.submit(ctx, 1, test::after(first, second));
    co_await os::sleep_until(ctx, SimTime{us(20)});
    first->signal(ctx, Errno::ok);
    co_await os::sleep_until(ctx, SimTime{us(40)});
    second->signal(ctx, Errno::ok);
    co_await rig.queue->close(ctx);
  });
  rig.run();
  return rig.bare.host.counters();
}

}  // namespace

TEST_CASE("passes: one of drm_dep for each dependency, the last of which runs the job", "[passes]") {
  test::DepRig rig;
  const os::HostCounters counters = counters_of_two(rig);
  CHECK(counters.passes == 3);       // the push and both dependencies
  CHECK(counters.idle_passes == 2);  // those that found another dependency open
  CHECK(counters.fence_callbacks == 3);
}

TEST_CASE("passes: a pipeline has one more, which takes the job off", "[passes]") {
  test::JobQueueRig rig;
  const os::HostCounters counters = counters_of_two(rig);
  CHECK(counters.passes == 4);
  CHECK(counters.idle_passes == 2);
  CHECK(counters.fence_callbacks == 3);
}

TEST_CASE("passes: the counter's first dependency makes no pass, though it has a callback", "[passes]") {
  test::JobQueueRig rig{test::counter()};
  const os::HostCounters counters = counters_of_two(rig);
  CHECK(counters.passes == 3);  // the push, the last dependency, and one that frees the job
  CHECK(counters.idle_passes == 1);
  CHECK(counters.fence_callbacks == 3);
}
