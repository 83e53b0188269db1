// SPDX-License-Identifier: MIT
// Our own descriptors keep the times that their comments promise, on an ideal machine.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/machine/scenarios.h"

using namespace gpusim;
using namespace gpusim::test;
using trace::EventKind;

namespace {

Recording run_own(const std::string& file, std::uint64_t repeats, std::uint32_t clones = 1) {
  return run_ideal(wsim_workload(read_text(own_workloads() + "/" + file), repeats), clones);
}

}  // namespace

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
  const auto missed = run_own("missed-period.wsim", 3).all<trace::client_period_missed>();
  REQUIRE(missed.size() == 3);
  for (const auto& event : missed) CHECK(event.late == us(500));
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
