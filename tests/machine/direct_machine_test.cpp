// SPDX-License-Identifier: MIT
// Queues that are mapped into their clients, on the whole machine: what a submission and a wait cost, what a dependency
// and a full ring mean, and what the kernel does when a job hangs, a queue ends or the device is reset.
#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "sim/scenario/loader.h"
#include "sim/system/explorer.h"
#include "sim/system/simulation.h"
#include "tests/support/catch.h"
#include "tests/support/cause_check.h"
#include "tests/support/machine/outcome.h"
#include "tests/support/machine/scenarios.h"
#include "traces/folds/job_life.h"

using namespace gpusim;
using namespace gpusim::test;
using drv::DirectWait;
using trace::EventKind;

namespace {

using Errors = std::vector<Errno>;

scenario::ScenarioSpec direct(scenario::ScenarioSpec spec, DirectWait wait) {
  spec.component = scenario::Component::direct;
  spec.direct.wait = wait;
  return spec;
}

DirectWait any_wait() { return GENERATE(DirectWait::poll, DirectWait::interrupt); }

/// A client that submits null jobs one after the other and waits for each; everything is asleep between two of them.
scenario::ScenarioSpec null_jobs(DirectWait wait) {
  scenario::ScenarioSpec spec = direct(costly_scenario(), wait);
  workload::LoopSpec loop;
  loop.placement = kRender;
  loop.cycles = 6;
  loop.wait = {us(100), us(100)};
  spec.host.context_switch = Cost{};
  spec.clients = {client("app", loop)};
  return spec;
}

/// Ring entry (200 ns), two barriers (200 ns), doorbell (200 ns).
constexpr Picoseconds kExec = ns(600);
/// To the value in memory: the doorbell's way (300 ns), firmware awake, event and pick (3 us), the entry's read (700
/// ns), the value's way (400 ns).
constexpr Picoseconds kToValue = kExec + ns(4'400);

const std::string kThreeJobs =
    "[[client]]\nname = \"app\"\nworkload = \"loop\"\nengine = \"rcs\"\nwork_us = 100\njobs_per_cycle = 3\ncycles = 2\n"
    "[[client]]\nname = \"other\"\nworkload = \"loop\"\nengine = \"bcs\"\nwork_us = 100\ncycles = 10\n";

/// Interrupts that report fence values; the others are answers of the firmware.
std::size_t completions(const Recording& recording) {
  const auto raised = recording.all<trace::interrupt_raise>();
  return static_cast<std::size_t>(
      std::count_if(raised.begin(), raised.end(), [](const auto& event) { return event.vector != abi::kVectorReply; }));
}

std::vector<std::string> wait_by(DirectWait wait, std::vector<std::string> more = {}) {
  more.emplace_back(wait == DirectWait::poll ? "scheduler.direct.wait=poll" : "scheduler.direct.wait=interrupt");
  return more;
}

}  // namespace

// --- what it costs ---------------------------------------------------------------------------------------------------

TEST_CASE("direct: who looks all the time has a null job's end with the first look after its value", "[direct]") {
  scenario::ScenarioSpec spec = null_jobs(DirectWait::poll);
  spec.direct.poll.look = Cost{ns(1)};
  CHECK(lives_of(spec).back().length() == kToValue);
  // Looks every 300 ns from the end of the exec on: the fifteenth is the first behind 4,400 ns.
  spec.direct.poll.look = Cost{ns(300)};
  CHECK(lives_of(spec).back().length() == kExec + 15 * ns(300));
}

TEST_CASE("direct: between two looks a client may sleep", "[direct]") {
  scenario::ScenarioSpec spec = null_jobs(DirectWait::poll);
  spec.direct.poll = {.look = Cost{ns(100)}, .pause = us(10)};
  // A look, which comes too early; the pause, the wake-up (3 us), and the second look.
  CHECK(lives_of(spec).back().length() == kExec + ns(100) + us(10) + us(3) + ns(100));
}

TEST_CASE("direct: who sleeps in the kernel has it by an interrupt and a wake-up", "[direct]") {
  scenario::ScenarioSpec spec = null_jobs(DirectWait::interrupt);
  spec.direct.poll.look = Cost{ns(100)};
  // The message arrives with the value: 100 ns to the CPU, 100 ns of entry, a queue (200 ns) and a fence (200 ns) of
  // the driver, the client's wake-up (3 us).
  CHECK(lives_of(spec).back().length() == kToValue + ns(600) + us(3));
}

TEST_CASE("direct: an exec makes no system call, takes no lock and wakes nobody", "[direct]") {
  const DirectWait wait = any_wait();
  scenario::ScenarioSpec spec = null_jobs(wait);
  spec.host.syscall_entry.value = spec.host.syscall_exit.value = us(50);
  spec.host.mutex_op.value = spec.driver.exec.value = us(50);
  const Recording recording = run(spec);
  const auto begins = recording.all<trace::exec_begin>();
  const auto ends = recording.all<trace::exec_end>();
  REQUIRE(begins.size() == 6);
  for (std::size_t i = 0; i < begins.size(); ++i) CHECK(ends[i].time - begins[i].time == kExec);
  for (const EventKind kind :
       {EventKind::drm_sched_job_queue, EventKind::drm_sched_job_run, EventKind::exec_lock_wait}) {
    CHECK(recording.of_kind(kind).empty());
  }
}

TEST_CASE("direct: jobs that nobody waits for in the kernel raise no interrupt", "[direct]") {
  CHECK(completions(run(null_jobs(DirectWait::poll))) == 0);
  CHECK(completions(run(null_jobs(DirectWait::interrupt))) == 6);
}

// --- jobs ------------------------------------------------------------------------------------------------------------

TEST_CASE("direct: rings of four entries and a graph between queues: all jobs done, no rule broken, twice the same",
          "[direct]") {
  const scenario::ScenarioSpec spec = direct(busy_scenario(), any_wait());
  {
    system::Simulation simulation{spec};  // with its oracles
    CHECK(simulation.run().outcome == system::Outcome::finished);
  }
  const Recording first = run(spec);
  CHECK(run(spec).hash == first.hash);
  CHECK(first.jobs().size() == 16 + 15);
  CHECK_FALSE(first.of_kind(EventKind::ring_full).empty());
}

TEST_CASE("direct: causes of jobs add up by a second reading", "[direct]") {
  const scenario::ScenarioSpec spec = direct(busy_scenario(), any_wait());
  const std::vector<trace::JobLife> lives = lives_of(spec);
  const Recording recording = run(spec);
  REQUIRE(lives.size() == recording.jobs().size());
  for (const std::string& sentence : check_causes(recording.events, lives)) FAIL_CHECK(sentence);
}

TEST_CASE("direct: a job is written into its ring only when what it depends on has signalled", "[direct]") {
  const Recording recording = run(direct(busy_scenario(), any_wait()));
  std::map<std::pair<std::uint64_t, std::uint64_t>, SimTime> signalled;
  for (const auto& event : recording.all<trace::dma_fence_signaled>()) {
    signalled[{event.context, event.seqno}] = event.time;
  }
  std::map<std::uint64_t, SimTime> written;
  for (const auto& event : recording.all<trace::ring_write>()) written[event.job.value()] = event.time;
  const auto dependencies = recording.all<trace::user_dependency>();
  REQUIRE(dependencies.size() >= 3);  // in each round a branch waits for its source; others may find it done
  for (const auto& event : dependencies) {
    CHECK(written.at(event.job.value()) >= signalled.at({event.dependency_context, event.dependency_seqno}));
  }
}

TEST_CASE("direct: points and buffers of others get a fence of the kernel, behind the doorbell", "[direct]") {
  const DirectWait wait = any_wait();
  const std::string text =
      "share.timelines = \"t\"\nshare.buffers = \"b\"\n"
      "[[client]]\nname = \"one\"\nworkload = \"steps\"\nprogram = \"\"\"\nsubmit rcs 100 write b signal t:1\n\"\"\"\n"
      "[[client]]\nname = \"two\"\nworkload = \"steps\"\nprogram = \"\"\"\navailable t:1\nsubmit bcs 50 after t:1 read "
      "b\n"
      "\"\"\"\n";
  const Outcome outcome = run_to_end(text, "direct", wait_by(wait));
  CHECK(outcome.failed() == 0);
  const auto jobs = outcome.recording.jobs();
  REQUIRE(jobs.size() == 2);
  CHECK(*jobs[1].start > *jobs[0].end);
  CHECK(completions(outcome.recording) == 2);  // also where clients poll: the first has a point, both have the buffer
}

// --- what goes wrong -------------------------------------------------------------------------------------------------

TEST_CASE("direct: a hang is noticed while somebody waits for a fence of the kernel, and costs the queue", "[direct]") {
  const Outcome outcome =
      run_to_end(kThreeJobs, "direct", wait_by(DirectWait::interrupt, {"fault.hung_job=1", "host.timer=\"exact\""}));
  const bool first_hangs = outcome.errors.at("app")[0] != Errno::ok;
  const std::string victim = first_hangs ? "app" : "other";
  CHECK(outcome.errors.at(victim)[0] == Errno::time);
  const auto banned = outcome.recording.all<trace::queue_banned>();
  REQUIRE(banned.size() == 1);
  CHECK(banned[0].time > SimTime{ms(2'000)});
  CHECK(outcome.failed() == (first_hangs ? 3 : 1));
}

TEST_CASE("direct: nobody notices a hang that only clients wait for", "[direct]") {
  scenario::ScenarioSpec spec = direct(busy_scenario(), DirectWait::poll);
  spec.fault.hung_job = 1;
  system::Simulation simulation{spec};
  const system::RunResult result = simulation.run();
  CHECK(result.outcome == system::Outcome::stalled);
  CHECK(result.stall_report.find("is in the ring, and its value has not been written") != std::string::npos);
}

TEST_CASE("direct: a hang timeout of 0 bans nobody, and the stall report names the queue of the fence", "[direct]") {
  const scenario::LoadResult loaded = scenario::load_scenario_text(
      "[[client]]\nname = \"app\"\nworkload = \"loop\"\nengine = \"rcs\"\nwork_us = 100\ncycles = 2\n", "x.toml",
      {.sets = wait_by(DirectWait::interrupt,
                       {"scheduler.component=direct", "scheduler.direct.hang_timeout_us=0", "fault.hung_job=1"}),
       .seed = {}});
  REQUIRE(loaded.ok());
  system::Simulation simulation{*loaded.spec};
  const system::RunResult result = simulation.run();
  CHECK(result.outcome == system::Outcome::stalled);
  CAPTURE(result.stall_report);
  CHECK(result.stall_report.find(" of queue app.jobs: job 1 is in the ring, and its value has not been written") !=
        std::string::npos);
  CHECK(result.stall_report.find("software fence") == std::string::npos);
}

TEST_CASE("direct: the work that looks for a hang makes good a lost interrupt", "[direct]") {
  const Outcome outcome = run_to_end(kThreeJobs, "direct", wait_by(DirectWait::interrupt, {"fault.lost_interrupt=3"}));
  CHECK(outcome.failed() == 0);
  CHECK(outcome.count<trace::queue_banned>() == 0);
  CHECK(outcome.recording.result.end > SimTime{ms(2'000)});
}

TEST_CASE("direct: only fences of the kernel that signal count as progress", "[direct]") {
  const DirectWait wait = any_wait();
  const bool each_has_one = GENERATE(false, true);
  std::string text = "share.timelines = \"t\"\n[[client]]\nname = \"app\"\nworkload = \"steps\"\nprogram = \"\"\"\n";
  for (int i = 1; i <= 4; ++i) {
    text += "submit rcs 1000" + (each_has_one || i == 4 ? " signal t:" + std::to_string(i) : "") + "\n";
  }
  // Four jobs of 1 ms. If there is a fence for the last one only, it is 2.5 ms old in the third.
  const Outcome outcome = run_to_end(text + "\"\"\"\n", "direct",
                                     wait_by(wait, {"scheduler.direct.hang_timeout_us=2500", "host.timer=\"exact\""}));
  const Errors all_good(4, Errno::ok);
  const Errors third_hangs{Errno::ok, Errno::ok, Errno::time, Errno::canceled};
  CHECK(outcome.errors.at("app") == (each_has_one ? all_good : third_hangs));
}

TEST_CASE("direct: a close takes the queue off the hardware, and what is in the ring is cancelled", "[direct]") {
  const DirectWait wait = any_wait();
  // Three queues, each closed while its four jobs of 1 ms are in flight, and the first of them runs.
  const std::string text =
      "[[client]]\nname = \"app\"\nworkload = \"churn\"\nengine = \"rcs\"\nwork_us = 1000\njobs_per_cycle = 4\n"
      "cycles = 3\nsync = false\nhold_us = 200\n";
  const Outcome outcome = run_to_end(text, "direct", wait_by(wait));
  CHECK(outcome.errors.at("app") == Errors(12, Errno::canceled));
  CHECK(outcome.count<trace::queue_destroyed>() == 3);
  CHECK(outcome.recording.result.end < SimTime{ms(2)});
}

TEST_CASE("direct: a close waits for the last fence of the kernel", "[direct]") {
  const std::string text =
      "share.timelines = \"t\"\n[[client]]\nname = \"app\"\nworkload = \"steps\"\nprogram = \"\"\"\n"
      "submit rcs 1000 signal t:1\nsubmit rcs 1000\nclose\n\"\"\"\n";
  const Outcome outcome = run_to_end(text, "direct");
  // The second job is behind it in the ring, and nobody has told the kernel.
  CHECK(outcome.errors.at("app") == Errors{Errno::ok, Errno::canceled});
}

TEST_CASE("direct: a killed process' queue is taken off the hardware when its last fence has signalled", "[direct]") {
  const DirectWait wait = any_wait();
  const bool hangs = GENERATE(false, true);
  std::vector<std::string> sets = wait_by(wait, {"fault.kill_client=app", "fault.kill_us=150", "client.cycles=1000"});
  if (hangs) sets.insert(sets.end(), {"fault.hung_job=1", "device.preempt_timeout_us=500"});
  const std::string text =
      "[[client]]\nname = \"app\"\nworkload = \"loop\"\nengine = \"rcs\"\nwork_us = 100\njobs_per_cycle = 3\n";
  const Outcome outcome = run_to_end(text, "direct", sets);
  CHECK(outcome.count<trace::client_killed>() == 1);
  CHECK(outcome.count<trace::queue_destroyed>() == 1);
  const bool waits_for_hang_work = hangs && wait == DirectWait::interrupt;  // who polls has no fence
  CHECK((outcome.recording.result.end < SimTime{ms(3)}) == !waits_for_hang_work);
  CHECK(outcome.recording.result.end < SimTime{ms(2'100)});
  CHECK(outcome.errors.at("app").front() == (waits_for_hang_work ? Errno::time : hangs ? Errno::canceled : Errno::ok));
  // Who sleeps in the kernel has asked for the fence of the last job.
  const bool all_end = !hangs && wait == DirectWait::interrupt;
  CHECK(outcome.errors.at("app").back() == (all_end ? Errno::ok : Errno::canceled));
}

TEST_CASE("direct: a device reset ends what is in the rings, runs none of it again, and bans nobody", "[direct]") {
  const DirectWait wait = any_wait();
  const Outcome outcome = run_to_end(kThreeJobs, "direct", wait_by(wait, {"fault.reset_us=150"}));
  CHECK(outcome.count<trace::device_reset_end>() == 1);
  CHECK(outcome.count<trace::queue_banned>() == 0);
  CHECK(outcome.jobs() == 16);
  CHECK(outcome.failed() >= 1);
  // What begins after the reset was submitted after it: each job is fetched at most once.
  std::map<std::uint64_t, int> fetched;
  for (const auto& event : outcome.recording.all<trace::fetch_begin>()) ++fetched[event.job.value()];
  for (const auto& [job, times] : fetched) CHECK(times == 1);
}

TEST_CASE("direct: of a device that is gone all that have not ended end with -ENODEV", "[direct]") {
  const Outcome outcome = run_to_end(kThreeJobs, "direct", wait_by(any_wait(), {"fault.unplug_us=150"}));
  CHECK(outcome.failed() >= 1);
  for (const auto& [name, errors] : outcome.errors) {
    for (const Errno error : errors) CHECK((error == Errno::ok || error == Errno::nodev));
  }
}

TEST_CASE("direct: explorations find nothing", "[direct][explore]") {
  const DirectWait wait = any_wait();
  for (const char* name : {"dependencies", "full", "queues", "slots", "teardown", "timelines"}) {
    const scenario::LoadResult loaded = scenario::load_scenario(
        std::filesystem::path{GPUSIM_SOURCE_DIR "/configs/explore"} / (std::string{name} + ".toml"),
        {.sets = wait_by(wait, {"scheduler.component=direct", "driver.credit_limit=0", "device.notify=doorbell"}),
         .seed = {}});
    REQUIRE(loaded.ok());
    const system::Explorer explorer{*loaded.spec};
    REQUIRE(explorer.undisturbed().survived());
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      const system::ExploredRun run = explorer.run_seed(seed);
      CAPTURE(name, seed, run.oracle, run.text);
      CHECK(run.survived());
    }
  }
}

TEST_CASE("direct: an exploration gives up a run whose jobs are all done, and does not call it stuck",
          "[direct][explore]") {
  scenario::ScenarioSpec spec = direct(ideal_scenario(), any_wait());
  workload::LoopSpec loop;
  loop.placement = kRender;
  loop.cycles = 100'000;
  loop.wait = {ms(1'000'000), ms(1'000'000)};
  spec.clients = {client("app", loop)};
  const system::ExploredRun run = system::Explorer{spec, system::Machine::kPollEvery}.undisturbed();
  CHECK(run.text == "");
  CHECK(run.gave_up);
}

TEST_CASE("direct: a value that is noted to have no effect has none", "[direct][unread]") {
  const auto load = [](std::vector<std::string> sets) {
    sets.insert(sets.begin(), "scheduler.component=direct");
    return scenario::load_scenario_text(kThreeJobs, "x.toml", {.sets = sets, .seed = {}});
  };
  const std::uint64_t hash = run(*load({}).spec).hash;
  for (const char* set :
       {"scheduler.timeout_ms=1", "scheduler.push_ns=5000", "scheduler.bypass=true", "driver.run_job_ns=9000",
        "driver.timeout_clock=\"on_slot\"", "driver.reset_victims=\"all\"", "driver.stop_way=\"scheduler\"",
        "driver.reset_limit=3", "scheduler.jobqueue=\"counter\"", "scheduler.policy=\"rr\""}) {
    const scenario::LoadResult with = load({set});
    CAPTURE(set);
    REQUIRE(with.ok());
    CHECK(with.spec->notices.size() == 1);
    CHECK(run(*with.spec).hash == hash);
  }
}
