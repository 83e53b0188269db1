// SPDX-License-Identifier: MIT
// Gangs on rings that clients share: who is handed over when, whom that holds up, and what a reset or a kill does to
// them. Each case has a machine in which one ring is full for a known time, so that times are about these.
#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/system/simulation.h"
#include "tests/support/catch.h"
#include "tests/support/machine/finding.h"
#include "tests/support/machine/outcome.h"

using namespace gpusim;
using test::Job;
using test::Outcome;
using test::run_to_end;

namespace {

using Errors = std::vector<Errno>;

const std::string kMachine = "use = { driver = \"amdgpu_ring\" }\n[device.engines.ccs]\ncount = 1\n";

std::string steps(const std::string& name, std::int64_t start_us, const std::string& program) {
  return "[[client]]\nname = \"" + name + "\"\nworkload = \"steps\"\nstart_us = " + std::to_string(start_us) +
         "\nprogram = \"\"\"\n" + program + "\n\"\"\"\n";
}

/// Three jobs of 10 ms: of two that are in the ring one ends at 10 ms, the other at 20 ms, the last at 30 ms.
std::string hog(const std::string& engine) {
  const std::string job = "submit " + engine + " 10000\n";
  return steps("hog", 0, job + job + job);
}

Outcome run_gangs(const std::string& text, const std::vector<std::string>& sets = {}) {
  return run_to_end(kMachine + text, "drm_sched", sets);
}

scenario::ScenarioSpec gang_spec(const std::string& text) { return test::spec_of(kMachine + text); }

/// When execution of the jobs of each queue began, in whole ms; in the order of submission. The host and the device
/// take less than half a ms.
std::map<std::string, std::vector<std::int64_t>> starts(const Outcome& outcome) {
  std::map<std::string, std::vector<std::int64_t>> found;
  for (const Job& job : outcome.recording.jobs()) {
    if (job.start) found[job.queue_name].push_back(job.start->time_since_epoch() / ms(1));
  }
  return found;
}
using Begins = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("gang: the leader goes to its ring when all the others have been handed to theirs, not when they end",
          "[gang]") {
  // The compute ring has room for the member at 20 ms, and executes it at 30 ms.
  auto gang = starts(run_gangs(hog("ccs") + steps("app", 1000, "gang ccs 1000 rcs 1000")));
  CHECK(gang["app.rcs"] == Begins{20});
  CHECK(gang["app.ccs"] == Begins{30});
  // Three of them, led by the one on the full ring: the others need not wait.
  auto led = starts(run_gangs(hog("ccs") + steps("app", 1000, "gang rcs 1000 bcs 1000 ccs 1000")));
  CHECK(led["app.rcs"] == Begins{1});
  CHECK(led["app.bcs"] == Begins{1});
  CHECK(led["app.ccs"] == Begins{30});
  // In two execs neither waits.
  auto apart = starts(run_gangs(hog("ccs") + steps("app", 1000, "submit ccs 1000\nsubmit rcs 1000")));
  CHECK(apart["app.rcs"] == Begins{1});
}

TEST_CASE("gang: one at a time goes to the rings: another waits until the leader is scheduled, jobs of none go between",
          "[gang]") {
  const std::string text = hog("rcs") + steps("game", 1000, "gang ccs 1000 rcs 1000") +
                           steps("benchmark", 2000, "gang ccs 1000 rcs 1000") + steps("other", 3000, "submit ccs 500");
  const Outcome outcome = run_gangs(text);
  auto found = starts(outcome);
  CHECK(found["game.ccs"] == Begins{1});
  CHECK(found["game.rcs"] == Begins{30});
  CHECK(found["other.ccs"] == Begins{3});
  // Free from 3.5 ms on, the compute ring gets the second gang's job when the first one's leader has found room in the
  // graphics ring; that this is executed later makes no difference.
  CHECK(found["benchmark.ccs"] == Begins{20});
  CHECK(found["benchmark.rcs"] == Begins{31});
  CHECK(outcome.failed() == 0);

  const auto submits = outcome.recording.all<trace::gang_submit>();
  REQUIRE(submits.size() == 4);
  CHECK(submits[0].leader == submits[1].job);
  CHECK(submits[2].leader == submits[3].job);
  const auto waits = outcome.recording.all<trace::gang_wait>();
  REQUIRE(waits.size() == 1);
  CHECK(waits[0].job == submits[2].job);
  CHECK(waits[0].context == submits[1].context);
  CHECK(waits[0].seqno == submits[1].seqno);
  const auto switches = outcome.recording.all<trace::gang_switch>();
  REQUIRE(switches.size() == 2);
  CHECK(switches[0].job == submits[0].job);
  CHECK(switches[0].leader == submits[1].job);
  CHECK(switches[1].job == submits[2].job);
  CHECK(switches[1].leader == submits[3].job);
}

TEST_CASE("gang: the wait for another gang is a cause of its own, and of all jobs behind", "[gang]") {
  const auto lives = test::lives_of(gang_spec(hog("rcs") + steps("game", 1000, "gang ccs 1000 rcs 1000") +
                                              steps("benchmark", 2000, "gang ccs 1000 rcs 1000\nsubmit ccs 100")));
  std::map<std::uint64_t, std::int64_t> whole_ms;
  for (const trace::JobLife& life : lives) whole_ms[life.job] = life[trace::Cause::gang] / ms(1);
  REQUIRE(whole_ms.size() == 8);
  // Jobs 1 to 3 are the hog's, 4 and 5 the game's. From 2 ms to 20 ms, a bit more.
  CHECK(whole_ms[4] == 0);
  CHECK(whole_ms[5] == 0);
  CHECK(whole_ms[6] == 18);
  CHECK(whole_ms[7] == 0);  // the leader waits for the others of its gang
  CHECK(whole_ms[8] == 18);
}

TEST_CASE("gang: all its jobs wait for what the exec waits for", "[gang]") {
  const std::string share = "[share]\nbuffers = \"b\"\ntimelines = \"t\"\n";
  const auto found = [&](const std::string& uses) {
    return starts(run_gangs(share + steps("first", 0, "submit vecs 5000 write b signal t:1") +
                            steps("app", 1000, "gang ccs 1000 bcs 1000 rcs 1000 " + uses)));
  };
  auto free = found("bookkeep b");
  auto buffer = found("read b");
  auto point = found("after t:1");
  for (const char* queue : {"app.ccs", "app.bcs", "app.rcs"}) {
    CHECK(free[queue] == Begins{1});
    CHECK(buffer[queue] == Begins{5});
    CHECK(point[queue] == Begins{5});
  }
}

TEST_CASE("gang: points and writes of buffers are its leader's, the others are kept as readers", "[gang]") {
  auto found = starts(run_gangs(
      "[share]\nbuffers = \"b\"\ntimelines = \"t\"\n" + steps("app", 0, "gang bcs 10000 rcs 3000 write b signal t:1") +
      steps("reader", 1000, "submit vecs 100 read b") + steps("writer", 1000, "submit vcs0 100 write b") +
      steps("waiter", 1000, "wait t:1\nsubmit ccs 100")));
  CHECK(found["reader.vecs"] == Begins{3});
  CHECK(found["waiter.ccs"] == Begins{3});
  CHECK(found["writer.vcs0"] == Begins{10});
}

TEST_CASE("gang: where jobs run again after a reset, those of a gang that were in the rings end with -ECANCELED",
          "[gang]") {
  const std::string text =
      steps("app", 0, "gang ccs 30000 rcs 30000\ngang ccs 1000 rcs 1000") + steps("other", 0, "submit vcs0 30000");
  const Outcome outcome = run_to_end("[device.engines.ccs]\ncount = 1\n[use]\ndriver = \"v3d\"\n" + text, "drm_sched",
                                     {"fault.reset_ms=1"});
  CHECK(outcome.count<trace::device_reset_begin>() == 1);
  CHECK(outcome.errors.at("app") == Errors{Errno::canceled, Errno::canceled, Errno::ok, Errno::ok});
  CHECK(outcome.errors.at("other") == Errors{Errno::ok});
  CHECK(outcome.count<trace::ring_write>() == 6);  // three, the other client's again, the second gang
}

TEST_CASE("gang: a job that does not run again ends after those of its queue that do", "[gang]") {
  // Two credits, so that both jobs of the queue are in the ring when the device is reset.
  const Outcome outcome = run_gangs(steps("app", 0, "submit rcs 30000\ngang ccs 30000 rcs 30000"),
                                    {"driver.stop_way=resubmit", "fault.reset_ms=1"});
  const auto submits = outcome.recording.all<trace::gang_submit>();
  REQUIRE(submits.size() == 2);
  // Job 1 runs for 30 ms from the reset on, as if nothing had been.
  std::map<std::uint64_t, std::int64_t> ends;
  for (const auto& event : outcome.recording.all<trace::dma_fence_signaled>()) {
    if (event.job != JobId{}) ends[event.job.value()] = event.time.time_since_epoch() / ms(1);
  }
  CHECK(ends[submits[0].job.value()] < 30);
  CHECK(ends[submits[1].job.value()] > 30);
  CHECK(outcome.errors.at("app") == Errors{Errno::canceled, Errno::ok, Errno::canceled});
}

TEST_CASE("gang: a job of a context that is lost ends with its error and takes no turn, the others run", "[gang]") {
  const Outcome outcome =
      run_gangs("[fault]\nhung_job = 1\n" + steps("app", 0, "submit ccs 1000\nsubmit ccs 1000\ngang ccs 1000 rcs 1000"),
                {"driver.soft_recovery_ms=0"});
  Errors errors = outcome.errors.at("app");
  CHECK(errors == Errors{Errno::time, Errno::canceled, Errno::canceled, Errno::ok});
  const auto submits = outcome.recording.all<trace::gang_submit>();
  const auto switches = outcome.recording.all<trace::gang_switch>();
  REQUIRE(submits.size() == 2);
  REQUIRE(switches.size() == 1);
  CHECK(switches[0].job == submits[1].job);
}

TEST_CASE("gang: when its client is killed, its turn ends and the next gang goes on", "[gang]") {
  // The graphics ring has no room for as long as the queues of a killed process have for what is in them, a second.
  const std::string job = "submit rcs 1500000\n";
  const Outcome outcome = run_gangs(
      "[fault]\nkill_client = \"game\"\nkill_us = 15000\n" + steps("hog", 0, job + job + job) +
      steps("game", 1000, "gang ccs 1000 rcs 1000\nsleep 100000") + steps("benchmark", 2000, "gang ccs 1000 rcs 1000"));
  CHECK(outcome.errors.at("game") == Errors{Errno::ok, Errno::srch});
  auto found = starts(outcome);
  REQUIRE(found["benchmark.ccs"].size() == 1);
  CHECK(found["benchmark.ccs"][0] >= 1015);
  CHECK(found["benchmark.ccs"][0] <= 1025);
}

TEST_CASE("gang: gangs of one client on different rings may wait for each other for ever, and the report says so",
          "[gang]") {
  // The first waits for room in the compute ring and has not asked for its turn; the second takes it, and its leader is
  // behind the first one's.
  const std::string app = "gang ccs 1000 rcs 1000\ngang vcs0 1000 rcs 1000";
  const test::Finding finding = test::find_in(gang_spec(hog("ccs") + steps("app", 1000, app)));
  CHECK(finding.outcome == system::Outcome::stalled);
  CHECK(finding.oracle.empty());
  CAPTURE(finding.text);
  CHECK(finding.text.find("client app waits for fence") != std::string::npos);
  CHECK(finding.text.find("of queue app.rcs: job 5 waits for a dependency") != std::string::npos);
  CHECK(finding.text.find("of queue app.ccs: job 4 waits for a dependency") != std::string::npos);
  CHECK(finding.text.find(", which closes the cycle") != std::string::npos);
  // On the same queues, whoever leads, there is an order.
  CHECK(run_gangs(hog("ccs") + steps("app", 1000, "gang ccs 1000 rcs 1000\ngang rcs 1000 ccs 1000")).failed() == 0);
}

TEST_CASE("gang: in two execs, jobs that wait for each other on their engines hang when two clients do so", "[gang]") {
  // Each client has a batch that ends only when its second one, on the other ring, is done. Each second one is behind
  // the other client's first one.
  const auto wsim = [](const std::string& name, const std::string& first, const std::string& second) {
    return test::client_text(name, "wsim", "program = \"1." + first + ".*.0.0,d.100,2." + second + ".500.0.1,T.-3\"\n");
  };
  const std::string a = wsim("a", "RCS", "CCS");
  const std::string b = wsim("b", "CCS", "RCS");
  CHECK(run_gangs(a).failed() == 0);
  const Outcome outcome = run_gangs(a + b);
  CHECK(outcome.failed() == 2);  // each ring has a head that times out
  CHECK(outcome.count<trace::work_killed>() == 2);
}
