// SPDX-License-Identifier: MIT
// What drm_dep's bypass saves, where theory says it to the picosecond, and when it is not taken.
#include <map>

#include "tests/support/catch.h"
#include "tests/support/machine/scenarios.h"

using namespace gpusim;
using test::kRender;
using test::Recording;
using trace::EventKind;

namespace {

scenario::ScenarioSpec loop_of(std::uint32_t depth, std::uint64_t cycles) {
  scenario::ScenarioSpec spec = test::costly_scenario();
  workload::LoopSpec loop;
  loop.placement = kRender;
  loop.work = {us(20), us(20)};
  loop.jobs_per_cycle = depth;
  loop.cycles = cycles;
  loop.wait = {us(100), us(100)};     // everything is asleep again before the next cycle
  spec.host.context_switch = Cost{};  // whether a worker comes back to its own CPU depends on placement
  spec.clients = {test::client("app", loop)};
  return spec;
}

/// From the ioctl's begin to the doorbell, by job.
std::map<std::uint64_t, Picoseconds> submit_latencies(const Recording& recording) {
  std::map<std::uint64_t, SimTime> begin;
  std::map<std::uint64_t, Picoseconds> latency;
  for (const trace::Event& event : recording.events) {
    if (event.kind == EventKind::exec_begin) begin[event.job] = event.time;
    if (event.kind == EventKind::doorbell_write) latency[event.job] = event.time - begin.at(event.job);
  }
  return latency;
}

/// Jobs that a client's own thread ran.
std::size_t bypassed(const Recording& recording) {
  std::map<std::uint64_t, std::uint32_t> caller;
  std::size_t count = 0;
  for (const trace::Event& event : recording.events) {
    if (event.kind == EventKind::exec_begin) caller[event.job] = event.thread;
    if (event.kind == EventKind::drm_sched_job_run && event.thread == caller.at(event.job)) ++count;
  }
  return count;
}

}  // namespace

TEST_CASE("on an idle host with an empty queue the bypass saves wake and dispatch less its lock, to the picosecond",
          "[timing][bypass]") {
  for (const auto lock :
       {sched::dep::BypassLock::mutex, sched::dep::BypassLock::trylock, sched::dep::BypassLock::ownership}) {
    const scenario::ScenarioSpec worker = loop_of(1, 6);
    scenario::ScenarioSpec bypass = worker;
    bypass.dep.bypass = true;
    bypass.dep.bypass_lock = lock;
    const Recording by_worker = test::run(worker);
    const Recording by_caller = test::run(bypass);
    CHECK(bypassed(by_worker) == 0);
    CHECK(bypassed(by_caller) == 6);
    // The worker is woken and looks at its queue's head; the caller takes the queue's lock instead.
    const os::HostSpec& host = worker.host;
    const Picoseconds wake = host.worker_wake.value;
    const Picoseconds dispatch = worker.costs.worker_pass.value;
    const Picoseconds taken = lock == sched::dep::BypassLock::ownership ? Picoseconds{0} : host.mutex_op.value;
    REQUIRE(wake.count() > 0);
    const auto slow = submit_latencies(by_worker);
    const auto fast = submit_latencies(by_caller);
    REQUIRE(slow.size() == 6);
    for (std::uint64_t job = 2; job <= 6; ++job) {  // the first finds no worker made yet
      CAPTURE(job);
      CHECK(slow.at(job) - fast.at(job) == wake + dispatch - taken);
    }
  }
}

TEST_CASE("with a job waiting in the queue the bypass is taken 0 times", "[timing][bypass]") {
  for (const std::uint32_t depth : {2U, 4U, 8U}) {
    scenario::ScenarioSpec spec = loop_of(depth, 4);
    spec.dep.bypass = true;
    spec.driver.credit_limit = 1;  // what is submitted while a job runs waits in the queue
    const Recording recording = test::run(spec);
    std::map<std::uint64_t, std::uint64_t> waiting;
    std::map<std::uint64_t, std::uint32_t> caller;
    std::size_t with_waiting = 0;
    std::size_t past_them = 0;
    for (const trace::Event& event : recording.events) {
      if (event.kind == EventKind::exec_begin) caller[event.job] = event.thread;
      if (const auto queued = trace::as<trace::drm_sched_job_queue>(event)) waiting[event.job] = queued->queued;
      if (event.kind != EventKind::drm_sched_job_run || waiting.at(event.job) == 0) continue;
      ++with_waiting;
      if (event.thread == caller.at(event.job)) ++past_them;
    }
    CAPTURE(depth);
    CHECK((with_waiting > 0) == (depth > 2));
    CHECK(past_them == 0);
    CHECK(bypassed(recording) > 0);  // each cycle's first job finds the queue empty
  }
}
