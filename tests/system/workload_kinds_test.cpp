// SPDX-License-Identifier: MIT
// Every kind of client on an ideal machine, where times can be worked out by hand, and our own descriptors against the
// times that their comments promise.
#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/prng.h"
#include "tests/support/catch.h"
#include "tests/support/scenarios.h"

using namespace gpusim;
using namespace gpusim::test;
using trace::EventKind;

namespace {

constexpr workload::EngineChoice kRender{abi::EngineClass::render, -1};
constexpr workload::EngineChoice kCopy{abi::EngineClass::copy, -1};
constexpr workload::EngineChoice kVideo{abi::EngineClass::video, -1};

constexpr workload::Work fixed(Picoseconds time) { return {time, time}; }

Recording run_ideal(workload::WorkloadSpec workload, std::uint32_t clones = 1) {
  scenario::ScenarioSpec spec = ideal_scenario();
  spec.clients.push_back(client("app", std::move(workload), clones));
  Recording recording = run(spec);
  INFO(recording.result.stall_report);
  REQUIRE(recording.result.outcome == system::Outcome::finished);
  return recording;
}

Recording run_own(const std::string& file, std::uint64_t repeats, std::uint32_t clones = 1) {
  return run_ideal(wsim_workload(read_text(own_workloads() + "/" + file), repeats), clones);
}

std::string us_of(SimTime time) {
  const std::int64_t rest = to_ps(time) % 1'000'000;
  return std::to_string(to_ps(time) / 1'000'000) + (rest == 0 ? "" : "+" + std::to_string(rest) + "ps");
}

// "rcs0 0-1000", in order of submission.
std::vector<std::string> spans(const Recording& recording) {
  std::vector<std::string> texts;
  for (const Job& job : recording.jobs()) texts.push_back(job.engine + " " + us_of(*job.start) + "-" + us_of(*job.end));
  return texts;
}

std::vector<std::string> submits(const Recording& recording) {
  std::vector<std::string> texts;
  for (const Job& job : recording.jobs()) texts.push_back(us_of(job.submitted));
  return texts;
}

using Texts = std::vector<std::string>;

}  // namespace

// --- loop ------------------------------------------------------------------------------------------------------------

TEST_CASE("loop, synchronous: cycles of work and pause") {
  workload::LoopSpec loop;
  loop.placement = kRender;
  loop.work = fixed(us(100));
  loop.jobs_per_cycle = 2;
  loop.cycles = 3;
  loop.wait = us(50);
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
  loop.wait = us(10);
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

// --- our own descriptors ---------------------------------------------------------------------------------------------

TEST_CASE("descriptors keep the times of their comments on an ideal machine") {
  struct Row {
    std::string file;
    std::uint64_t repeats;
    Texts expected;
    std::int64_t finish_us;
  };
  const std::vector<Row> rows{
      {"data-dependencies.wsim",
       2,
       {"rcs0 0-1000", "vecs0 1000-4000", "bcs0 1000-1500", "rcs0 4000-5000", "vecs0 5000-8000", "bcs0 5000-5500"},
       8000},
      {"delay-and-period.wsim",
       3,
       {"rcs0 0-1000", "rcs0 1500-2500", "rcs0 4000-5000", "rcs0 5500-6500", "rcs0 8000-9000", "rcs0 9500-10500"},
       12000},
      {"engine-map.wsim", 1, {"vcs0 0-1000", "vcs1 0-700", "bcs0 0-300"}, 1000},
      {"fence-dependencies.wsim",
       2,
       {"rcs0 0-1000", "vecs0 1000-4000", "bcs0 1000-1500", "rcs0 1000-2000", "vecs0 4000-7000", "bcs0 2000-2500"},
       7000},
      {"infinite-batch.wsim", 2, {"rcs0 0-2500", "rcs0 2500-3500", "rcs0 3500-6000", "rcs0 6000-7000"}, 7000},
      {"missed-period.wsim", 3, {"bcs0 0-1500", "bcs0 1500-3000", "bcs0 3000-4500"}, 4500},
      {"preemption-control.wsim", 1, {"rcs0 0-3000", "rcs0 3000-4000", "rcs0 4000-8000", "rcs0 4500-5500"}, 8000},
      {"priorities.wsim", 1, {"rcs0 0-1000", "rcs0 2000-2500", "rcs0 1500-2000", "rcs0 1000-1500"}, 2500},
      {"queue-depth.wsim",
       1,
       {"bcs0 0-1000", "bcs0 1000-2000", "bcs0 2000-3000", "bcs0 3000-4000", "bcs0 4000-5000", "bcs0 5000-6000"},
       6000},
      {"software-fence.wsim", 1, {"rcs0 0-800", "vcs0 800-1800", "vcs1 800-2000"}, 2000},
      {"submit-fence.wsim", 1, {"rcs0 0-500", "rcs0 500-2500", "vecs0 500-1500"}, 2500},
      {"sync.wsim", 1, {"rcs0 0-2000", "bcs0 0-500", "vecs0 600-700"}, 2000},
      {"throttle.wsim",
       2,
       {"vecs0 0-1000", "vecs0 1000-2000", "vecs0 2000-3000", "vecs0 3000-4000", "vecs0 4000-5000", "vecs0 5000-6000",
        "vecs0 6000-7000", "vecs0 7000-8000"},
       8000},
      {"working-set-private.wsim",
       1,
       {"rcs0 0-1000", "vcs0 1000-1400", "vcs1 1000-1600", "bcs0 1600-1900", "vecs0 1000-1200"},
       1900},
      {"working-set-shared.wsim", 1, {"rcs0 0-500", "bcs0 500-1000"}, 1000},
  };
  for (const Row& row : rows) {
    INFO(row.file);
    const Recording recording = run_own(row.file, row.repeats);
    CHECK(spans(recording) == row.expected);
    CHECK(us_of(recording.finish()) == std::to_string(row.finish_us));
  }
}

TEST_CASE("balance: contexts spread over the engines, one context's batches do not") {
  const Recording recording = run_own("balance.wsim", 1);
  const std::vector<Job> jobs = recording.jobs();
  REQUIRE(jobs.size() == 4);
  for (const std::size_t job : {0U, 1U}) CHECK(*jobs[job].start == at(us(0)));
  for (const std::size_t job : {2U, 3U}) CHECK(*jobs[job].start == at(us(1000)));
  CHECK(jobs[0].engine != jobs[1].engine);
  CHECK(jobs[2].engine != jobs[3].engine);
  CHECK(recording.finish() == at(us(2000)));
}

TEST_CASE("accepted and not modelled: slices, address spaces and bonds change nothing") {
  const std::string text =
      "S.1.1,S.2.-1,V.1,v.1.1,M.1.VCS1|VCS2,B.1,M.2.VCS,B.2,b.2.VCS1.RCS,b.2.VCS2.VECS,"
      "1.DEFAULT.1000.0.0,2.DEFAULT.1000.s-1.0,s.-2,s.-2";
  const Recording recording = run_ideal(wsim_workload(text, 1));
  for (const Job& job : recording.jobs()) CHECK(us_of(*job.start) == "0");
  CHECK(us_of(recording.finish()) == "1000");
}

TEST_CASE("duration range: no gaps, other times in each loop") {
  const Recording recording = run_own("duration-range.wsim", 4);
  const std::vector<Job> jobs = recording.jobs();
  REQUIRE(jobs.size() == 12);
  SimTime end{};
  std::vector<Picoseconds> loops;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    CHECK(*jobs[i].start == end);
    CHECK(*jobs[i].end - *jobs[i].start == ps(static_cast<std::int64_t>(jobs[i].work_ps)));
    end = *jobs[i].end;
    if (i % 3 == 2) loops.push_back(end - *jobs[i - 2].start);
  }
  for (const Picoseconds loop : loops) {
    CHECK(loop >= us(1100));
    CHECK(loop <= us(2500));
  }
  std::sort(loops.begin(), loops.end());
  CHECK(std::unique(loops.begin(), loops.end()) == loops.end());
  CHECK(run_own("duration-range.wsim", 4).hash == recording.hash);
}

TEST_CASE("missed periods are told with their lateness, kept ones are not") {
  const std::vector<trace::Event> missed = run_own("missed-period.wsim", 3).of_kind(EventKind::client_period_missed);
  REQUIRE(missed.size() == 3);
  for (const trace::Event& event : missed) CHECK(ps(static_cast<std::int64_t>(event.b)) == us(500));
  CHECK(run_own("delay-and-period.wsim", 3).of_kind(EventKind::client_period_missed).empty());
  const workload::WsimSpec just_in_time = wsim_workload("1.BCS.1000.0.1,p.1000", 3);
  CHECK(run_ideal(just_in_time).of_kind(EventKind::client_period_missed).empty());
}

TEST_CASE("preemption control: the second low batch gives way and goes on") {
  const Recording recording = run_own("preemption-control.wsim", 1);
  const std::vector<trace::Event> preempted = recording.of_kind(EventKind::job_preempted);
  const std::vector<trace::Event> resumed = recording.of_kind(EventKind::job_resumed);
  REQUIRE(preempted.size() == 1);
  REQUIRE(resumed.size() == 1);
  CHECK(preempted[0].time == at(us(4500)));
  CHECK(resumed[0].time == at(us(5500)));
  CHECK(preempted[0].job == recording.jobs()[2].id);
}

TEST_CASE("queue depth and throttle hold submits back") {
  CHECK(submits(run_own("queue-depth.wsim", 1)) == Texts{"0", "0", "0", "1000", "2000", "3000"});
  // A step stands in the list once: with two steps a depth of two never waits.
  CHECK(submits(run_ideal(wsim_workload("q.2,1.BCS.1000.0.0,1.BCS.1000.0.0", 3))) == Texts(6, "0"));
  CHECK(submits(run_own("throttle.wsim", 2)) == Texts{"0", "0", "1000", "2000", "4000", "4000", "5000", "6000"});
}

TEST_CASE("two clones meet at a shared set and end when the comment says") {
  const Recording recording = run_own("working-set-shared.wsim", 1, 2);
  CHECK(recording.jobs().size() == 4);
  CHECK(us_of(recording.finish()) == "2000");
}
