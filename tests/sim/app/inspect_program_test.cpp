// SPDX-License-Identifier: MIT
// gpusim diff, job and why as a user meets them.
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <system_error>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "sim/app/exit_code.h"
#include "tests/support/catch.h"
#include "tests/support/program.h"

namespace fs = std::filesystem;
using namespace gpusim;
using namespace gpusim::test;
using Json = nlohmann::json;

namespace {

const std::string kOneJob = GPUSIM_SOURCE_DIR "/tests/golden/one_job.toml";
const std::string kQuantum = GPUSIM_SOURCE_DIR "/configs/scenarios/quantum.toml";
const std::string kOrchestrator = GPUSIM_SOURCE_DIR "/configs/scenarios/orchestrator.toml";

void check_has(const std::string& text, const std::string& what) {
  CAPTURE(text, what);
  CHECK(text.find(what) != std::string::npos);
}

}  // namespace

TEST_CASE("diff: two runs that are equal end with 0, as scenario, folder and file of events", "[inspect]") {
  const Folder folder;
  REQUIRE(run_program("run " + kOneJob + " -q --trace events --out " + folder.text()).code == app::kGood);
  for (const std::string& b : {kOneJob, folder.text(), (folder / "trace.events").string()}) {
    const Ended ended = run_program("diff " + kOneJob + " " + b);
    CHECK(ended.code == app::kGood);
    CHECK(ended.err.empty());
    check_has(ended.out, "\nThe runs are the same, event by event.\n");
  }
}

TEST_CASE("diff: ten nanoseconds more for each ring entry are said in one line, and end with 1", "[inspect]") {
  const Ended ended =
      run_program("diff " + kOneJob + " --set driver.ring_write_ns=100 --set-b driver.ring_write_ns=110 --rows 1");
  CHECK(ended.code == app::kExpectationFailed);
  CHECK(ended.err.empty());
  // run_job's way to the first entry is 10 ns longer. The firmware registers the queue until later, so neither latency
  // changes: what host_worker gains, firmware loses.
  check_has(ended.out,
            "  the same event, in B at +10 ns\n"
            "  before it in A, job 1 of app: 10.466607 us of host_worker\n"
            "  before it in B, job 1 of app: 10.476607 us of host_worker\n");
  check_has(ended.out, "0 only in A, 0 only in B\n");
  check_has(ended.out, "jobs    2 ended in both; latency unchanged\n");
  check_has(ended.out, "order   unchanged on every queue and engine and in the firmware\n");
}

TEST_CASE("diff: a folder that another build wrote is noticed, and its events are taken", "[inspect]") {
  const Folder folder;
  REQUIRE(run_program("run " + kOneJob + " -q --trace events --out " + folder.text()).code == app::kGood);
  const std::string summary = slurp(folder / "summary.json");
  const std::size_t at = summary.find('"', summary.find("\"trace_hash\"") + 12) + 1;
  std::string other = summary;
  other.replace(at, 16, "0123456789abcdef");
  spit(folder / "summary.json", other);
  const Ended with = run_program("diff " + kOneJob + " " + folder.text());
  CHECK(with.code == app::kGood);
  check_has(with.out, "summary.json says trace 0123456789abcdef, and resolved.toml gives ");
  check_has(with.out, "; its trace.events is taken\n");
  fs::remove(folder / "trace.events");
  check_has(run_program("diff " + kOneJob + " " + folder.text()).out, "; what it gives here is taken\n");
}

TEST_CASE("diff, job and why end with 2 on bad input and say what there is", "[inspect]") {
  const Folder folder;
  const auto refused = [&](const std::string& arguments, const std::string& why) {
    const Ended ended = run_program(arguments);
    CAPTURE(arguments);
    CHECK(ended.code == app::kBadInput);
    CHECK(ended.out.empty());
    check_has(ended.err, why);
  };
  refused("diff " + kOneJob, "B is missing");
  refused("diff " + kOneJob + " /nowhere.toml", "/nowhere.toml");
  refused("diff " + kOneJob + " --set-b driver.nonsense=1", "driver.nonsense");
  refused("diff " + folder.text() + " " + kOneJob, "neither resolved.toml nor trace.events");
  spit(folder / "trace.events", "# gpusim-events/1\ntitle x\nnonsense\n");
  refused("diff " + folder.text() + " " + kOneJob, "trace.events:3:1: error: unknown line 'nonsense'");
  spit(folder / "trace.txt", "# tracer: gpusim\n");
  refused("diff " + (folder / "trace.txt").string() + " " + kOneJob, "trace.txt leaves fields out");
  refused("job " + kOneJob + " 3", "the run has jobs 1 to 2, and no 3");
  refused("job " + kOneJob + " 0", "the run has jobs 1 to 2, and no 0");
  refused("job " + kOneJob + " x", "'x' is no whole number");
  refused("job " + kOneJob + " 3 --client app", "client app has jobs 1 to 2, and no 3");
  refused("job " + kOneJob + " 1 --client apq", "there is no client 'apq'; did you mean 'app'?");
  refused("why " + kOneJob + " 1 --at 5", "'5' is no moment such as 1.234ms");
  refused("why " + kOneJob + " 1 --at 1s", "the run ends at ");
  refused("why " + kOneJob + " 9 --at 1us", "the run has jobs 1 to 2, and no 9");
}

TEST_CASE("job: the life of the second job of the golden trace, word by word", "[inspect]") {
  const std::string wanted =
      R"(job 2 is the 2nd of client app and the 2nd of queue app.jobs (on rcs0)

    13.214000 us  app calls exec on CPU 1: 1 credit, 5 us of work
                     1.061000 us syscall
    14.275000 us  is pushed to app.jobs, behind 1 job; 0 credits in flight; its finished fence is 2:2
                     0.086000 us host_worker
    14.361000 us  exec returns 0
                     0.184000 us host_worker
    14.545000 us  app waits for it
                     9.145214 us host_worker
    23.690214 us  kworker/u:0 (drm_dep_submit) hands it over (run_job); 2 credits in flight with it
                     0.157607 us host_worker
    23.847821 us  its ring entry 1 is written; 62 of 64 are free
                     0.123000 us host_worker
    23.970821 us  doorbell 1 is rung
                     0.300000 us doorbell
    24.270821 us  the doorbell arrives at the device
                    19.646786 us firmware: the firmware is at message (19.646786 us)
    43.917607 us  the firmware registers the queue
    43.917607 us  the firmware has seen its entry
                     1.000000 us firmware: the firmware is at pick (1 us)
    44.917607 us  rcs0 is given the queue
    44.917607 us  rcs0 restores the queue's context
                    10.000000 us context_switch
                     5.700000 us engine_busy: rcs0 works for job 1 of app (5.7 us)
    60.617607 us  rcs0 fetches its entry
                     0.700000 us work
    61.317607 us  its work begins
                     5.000000 us work
    66.317607 us  its work is done: the fence value leaves for host memory
                     0.400000 us fence_write
    66.717607 us  the fence value 2 is in memory
    66.717607 us  interrupt rcs arrives at the host
                     1.200000 us interrupt
    67.917607 us  its handler begins on CPU 1
                     0.195000 us completion
    68.112607 us  gives back 1 credit, 0 in flight
    68.112607 us  the handler of interrupt rcs on CPU 1 signals its finished fence
                     2.900000 us wakeup
    71.012607 us  the queue drops its reference
    71.012607 us  its last reference is gone
                     2.100000 us wakeup
    73.112607 us  app returns from its wait, with 0
    73.416821 us  app waits for it
    73.416821 us  app returns from its wait, with 0

It ended well, 59.898607 us after its exec.

syscall          1.061000 us    1.8%
host_worker      9.695821 us   16.2%
doorbell         0.300000 us    0.5%
firmware        20.646786 us   34.5%
engine_busy      5.700000 us    9.5%
context_switch  10.000000 us   16.7%
work             5.700000 us    9.5%
fence_write      0.400000 us    0.7%
interrupt        1.200000 us    2.0%
completion       0.195000 us    0.3%
wakeup           5.000000 us    8.3%
life            59.898607 us  100.0%
)";
  const Ended ended = run_program("job " + kOneJob + " 2");
  CHECK(ended.code == app::kGood);
  CHECK(ended.out == wanted);
  CHECK(run_program("job " + kOneJob + " 2 --client app").out == wanted);
}

TEST_CASE("job and why answer from a file of events, too", "[inspect]") {
  const Folder folder;
  REQUIRE(run_program("run " + kOneJob + " -q --trace events --out " + folder.text()).code == app::kGood);
  const std::string file = (folder / "trace.events").string();
  CHECK(run_program("job " + file + " 1").out == run_program("job " + kOneJob + " 1").out);
  CHECK(run_program("why " + file + " 2 --at 50us").out == run_program("why " + kOneJob + " 2 --at 50us").out);
}

TEST_CASE("why: the places of a job's way, each by its own words", "[inspect]") {
  const auto why = [](const std::string& moment) {
    const Ended ended = run_program("why " + kOneJob + " 2 --at " + moment);
    CHECK(ended.code == app::kGood);
    return ended.out;
  };
  CHECK(why("1us") == "job 2 at 1 us\n  job 2 of app is not submitted: its exec begins at 13.214 us\n");
  CHECK(why("14us") == "job 2 at 14 us\n  job 2 of app is in its exec since 13.214 us, which is under way\n");
  CHECK(why("20us") ==
        "job 2 at 20 us\n"
        "  job 2 of app is queued in app.jobs, behind 1 job: job 1 of app\n"
        "  -> job 1 of app is the head of queue app.jobs; nothing but a worker is missing\n"
        "  -> drm_dep_submit is queued since 12.811 us, and no worker has begun it\n");
  CHECK(why("24.1us") ==
        "job 2 at 24.1 us\n"
        "  job 2 of app: its doorbell is in flight since 23.970821 us\n"
        "  -> the firmware is at message since 23.917607 us\n");
  CHECK(why("50us") ==
        "job 2 at 50 us\n"
        "  job 2 of app is in the ring of app.jobs, which has rcs0, behind job 1 of app\n"
        "  -> job 1 of app is in the ring of app.jobs, at level 1, and no engine has fetched it\n"
        "  -> rcs0 restores its context since 44.917607 us\n");
  CHECK(why("62us") == "job 2 at 62 us\n  job 2 of app runs on rcs0 since 60.617607 us\n");
  CHECK(
      why("67us") ==
      "job 2 at 67 us\n"
      "  job 2 of app: it has ended, its fence value is in memory since 66.717607 us, and no interrupt has been taken "
      "for it\n");
  CHECK(why("100us") == "job 2 at 100 us\n  job 2 of app has ended\n");
}

TEST_CASE("why: a queue that waits for its turn is told the firmware's choice and line", "[inspect]") {
  const Ended ended = run_program("why " + kQuantum + " 2 --at 1.5ms");
  CHECK(ended.code == app::kGood);
  CHECK(
      ended.out ==
      "job 2 at 1.5 ms\n"
      "  job 2 of long was begun, and is off rcs0 since 1.075736911 ms\n"
      "  -> rcs0 is given to queue short.jobs (level 1, the same) since 1.090236911 ms, and works for job 13 of short "
      "since 1.455136911 ms; 100.236911 us of its quantum are left\n"
      "\n"
      "The firmware chose short.jobs for rcs0 at 1.089236911 ms, among\n"
      "    level 1: short.jobs, middle.jobs, long.jobs\n"
      "\n"
      "The last decision that passed long.jobs over was at 1.090236911 ms: rcs0 went to short.jobs, of the highest "
      "level the one that had waited for longest (first_in_line). Candidates: 3 of level 1; 2 stood before it.\n"
      "\n"
      "In its run-list at 1.5 ms wait for an engine\n"
      "    level 1: middle.jobs, long.jobs\n"
      "The highest level (0) goes first; within a level the queues are in turn.\n");
}

TEST_CASE("why: of a file of events it names the decision if the run was written with decisions, else how to",
          "[inspect]") {
  const auto why_of_file = [](const std::string& more) {
    const Folder folder;
    REQUIRE(run_program("run " + kQuantum + " -q --trace events --out " + folder.text() + more).code == app::kGood);
    return run_program("why " + (folder / "trace.events").string() + " 2 --at 1.5ms").out;
  };
  const std::string name_it = "The firmware's run-list is in no file of events; name a scenario to see it.\n";
  check_has(why_of_file(" --set trace.decisions=true"),
            "\nThe last decision that passed long.jobs over was at 1.090236911 ms: rcs0 went to short.jobs, of the "
            "highest level the one that had waited for longest (first_in_line). Candidates: 3 of level 1.\n" +
                name_it);
  check_has(why_of_file(""),
            "\nThe firmware's decisions are not in this file of events: `gpusim run --trace events --set "
            "trace.decisions=true` records them.\n" +
                name_it);
}

TEST_CASE("why: a queue that came when its engine was given away already has been passed over by nobody", "[inspect]") {
  // The engine belongs to the first client from its first job on, and there is no quantum.
  const Folder folder;
  const std::string file = (folder / "late.toml").string();
  spit(file,
       "[device]\nquantum_us = 0\n"
       "[[client]]\nname = \"hog\"\nworkload = \"loop\"\nwork_us = 5_000\n"
       "[[client]]\nname = \"late\"\nworkload = \"loop\"\nwork_us = 100\nstart_us = 1_000\n");
  check_has(run_program("why " + file + " 2 --at 2ms").out,
            "No decision has passed late.jobs over since it had an engine last.\n");
  CHECK(Json::parse(run_program("why " + file + " 2 --at 2ms --format json").out).at("passed_over").is_null());
}

TEST_CASE("why: under tick_rotation and list_walk their rules are named", "[inspect]") {
  const std::string rotation = run_program("why " + kQuantum +
                                           " 2 --at 1.7ms --set device.firmware.policy=tick_rotation --set "
                                           "device.slots=3 --set device.firmware.tick_us=500")
                                   .out;
  check_has(rotation,
            "The last decision that passed long.jobs over was at 1.578236911 ms: rcs0 went to middle.jobs, of the "
            "highest level the first of the rotation (first_in_rotation). Candidates: 3 of level 1; 1 stood before "
            "it.\n");
  CHECK(rotation.find("its quantum") == std::string::npos);  // there is none
  const std::string walk = run_program("why " + kQuantum +
                                       " 2 --at 2.7ms --set device.firmware.policy=list_walk --set "
                                       "device.quantum_us=100")
                               .out;
  check_has(walk,
            "The last decision that passed long.jobs over was at 2.117236911 ms: rcs0 went to short.jobs, a queue of "
            "the next process of the walk (next_process). Candidates: 3 of level 1.\n");
  check_has(walk, "\nA list walk knows no levels; in which order it comes by is not shown.\n");
}

TEST_CASE("why: credits, tokens and dependencies lead to the job that runs", "[inspect]") {
  check_has(
      run_program("why " + kOrchestrator + " 20 --at 1ms").out,
      "  -> job 19 of short.1 is the head of queue short.1.jobs; it waits for a token of the orchestrator since "
      "621.427936 us\n"
      "  -> tokens have: long.1.jobs, short.2.jobs; on the hardware they have job 10 of long.1, job 11 of short.2, job "
      "12 of short.2\n"
      "  -> job 10 of long.1 runs on rcs0 since 793.854542 us\n");
  check_has(
      run_program("why " GPUSIM_SOURCE_DIR "/configs/scenarios/credits_short.toml 5 --at 60us").out,
      "  job 5 of burst is queued in burst.jobs, behind 2 jobs: job 3 of burst, job 4 of burst\n"
      "  -> job 3 of burst is the head of queue burst.jobs; it lacks credits since 37.295075 us: it needs 1, and 2 of "
      "2 "
      "were in flight\n"
      "  -> the credits are those of job 1 of burst, job 2 of burst\n");
  check_has(run_program("why " GPUSIM_SOURCE_DIR "/configs/scenarios/slots.toml 10 --at 700us").out,
            "  -> its queue holds no slot, and these do: app.6.jobs (level 1, waiting), app.2.jobs (level 1, on rcs0), "
            "app.7.jobs (level 1, waiting), ");
  check_has(
      run_program("why " GPUSIM_SOURCE_DIR "/configs/scenarios/slots.toml 2 --at 1ms --set device.quantum_us=100 "
                  "--set device.firmware.policy=round_robin --set client.app.work_us=1000")
          .out,
      "  job 2 of app.0 was begun, and is off rcs0 since 761.914757 us\n"
      "  -> its queue holds no slot, and these do: app.6.jobs (level 1, waiting), app.2.jobs (level 1, on rcs0), ");
  check_has(run_program("why " GPUSIM_SOURCE_DIR "/configs/scenarios/quickstart.toml 6 --at 100us").out,
            "  -> job 3 of player is the head of queue player.compute; it waits for fence 6:1 (job 2 of player) since "
            "53.565145 us\n"
            "  -> job 2 of player runs on bcs0 since 84.373324 us\n");
}

TEST_CASE("why: what is left of a quantum is that of the queue's own, from where it begins", "[inspect]") {
  const std::string at = "why " + kQuantum + " 2 --at 1.5ms --set client.short.quantum_us=1000";
  check_has(run_program(at).out, "short since 1.455136911 ms; 600.236911 us of its quantum are left\n");
  // In the second one 10 us of each are the restore's, and turns come earlier.
  check_has(run_program("why " + kQuantum + " 2 --at 1.15ms --set client.short.quantum_us=1000").out,
            "; 950.236911 us of its quantum are left\n");
  check_has(run_program("why " + kQuantum +
                        " 2 --at 1.15ms --set client.short.quantum_us=1000 "
                        "--set device.quantum_charges_switch=true")
                .out,
            "; 920.236911 us of its quantum are left\n");
}

TEST_CASE("job, why and diff end with 130 at each signal that ends a run with it", "[inspect]") {
  const std::string endless = " --set client.game.cycles=100000000";
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const Ended ended = interrupt_program("job quickstart 5" + endless, [] { return true; }, signal);
    CHECK(ended.code == app::kInterrupted);
    CHECK(ended.err == "interrupted\n");
    CHECK(ended.out.empty());
  }
}

TEST_CASE("diff and job tell their progress, as run does, and no result with it", "[inspect]") {
  const std::string longer = " --set client.game.cycles=1000";
  const std::string diff = "diff quickstart" + longer + " --set-b host.cpus=2";
  for (const std::string& command : {"job quickstart 5" + longer, diff}) {
    CAPTURE(command);
    const Ended told = run_program("--progress 3600 " + command);
    check_has(told.err, " simulated, ");
    CHECK(told.err.find('\n') + 1 == told.err.size());  // the next line would come after an hour
    const Ended silent = run_program(command);
    CHECK(silent.err.empty());
    CHECK(told.out == silent.out);
  }
}

TEST_CASE("the folder of an interrupted run is read up to the interruption", "[inspect]") {
  const Folder folder;
  const std::string out = (folder / "out").string();
  const std::string endless = " --set client.game.cycles=100000000";
  const Ended run = interrupt_program("run quickstart -q --trace events --out " + out + endless, [&] {
    std::error_code none;
    const fs::path trace = fs::path{out} / "trace.events.part";
    return fs::exists(trace, none) && fs::file_size(trace, none) > 100'000;
  });
  REQUIRE(run.code == app::kInterrupted);
  for (const bool has_events : {true, false}) {
    if (!has_events) fs::remove(fs::path{out} / "trace.events");
    const Ended job = run_program("job " + out + " 5");
    CHECK(job.code == app::kGood);
    check_has(job.out, ": the run was interrupted at ");
    check_has(job.out, "\njob 5");
  }
  check_has(run_program("why " + out + " 5 --at 1000s").err, "the run ends at ");
}

TEST_CASE("job and why take a scenario from stdin", "[inspect]") {
  const std::string feed = "cat " + kOneJob + " |";
  const Ended job = run_program_in("/", "job - 1", feed);
  CHECK(job.code == app::kGood);
  CHECK(job.out == run_program("job " + kOneJob + " 1").out);
  CHECK(run_program_in("/", "why - 1 --at 20us", feed).code == app::kGood);
}

TEST_CASE("diff: stdin is both runs if nothing else is named", "[inspect]") {
  const std::string feed = "cat " + kOneJob + " |";
  const std::string sets = " --set driver.ring_write_ns=100 --set-b driver.ring_write_ns=110";
  const Ended ended = run_program_in("/", "diff -" + sets, feed);
  CHECK(ended.code == app::kExpectationFailed);
  std::string of_file = run_program("diff " + kOneJob + sets).out;
  for (const char* line : {"A  one_job,", "\nB  one_job,"}) {
    const std::size_t at = of_file.find(line);
    REQUIRE(at != std::string::npos);
    of_file.replace(of_file.find("one_job", at), 7, "stdin");
  }
  CHECK(ended.out == of_file);
}

TEST_CASE("diff: a seed of one side counts more than that of both", "[inspect]") {
  const std::string common = "diff " + kOrchestrator + " --seed 3";
  const Ended ended = run_program(common + " --set-b seed=4");
  CHECK(ended.code == app::kExpectationFailed);
  check_has(ended.out, "A  orchestrator, seed 3: ");
  check_has(ended.out, "B  orchestrator, seed 4, seed=4: ");
  CHECK(run_program(common + " --set-b seed=3").code == app::kGood);
}

TEST_CASE("why and job name an injected fault that is the last cause", "[inspect]") {
  const Folder folder;
  const std::string file = (folder / "f.toml").string();
  const auto with_fault = [&](const std::string& fault) {
    spit(file,
         "scheduler.timeout_ms = 0\n[[faults]]\n" + fault +
             "[[client]]\nname = \"a\"\nworkload = \"loop\"\nwork_us = 50\ncycles = 5\n"
             "[[client]]\nname = \"clock\"\nworkload = \"steps\"\nprogram = \"sleep 20000\"\n[stop]\nafter_ms = 10\n");
  };
  with_fault("kind = \"firmware_crash\"\nnth = 3\n");
  const std::string crashed = run_program("why " + file + " 2 --at 9ms").out;
  INFO(crashed);
  CHECK(std::regex_search(crashed, std::regex{"-> the firmware crashed at [0-9.]+ us \\(fault.firmware_crash\\)"}));
  const std::string story = run_program("job " + file + " 2 --width 300").out;
  INFO(story);
  CHECK(
      std::regex_search(story, std::regex{"fault.firmware_crash strikes|crashed at [0-9.]+ us \\(fault.firmware_cr"}));

  with_fault("kind = \"firmware_stall\"\nnth = 3\ndelay_ms = 5\n");
  check_has(run_program("why " + file + " 2 --at 2ms").out, " (fault.firmware_stall)");

  with_fault("kind = \"hung_job\"\nnth = 2\n");
  const std::string hangs = run_program("why " + file + " 2 --at 2ms").out;
  INFO(hangs);
  CHECK(std::regex_search(hangs, std::regex{"-> fault.hung_job struck it at [0-9.]+ us"}));

  with_fault("kind = \"page_fault\"\nnth = 2\n");
  const std::string faulted = run_program("why " + file + " 2 --at 300us").out;
  INFO(faulted);
  CHECK(std::regex_search(faulted, std::regex{", had a page fault at [0-9.]+ us, and the engine waits for its reset"}));
  CHECK(std::regex_search(faulted, std::regex{"-> fault.page_fault struck it at [0-9.]+ us"}));
  const std::string life = run_program("job " + file + " 2 --width 300").out;
  check_has(life, "it touches a page that is not mapped: rcs0 stops it\n");
  check_has(life, "the firmware tells the host that it gave the queue up\n");
  check_has(life, "the queue is banned: it is guilty\n");
  check_has(run_program("run " + file).out, "1 engine reset (1 after a page fault), 1 queue banned");

  with_fault("kind = \"link_error\"\nnth = 2\ndelay_ms = 3\n");
  check_has(run_program("why " + file + " 1 --at 1ms").out, " (fault.link_error)");
}

TEST_CASE("job and why name a preemption that was asked for, its timeout, and what came of it", "[inspect]") {
  const Folder folder;
  const std::string file = (folder / "hog.toml").string();
  // An arbitration point each 30 ms: it does not leave within 17 ms of being told to, when `other` comes at once.
  spit(file,
       "use = { device = \"mali_csf\" }\n[device]\npreempt_timeout_ms = 17\n[device.firmware]\npolicy = "
       "\"tick_rotation\"\n"
       "[[client]]\nname = \"hog\"\nworkload = \"wsim\"\nprogram = \"\"\"\nX.1.30000\n1.RCS.200000.0.1\n\"\"\"\n"
       "[[client]]\nname = \"other\"\nworkload = \"loop\"\nwork_us = 900\ncycles = 50\n");
  const auto has = [](const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  };
  const std::string story = run_program("job " + file + " 1").out;
  INFO(story);
  CHECK(has(story, "the preempt timeout is over: the queue was to leave rcs0, and has not\n"));
  CHECK(has(story, "the host resets the device: a queue was to leave its engine, and did not in time\n"));
  const std::string before = run_program("why " + file + " 1 --at 5ms").out;
  CHECK_FALSE(has(before, "has told"));
  const std::string asked = run_program("why " + file + " 1 --at 25ms").out;
  INFO(asked);
  CHECK(
      has(asked, "The firmware has told hog.1.rcs0 to leave rcs0, and it has not yet; its preempt timeout is due at "));
  const std::string after = run_program("why " + file + " 1 --at 29ms").out;
  INFO(after);
  CHECK(has(after, "because a queue did not leave its engine in time"));
  CHECK(has(run_program("run " + file).out, "1 device reset (1 after a missed preemption)"));
  const std::string itself =
      run_program("run " + file + " --set use.device=xe_guc --set device.firmware.policy=round_robin").out;
  INFO(itself);
  CHECK(has(itself, "1 engine reset (1 after a missed preemption)"));
  CHECK(has(run_program("job " + file + " 1 --set use.device=xe_guc --set device.firmware.policy=round_robin").out,
            "the firmware tells the host that it gave the queue up\n"));
}

TEST_CASE("job: a doorbell of another job of the queue is said to be that job's", "[inspect]") {
  const Folder folder;
  const std::string file = (folder / "a.toml").string();
  spit(file,
       "[fault]\nlost_doorbell = 1\n[[client]]\nname = \"app\"\nworkload = \"loop\"\nwork_us = 10\ncycles = 3\n"
       "sync = false\n");
  const std::string story = run_program("job " + file + " 1").out;
  INFO(story);
  CHECK(story.find("doorbell 1 is rung\n") != std::string::npos);
  CHECK(story.find("doorbell 1 is rung for job 2 of app\n") != std::string::npos);
  CHECK(story.find("the doorbell of job 2 of app arrives at the device\n") != std::string::npos);
}

TEST_CASE("diff and job: times of one column have one unit", "[inspect]") {
  const auto units_of = [](const std::string& text, const std::regex& cell) {
    std::set<std::string> units;
    for (std::sregex_iterator match{text.begin(), text.end(), cell}, end; match != end; ++match)
      units.insert((*match)[1]);
    return units;
  };
  const std::string quickstart = std::string{GPUSIM_SOURCE_DIR "/configs/scenarios/quickstart.toml"};
  const std::string story = run_program("job " + quickstart + " 6").out;
  CHECK(units_of(story, std::regex{"\n *[0-9.]+ ([pnum]?s)  "}).size() == 1);
  CHECK(units_of(story, std::regex{"\n {12,}[0-9.]+ ([pnum]?s) [a-z]"}).size() == 1);
  const std::string difference = run_program("diff " + quickstart + " --set-b driver.ring_write_ns=110").out;
  const std::string table = difference.substr(difference.find("\ncause "));
  for (const char* row : {"host_worker", "context_switch", "life"}) CHECK(table.find(row) != std::string::npos);
  const std::string causes = table.substr(0, table.find("\n\n"));
  CHECK(units_of(causes, std::regex{"\n[a-z_]+ +[0-9.]+ ([pnum]?s) "}).size() == 1);
  const std::string a_and_b = "\n[a-z_]+ +[0-9.]+ [pnum]?s +[0-9.]+ ";
  CHECK(units_of(causes, std::regex{a_and_b + "([pnum]?s) "}).size() == 1);
  CHECK(units_of(causes, std::regex{a_and_b + "[pnum]?s +[-+][0-9.]+ ([pnum]?s) "}).size() == 1);
}

TEST_CASE("diff: what both runs did before the first event that differs is named for each", "[inspect]") {
  const std::string quickstart = std::string{GPUSIM_SOURCE_DIR "/configs/scenarios/quickstart.toml"};
  for (const char* set : {"driver.ring_write_ns=110", "host.cpus=1", "device.quantum_us=700", "host.worker_wake_us=9",
                          "device.link.mmio_write_latency_us=3"}) {
    const std::string text = run_program("diff " + quickstart + " --set-b " + set).out;
    INFO(text.substr(0, 2'000));
    CHECK(text.find("before it in A, ") != std::string::npos);
    CHECK(text.find("before it in B, ") != std::string::npos);
  }
}

TEST_CASE("diff: JSON has what the page says, in ps, and its exit code", "[inspect]") {
  const std::string sets = " --set driver.ring_write_ns=100 --set-b driver.ring_write_ns=110";
  const Ended ended = run_program("diff " + kOneJob + sets + " --format json");
  CHECK(ended.code == app::kExpectationFailed);
  const Json diff = Json::parse(ended.out);
  CHECK(diff.at("schema") == "gpusim-diff/1");
  CHECK(diff.contains("build"));
  CHECK(diff.at("same") == false);
  const Json& first = diff.at("first_difference");
  CHECK(first.at("a").at("before_it") == "job 1 of app: 10.466607 us of host_worker");
  CHECK(first.at("a").at("time_in_other_ps").get<int>() - first.at("a").at("time_ps").get<int>() == 10'000);
  CHECK(first.at("a").at("lines").size() == 3);
  CHECK(diff.at("events").at("only_a") == 0);
  CHECK(diff.at("orders").empty());
  CHECK(diff.at("jobs").at("latency").at("jobs") == 2);
  CHECK(diff.at("jobs").at("latency").at("jobs_changed") == 0);
  // What host_worker gains, 10 ns for the first entry and 20 ns for the second, firmware loses.
  std::map<std::string, std::int64_t> by;
  for (const Json& cause : diff.at("causes")) {
    by[cause.at("name").get<std::string>()] =
        cause.at("b_ps").get<std::int64_t>() - cause.at("a_ps").get<std::int64_t>();
  }
  CHECK(by == std::map<std::string, std::int64_t>{{"firmware", -30'000}, {"host_worker", 30'000}});
  const Ended equal = run_program("diff " + kOneJob + " " + kOneJob + " --format json");
  CHECK(equal.code == app::kGood);
  CHECK(Json::parse(equal.out).at("same") == true);
  CHECK(Json::parse(equal.out).at("first_difference").is_null());
  CHECK(
      run_program("diff " + kOneJob + sets + " --format csv").out.starts_with("figure,value\nschema,gpusim-diff/1\n"));
}

TEST_CASE("diff: in Markdown tables are tables, and what is none is a block", "[inspect]") {
  const std::string out = run_program("diff quickstart --set-b host.cpus=1 --format markdown").out;
  CHECK(out.starts_with("```\nA  quickstart, seed 1: "));
  const std::size_t end = out.find("\n```\n\n| cause | A | B |");
  CHECK(end != std::string::npos);
  CHECK(out.find("\n|") > end);  // no table in the block
  const std::string equal = run_program("diff quickstart quickstart --format markdown").out;
  CHECK(equal.ends_with("event by event.\n```\n"));
}

TEST_CASE("job: JSON has each step, and causes that add up to the life", "[inspect]") {
  const Json job = Json::parse(run_program("job " + kOneJob + " 2 --format json").out);
  CHECK(run_program("job " + kOneJob + " 2 --format csv").out.starts_with("figure,value\nschema,gpusim-job/1\n"));
  const std::string text = run_program("job " + kOneJob + " 2").out;
  CHECK(run_program("job " + kOneJob + " 2 --format markdown").out == "```\n" + text + "```\n");
  CHECK(job.at("schema") == "gpusim-job/1");
  CHECK(job.at("of").at("trace_hash").get<std::string>().size() == 16);
  CHECK(job.at("client") == "app");
  CHECK(job.at("queue") == "app.jobs");
  CHECK(job.at("engines") == Json::array({"rcs0"}));
  CHECK(job.at("steps").at(0).at("begin_ps") == 13'214'000);
  CHECK(job.at("steps").at(0).at("what") == "app calls exec on CPU 1: 1 credit, 5 us of work");
  CHECK(job.at("steps").at(1).at("cause") == "syscall");
  CHECK(job.at("steps").at(1).at("duration_ps") == 1'061'000);
  CHECK(job.at("latency_ps") == 59'898'607);
  CHECK(job.at("finished") == true);
  CHECK(job.at("error") == "");
  std::int64_t sum = 0;
  for (const Json& time : job.at("causes")) sum += time.get<std::int64_t>();
  CHECK(sum == 59'898'607);
}

TEST_CASE("why: JSON has the chain, the firmware's choice and the line", "[inspect]") {
  const std::string command = "why " + kQuantum + " 2 --at 1.5ms --format json";
  const Ended csv = run_program("why " + kQuantum + " 2 --at 1.5ms --format csv");
  CHECK(csv.out.starts_with("figure,value\nschema,gpusim-why/1\n"));
  const Ended markdown = run_program("why " + kQuantum + " 2 --at 1.5ms --format markdown");
  CHECK(markdown.out == "```\n" + run_program("why " + kQuantum + " 2 --at 1.5ms").out + "```\n");
  const Json why = Json::parse(run_program(command).out);
  CHECK(why.at("schema") == "gpusim-why/1");
  CHECK(why.at("job") == 2);
  CHECK(why.at("at_ps") == 1'500'000'000);
  CHECK(why.at("chain").at(0) == "job 2 of long was begun, and is off rcs0 since 1.075736911 ms");
  const Json line = Json::array({{{"level", 1}, {"queues", {"short.jobs", "middle.jobs", "long.jobs"}}}});
  const Json made{{"engine", "rcs0"},
                  {"chosen", "short.jobs"},
                  {"rule", "first_in_line"},
                  {"candidates", {0, 3, 0, 0}},
                  {"at_ps", 1'090'236'911}};
  Json choice = made;
  choice["begin_ps"] = 1'089'236'911;
  choice["among"] = line;
  CHECK(why.at("choices") == Json::array({choice}));
  CHECK(why.at("has_decisions") == true);
  Json passed_over = made;
  passed_over["queue"] = "long.jobs";
  passed_over["ahead"] = 2;
  CHECK(why.at("passed_over") == passed_over);
  CHECK(why.at("run_list").at("await_engine") ==
        Json::array({{{"level", 1}, {"queues", {"middle.jobs", "long.jobs"}}}}));
  CHECK(why.at("run_list").at("await_slot").empty());
}

TEST_CASE("a note about a run is a notice in JSON, and stdout has nothing else", "[inspect]") {
  const Folder folder;
  REQUIRE(run_program("run " + kOneJob + " -q --trace events --out " + folder.text()).code == app::kGood);
  const std::string summary = slurp(folder / "summary.json");
  const std::size_t at = summary.find('"', summary.find("\"trace_hash\"") + 12) + 1;
  std::string other = summary;
  other.replace(at, 16, "0123456789abcdef");
  spit(folder / "summary.json", other);
  for (const std::string& command : {"job " + folder.text() + " 1", "diff " + kOneJob + " " + folder.text(),
                                     "why " + folder.text() + " 1 --at 20us"}) {
    const Json said = Json::parse(run_program(command + " --format json").out);
    REQUIRE(said.at("notices").size() == 1);
    check_has(said.at("notices").at(0).get<std::string>(), "summary.json says trace 0123456789abcdef");
  }
}

TEST_CASE("the width that is asked for holds for diff, job, why and list", "[inspect]") {
  const std::string quickstart = std::string{GPUSIM_SOURCE_DIR "/configs/scenarios/quickstart.toml"};
  for (const std::string& command :
       {"job " + quickstart + " 6", "why " + quickstart + " 6 --at 300us", "why " + kQuantum + " 2 --at 1.5ms",
        std::string{"list"}, "diff " + quickstart + " --set-b host.cpus=1"}) {
    for (const std::size_t width : {40U, 72U}) {
      const std::string text = run_program(fmt::format("{} --width {}", command, width)).out;
      INFO(text);
      CHECK(widest_line(text) <= width);
    }
    CHECK(run_program(command + " --color never").out.find("\x1b[") == std::string::npos);
  }
}
