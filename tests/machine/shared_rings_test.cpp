// SPDX-License-Identifier: MIT
// Rings that all clients share, before each engine a scheduler of drm_sched: who is served, and whom a hung job costs
// what, under amdgpu's ladder and under karma with resubmission.
#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/machine/outcome.h"

using namespace gpusim;
using sched::TimeoutVerdict;
using test::client_text;
using test::loop_text;
using test::Outcome;
using test::run_to_end;

namespace {

using Errors = std::vector<Errno>;

std::string ring(const std::string& driver) { return "use = { driver = \"" + driver + "\" }\n"; }

// Two jobs in one go, of which the first is endless, and a client beside it with 20 in turn.
const std::string kEndless =
    "[[client]]\nname = \"endless\"\nworkload = \"wsim\"\nprogram = \"1.RCS.*.0.0,1.RCS.1000.0.1\"\n" +
    loop_text("other", "work_us = 200\ncycles = 20\nstart_us = 500\n");

Outcome run_on_shared_rings(const std::string& driver, const std::string& text,
                            const std::vector<std::string>& sets = {}) {
  return run_to_end(ring(driver) + text, "drm_sched", sets);
}

/// Jobs of each client in the order in which engines began them, one letter each.
std::string order_of_begins(const Outcome& outcome) {
  std::map<JobId, char> letters;
  for (const auto& event : outcome.recording.all<trace::exec_begin>()) {
    letters[event.job] = outcome.recording.names.clients.at(event.client.value()).front();
  }
  std::string text;
  for (const auto& event : outcome.recording.all<trace::job_start>()) text += letters.at(event.job);
  return text;
}

}  // namespace

TEST_CASE("shared rings: the ring is one queue of the device, and clients are entities before it", "[rings]") {
  const std::string driver = GENERATE("amdgpu_ring", "v3d");
  CAPTURE(driver);
  const Outcome outcome =
      run_on_shared_rings(driver, loop_text("app", "clones = 3\nwork_us = 500\njobs_per_cycle = 4\ncycles = 5\n"));
  CHECK(outcome.errors.at("app") == Errors(60, Errno::ok));
  CHECK(outcome.count<trace::queue_create>() == 3);
  CHECK(outcome.count<trace::queue_destroyed>() == 3);
  CHECK(outcome.count<trace::queue_registered>() == 1);  // the ring, once; nothing is ever switched
  CHECK(outcome.count<trace::context_restore_begin>() == 1);
  CHECK(outcome.count<trace::job_preempted>() == 0);
}

TEST_CASE("shared rings: FIFO serves by time of submission, RR in turn, and credits bound what is beyond recall",
          "[rings]") {
  // "a" has 4 jobs in its queue when "b" comes with 2. Two are in the ring.
  const std::string text = loop_text("a", "work_us = 500\njobs_per_cycle = 4\ncycles = 1\n") +
                           loop_text("b", "work_us = 500\njobs_per_cycle = 2\ncycles = 1\nstart_us = 100\n");
  CHECK(order_of_begins(run_on_shared_rings("amdgpu_ring", text, {"scheduler.policy=fifo"})) == "aaaabb");
  CHECK(order_of_begins(run_on_shared_rings("amdgpu_ring", text,
                                            {"scheduler.policy=rr", "scheduler.kernel=linux_6_18"})) == "aababa");
  CHECK(order_of_begins(run_on_shared_rings("v3d", text, {"scheduler.policy=rr", "scheduler.kernel=linux_6_18"})) ==
        "ababaa");
  // A higher level goes before all that have credits to wait for.
  CHECK(order_of_begins(run_on_shared_rings(
            "amdgpu_ring", loop_text("a", "work_us = 500\njobs_per_cycle = 4\ncycles = 1\npriority = 1\n") +
                               loop_text("b",
                                         "work_us = 500\njobs_per_cycle = 2\ncycles = 1\nstart_us = 100\n"
                                         "priority = 0\n"))) == "aabbaa");
}

TEST_CASE("amdgpu's ladder: soft recovery ends the job alone, a ring reset costs its context, a device reset all",
          "[rings]") {
  const Outcome soft = run_on_shared_rings("amdgpu_ring", kEndless);
  CHECK(soft.errors.at("endless") == Errors{Errno::nodata, Errno::ok});  // the other was in the ring
  CHECK(soft.errors.at("other") == Errors(20, Errno::ok));
  CHECK(soft.count<trace::work_killed>() == 1);
  CHECK(soft.count<trace::engine_reset>() == 0);
  CHECK(soft.verdicts() == std::vector{TimeoutVerdict::no_hang});

  // The ring holds the endless job and one of either client, and is written anew without those of the context.
  const std::vector<std::string> hard{"driver.soft_recovery_ms=0"};
  const Outcome ring_reset = run_on_shared_rings("amdgpu_ring", kEndless, hard);
  CHECK(ring_reset.errors.at("endless") == Errors{Errno::time, Errno::canceled});
  CHECK(ring_reset.errors.at("other") == Errors(20, Errno::ok));
  CHECK(ring_reset.count<trace::engine_reset>() == 1);
  CHECK(ring_reset.count<trace::device_reset_begin>() == 0);
  CHECK(ring_reset.verdicts() == std::vector{TimeoutVerdict::no_hang});

  // All that is in rings is lost, and with it each context that had something there.
  const Outcome device = run_on_shared_rings("amdgpu_ring", kEndless, {hard[0], "driver.ring_reset=false"});
  CHECK(device.errors.at("endless") == Errors{Errno::time, Errno::canceled});
  CHECK(device.count<trace::device_reset_begin>() == 1);
  CHECK(device.verdicts() == std::vector{TimeoutVerdict::no_hang});
}

TEST_CASE("amdgpu: soft recovery has 10 ms, busily, what hangs goes on to the ring's reset", "[rings]") {
  const Outcome outcome =
      run_on_shared_rings("amdgpu_ring", "[fault]\nhung_job = 1\n" + loop_text("a", "work_us = 100\ncycles = 1\n"));
  CHECK(outcome.errors.at("a") == Errors{Errno::time});
  const SimTime began = outcome.recording.all<trace::job_timedout>().at(0).time;
  const SimTime reset = outcome.recording.all<trace::engine_reset>().at(0).time;
  CHECK(reset > began + ms(10));
  CHECK(reset < began + ms(11));
  CHECK(outcome.count<trace::work_killed>() == 0);
}

TEST_CASE("amdgpu: soft recovery ends no other job, and leaves no job that it has ended without an error", "[rings]") {
  const std::string text = "[[client]]\nname = \"endless\"\nworkload = \"wsim\"\nprogram = \"1.RCS.*.0.1\"\n" +
                           loop_text("other", "work_us = 5000\ncycles = 1\nstart_us = 500\n");
  const std::string seed = GENERATE("1", "14", "28", "41");
  const std::string lost = GENERATE("0", "1");
  CAPTURE(seed, lost);
  // With the interrupt lost the handler does not see for 10 ms that the job has ended.
  const Outcome outcome = run_on_shared_rings("amdgpu_ring", text, {"seed=" + seed, "fault.lost_interrupt=" + lost});
  CHECK(outcome.errors.at("endless") == Errors{Errno::nodata});
  CHECK(outcome.errors.at("other") == Errors{Errno::ok});
  CHECK(outcome.count<trace::work_killed>() == 1);
}

TEST_CASE("amdgpu: a context whose last job failed is lost, also if that was recovered softly", "[rings]") {
  // Three batches of one client, each waited for.
  const std::string text =
      "[[client]]\nname = \"app\"\nworkload = \"wsim\"\nprogram = \"1.RCS.*.0.1,1.RCS.100.0.1,1.RCS.100.0.1\"\n";
  CHECK(run_on_shared_rings("amdgpu_ring", text, {"driver.soft_recovery_ms=0"}).errors.at("app").front() ==
        Errno::time);
  const Outcome soft = run_on_shared_rings("amdgpu_ring", text);
  CHECK(soft.errors.at("app") == Errors(3, Errno::nodata));
  CHECK(soft.count<trace::ring_write>() == 1);
  // In one go, so that they are queued before the first fails.
  const std::string queued =
      "[[client]]\nname = \"app\"\nworkload = \"wsim\"\nprogram = \"1.RCS.*.0.0,1.RCS.100.0.0,1.RCS.100.0.0,"
      "1.RCS.100.0.1\"\n";
  CHECK(run_on_shared_rings("amdgpu_ring", queued).errors.at("app") ==
        Errors{Errno::nodata, Errno::ok, Errno::ok, Errno::ok});  // of the second, in the ring, nobody takes an error
  // The second was in the ring; the others find the context's last error.
  const Outcome lost = run_on_shared_rings("amdgpu_ring", queued, {"driver.soft_recovery_ms=0"});
  CHECK(lost.errors.at("app") == Errors{Errno::time, Errno::canceled, Errno::canceled, Errno::canceled});
  CHECK(lost.count<trace::ring_write>() == 2);  // nothing is emitted for them
}

TEST_CASE("v3d: karma for who hangs, the rest of all rings runs again, and its context goes on", "[rings]") {
  const std::string text = kEndless +
                           "[[client]]\nname = \"video\"\nworkload = \"loop\"\nengine = \"vcs\"\n"
                           "work_us = 600000\ncycles = 1\n";
  const Outcome outcome = run_on_shared_rings("v3d", text);
  CHECK(outcome.errors.at("endless") == Errors{Errno::canceled, Errno::ok});
  CHECK(outcome.errors.at("other") == Errors(20, Errno::ok));
  CHECK(outcome.errors.at("video") == Errors{Errno::canceled});  // 600 ms are more than its 500
  CHECK(outcome.count<trace::device_reset_begin>() == 2);
  // A bystander that is on its engine when the device is reset begins anew.
  const Outcome again = run_on_shared_rings("v3d", text, {"client.video.work_ms=400"});
  CHECK(again.count<trace::device_reset_begin>() == 1);
}

TEST_CASE("lima: who has hung runs no further job, and may hang as often as its limit says", "[rings]") {
  // Of v3d the other job runs. Both are queued when the first one hangs.
  const Outcome guilty = run_on_shared_rings("v3d", kEndless, {"driver.guilty_entities=true"});
  CHECK(guilty.errors.at("endless") == Errors{Errno::canceled, Errno::canceled});
  CHECK(guilty.errors.at("other") == Errors(20, Errno::ok));
  CHECK(guilty.count<trace::device_reset_begin>() == 1);

  const Outcome thrice = run_on_shared_rings("v3d", kEndless, {"driver.hang_limit=2"});
  CHECK(thrice.errors.at("endless") == Errors{Errno::canceled, Errno::ok});
  CHECK(thrice.errors.at("other") == Errors(20, Errno::ok));
  CHECK(thrice.count<trace::device_reset_begin>() == 3);
}

TEST_CASE("shared rings: a device reset that somebody asks for", "[rings]") {
  const std::string text = loop_text("a", "work_us = 3000\njobs_per_cycle = 3\ncycles = 3\n");
  // Nobody is guilty: v3d loses nothing, amdgpu what is in the ring, and with it the context.
  CHECK(run_on_shared_rings("v3d", text, {"fault.reset_ms=10"}).failed() == 0);
  const Outcome amdgpu = run_on_shared_rings("amdgpu_ring", text, {"fault.reset_ms=10"});
  CHECK(amdgpu.errors.at("a").size() >= 6);
  CHECK(std::count(amdgpu.errors.at("a").begin(), amdgpu.errors.at("a").end(), Errno::ok) == 3);
}

TEST_CASE("shared rings: several of a class are balanced by what their schedulers have to do", "[rings]") {
  const std::string device = "[device.engines.ccs]\ncount = 4\n";
  std::string text = device;
  for (const char* name : {"a", "b", "c", "d"}) {
    text += "[[client]]\nname = \"" + std::string{name} +
            "\"\nworkload = \"loop\"\nengine = \"ccs\"\nwork_us = 1000\n"
            "jobs_per_cycle = 2\ncycles = 4\n";
  }
  const Outcome outcome = run_on_shared_rings("amdgpu_ring", text);
  CHECK(outcome.failed() == 0);
  std::map<std::uint64_t, int> jobs;
  for (const auto& start : outcome.recording.all<trace::job_start>()) ++jobs[start.engine];
  REQUIRE(jobs.size() == 4);
  for (const auto& [engine, count] : jobs) CHECK(count == 8);
}

TEST_CASE(
    "shared rings: a killed client's jobs have a second to be handed over, then what is queued ends with -ESRCH, those "
    "in the ring and others' run",
    "[rings]") {
  const std::string driver = GENERATE("amdgpu_ring", "v3d");
  CAPTURE(driver);
  const auto text_of = [](const std::string& work) {
    return "[[client]]\nname = \"leaver\"\nworkload = \"churn\"\nengine = \"rcs\"\nwork_us = " + work +
           "\njobs_per_cycle = 6\ncycles = 1\nhold_us = 500\nsync = false\n" +
           loop_text("other", "work_us = 200\ncycles = 10\n");
  };
  const Outcome outcome = run_on_shared_rings(driver, text_of("400000"), {"driver.close_way=kill"});
  // Closed at 0.5 ms. Handed over by 1.0005 s: what begins by then, and what is in the ring behind it.
  const std::size_t on_hardware = driver == "v3d" ? 3 : 4;
  Errors expected(6, Errno::srch);
  std::fill_n(expected.begin(), on_hardware, Errno::ok);
  CHECK(outcome.errors.at("leaver") == expected);
  CHECK(outcome.errors.at("other") == Errors(10, Errno::ok));
  CHECK(run_on_shared_rings(driver, text_of("1000"), {"driver.close_way=kill"}).failed() == 0);
  const std::string text = text_of("1000");
  // drm_sched_entity_destroy(): a close that does not kill sleeps until all has been handed over.
  CHECK(run_on_shared_rings(driver, text).failed() == 0);
}

TEST_CASE("shared rings: who depends on a job of the ring is handed over behind it, unless that forbids it",
          "[rings]") {
  const auto steps = [](const std::string& name, const std::string& step) {
    return client_text(name, "steps", "program = \"" + step + "\"\n");
  };
  const auto handed_over = [&](const std::string& clause) {
    const std::string text = "[share]\nfences = \"mapped\"\n" + steps("vm", "submit rcs 500 signal mapped" + clause) +
                             steps("app", "submit rcs 500 after mapped");
    const Outcome outcome = run_on_shared_rings("amdgpu_ring", text);
    const auto ends = outcome.recording.all<trace::job_end>();
    const auto runs = outcome.recording.all<trace::drm_sched_job_run>();
    REQUIRE(ends.size() == 2);
    REQUIRE(runs.size() == 2);
    return std::pair{ends[0].time, runs[1].time};
  };
  const auto [end, behind] = handed_over("");
  CHECK(behind < end);
  const auto [end_of_update, after] = handed_over(" dont-pipeline");
  CHECK(after > end_of_update);
}
