// SPDX-License-Identifier: MIT
// Every kind of client but .wsim on an ideal machine, where times can be worked out by hand.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "base/prng.h"
#include "tests/support/catch.h"
#include "tests/support/machine/scenarios.h"

using namespace gpusim;
using namespace gpusim::test;

// --- loop ------------------------------------------------------------------------------------------------------------

TEST_CASE("loop, synchronous: cycles of work and pause") {
  workload::LoopSpec loop;
  loop.placement = kRender;
  loop.work = fixed(us(100));
  loop.jobs_per_cycle = 2;
  loop.cycles = 3;
  loop.wait = {us(50), us(50)};
  const Recording recording = run_ideal(loop);
  CHECK(spans(recording) ==
        Texts{"rcs0 0-100", "rcs0 100-200", "rcs0 250-350", "rcs0 350-450", "rcs0 500-600", "rcs0 600-700"});
  CHECK(recording.finish() == at(us(750)));
  CHECK(recording.jobs().front().queue_name == "app.jobs");
}

TEST_CASE("loop, asynchronous: the client runs ahead, and waits for its last job") {
  workload::LoopSpec loop;
  loop.placement = kRender;
  loop.work = fixed(us(100));
  loop.cycles = 4;
  loop.sync = false;
  loop.wait = {us(10), us(10)};
  const Recording recording = run_ideal(loop);
  CHECK(submits(recording) == Texts{"0", "10", "20", "30"});
  CHECK(spans(recording) == Texts{"rcs0 0-100", "rcs0 100-200", "rcs0 200-300", "rcs0 300-400"});
  CHECK(recording.finish() == at(us(400)));
}

TEST_CASE("loop with a bound on jobs in flight submits when fewer are unfinished") {
  workload::LoopSpec loop;
  loop.placement = kRender;
  loop.work = fixed(us(100));
  loop.cycles = 5;
  loop.sync = false;
  loop.max_in_flight = 2;
  const Recording recording = run_ideal(loop);
  CHECK(submits(recording) == Texts{"0", "0", "100", "200", "300"});
  CHECK(recording.finish() == at(us(500)));
}

TEST_CASE("clones have queues, streams and starts of their own") {
  workload::LoopSpec loop;
  loop.placement = kVideo;
  loop.work = {us(10), us(100000)};
  loop.cycles = 8;
  const Recording recording = run_ideal(loop, 2);
  const std::vector<Job> jobs = recording.jobs();
  REQUIRE(jobs.size() == 16);
  std::vector<std::uint64_t> work[2];
  for (const Job& job : jobs) {
    CHECK(job.queue_name == "app." + std::to_string(job.client) + ".jobs");
    work[job.client].push_back(job.work_ps);
  }
  for (std::uint32_t clone = 0; clone < 2; ++clone) {
    Prng stream{1, "app." + std::to_string(clone) + ".work"};
    for (const std::uint64_t drawn : work[clone]) CHECK(drawn == stream.uniform(10'000'000, 100'000'000'000));
  }
}

// --- Poisson ---------------------------------------------------------------------------------------------------------

TEST_CASE("poisson: jobs arrive as the stream says, whether or not earlier ones are done") {
  workload::PoissonSpec poisson;
  poisson.placement = kRender;
  poisson.work = fixed(us(100));
  poisson.mean_interval = us(20);
  poisson.jobs = 50;
  const Recording recording = run_ideal(poisson);
  const std::vector<Job> jobs = recording.jobs();
  REQUIRE(jobs.size() == 50);
  Prng stream{1, "app.0.arrivals"};
  SimTime arrival{};
  SimTime free{};
  for (const Job& job : jobs) {
    arrival += stream.exponential(us(20));
    CHECK(job.submitted == arrival);
    CHECK(*job.start == std::max(arrival, free));
    free = *job.end;
  }
  CHECK(recording.finish() == free);
}

// --- pipeline --------------------------------------------------------------------------------------------------------

TEST_CASE("pipeline: the next frame's upload overlaps, within the bound on frames") {
  workload::PipelineSpec pipeline;
  pipeline.copy = kCopy;
  pipeline.compute = kRender;
  pipeline.upload = fixed(us(100));
  pipeline.kernel = fixed(us(300));
  pipeline.readback = fixed(us(50));
  pipeline.frames = 3;

  SECTION("one frame in flight: nothing overlaps") {
    pipeline.frames_in_flight = 1;
    const Recording recording = run_ideal(pipeline);
    CHECK(spans(recording) == Texts{"bcs0 0-100", "rcs0 100-400", "bcs0 400-450", "bcs0 450-550", "rcs0 550-850",
                                    "bcs0 850-900", "bcs0 900-1000", "rcs0 1000-1300", "bcs0 1300-1350"});
    CHECK(recording.finish() == at(us(1350)));
  }
  SECTION("two frames: the third is uploaded when the first has been read back") {
    const Recording recording = run_ideal(pipeline);
    CHECK(spans(recording) == Texts{"bcs0 0-100", "rcs0 100-400", "bcs0 400-450", "bcs0 100-200", "rcs0 400-700",
                                    "bcs0 700-750", "bcs0 450-550", "rcs0 700-1000", "bcs0 1000-1050"});
    CHECK(recording.finish() == at(us(1050)));
  }
}

// --- fan -------------------------------------------------------------------------------------------------------------

TEST_CASE("fan: branches after the source, the sink after all branches, the next round after the sink") {
  workload::FanSpec fan;
  fan.ends = kRender;
  fan.middle = kVideo;
  fan.source = fixed(us(100));
  fan.branch = fixed(us(200));
  fan.sink = fixed(us(50));
  fan.width = 3;
  fan.rounds = 2;
  const Recording recording = run_ideal(fan);
  const std::vector<Job> jobs = recording.jobs();
  REQUIRE(jobs.size() == 10);
  for (std::size_t round = 0; round < 2; ++round) {
    const SimTime begin = at(us(static_cast<std::int64_t>(550 * round)));
    const Job* job = &jobs[5 * round];
    CHECK(*job[0].start == begin);
    for (std::size_t branch = 1; branch <= 3; ++branch) {
      CHECK(job[branch].queue_name == "app.branch" + std::to_string(branch - 1));
      CHECK(job[branch].submitted == begin);
      CHECK(*job[branch].start >= begin + us(100));
    }
    CHECK(job[4].submitted == begin);
    CHECK(*job[4].start == begin + us(500));  // three branches on two engines
  }
  CHECK(recording.finish() == at(us(1100)));
}

// --- churn -----------------------------------------------------------------------------------------------------------

namespace {
workload::ChurnSpec churn_of(std::uint64_t cycles, Picoseconds hold) {
  workload::ChurnSpec churn;
  churn.placement = kRender;
  churn.work = fixed(us(100));
  churn.cycles = cycles;
  churn.hold = hold;
  return churn;
}
}  // namespace

TEST_CASE("churn: each cycle has a queue of its own, held and then closed") {
  workload::ChurnSpec churn = churn_of(3, us(50));
  churn.jobs_per_cycle = 2;
  const Recording recording = run_ideal(churn);
  CHECK(spans(recording) ==
        Texts{"rcs0 0-100", "rcs0 100-200", "rcs0 250-350", "rcs0 350-450", "rcs0 500-600", "rcs0 600-700"});
  CHECK(recording.jobs().front().queue_name == "app.q0");
  CHECK(recording.jobs().back().queue_name == "app.q2");
  CHECK(recording.finish() == at(us(750)));
  CHECK(recording.of_kind(trace::EventKind::queue_close).size() == 3);
  CHECK(recording.of_kind(trace::EventKind::queue_closed).size() == 3);
  CHECK(recording.of_kind(trace::EventKind::queue_destroyed).size() == 3);
}

TEST_CASE("churn, asynchronous: queues are closed with jobs in flight, which run all the same") {
  workload::ChurnSpec churn = churn_of(3, us(10));
  churn.sync = false;
  const Recording recording = run_ideal(churn);
  CHECK(submits(recording) == Texts{"0", "10", "20"});
  CHECK(recording.finish() == at(us(30)));
  CHECK(recording.of_kind(trace::EventKind::job_end).size() == 3);
  CHECK(recording.of_kind(trace::EventKind::queue_destroyed).size() == 3);
}

TEST_CASE("churn: a client that tries again loses no cycle") {
  scenario::ScenarioSpec spec = ideal_scenario();
  workload::ChurnSpec churn = churn_of(2, us(300));
  churn.retry = us(70);
  spec.device.descriptor.max_queues = 1;
  spec.device.firmware.message_long.value = us(100);
  spec.clients = {client("app", churn)};
  const Recording recording = run(spec);
  // Registered at 100, run until 200, closed at 500, disabled at 600, gone at 700: refused at 500, 570 and 640.
  CHECK(recording.of_kind(trace::EventKind::queue_create_failed).size() == 3);
  // The second time from 710 on.
  CHECK(spans(recording) == Texts{"rcs0 100-200", "rcs0 810-910"});
  CHECK(recording.finish() == at(us(1210)));
}

TEST_CASE("churn: a cycle that finds no free id is lost, and the client goes on") {
  scenario::ScenarioSpec spec = ideal_scenario();
  spec.device.descriptor.max_queues = 1;
  spec.clients = {client("app", churn_of(2, us(300)), 2)};  // the second one never gets an id while the first has it
  const Recording recording = run(spec);
  CHECK_FALSE(recording.of_kind(trace::EventKind::queue_create_failed).empty());
  CHECK_FALSE(recording.jobs().empty());
  (void)recording.finish();  // none of them gave up
}
