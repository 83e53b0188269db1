// SPDX-License-Identifier: MIT
// Metrics that a run has only if somebody asks for them: of one queue, and how often an event happened.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/experiment/asked_metrics.h"
#include "sim/experiment/gate.h"
#include "sim/experiment/measurement.h"
#include "sim/scenario/loader.h"
#include "tests/support/catch.h"
#include "tests/support/machine/scenarios.h"

using namespace gpusim;
using namespace gpusim::experiment;

namespace {

/// Each client has one queue; the third job of the run never ends.
const std::string kTwoClients =
    "[scheduler]\ntimeout_ms = 1\n[fault]\nhung_job = 3\n"
    "[[client]]\nname = \"a\"\nworkload = \"loop\"\nwork_us = 10\ncycles = 20\n"
    "[[client]]\nname = \"b\"\nworkload = \"loop\"\nwork_us = 15\ncycles = 30\n";

std::int64_t value(const Measurement& run, const std::string& name) {
  const std::optional<std::int64_t> found = run.find(name);
  INFO(name);
  REQUIRE(found.has_value());
  return *found;
}

}  // namespace

TEST_CASE("the figures of a queue are those of its client's, if that has no other", "[asked]") {
  std::vector<std::string> asked;
  for (const char* figure : {"jobs", "jobs_failed", "jobs_unfinished", "throughput", "latency_p50", "latency_p99",
                             "max_wait", "period_misses", "cause.work", "cause.engine_busy", "cause.wakeup"}) {
    asked.push_back(std::string{"queue.a.jobs."} + figure);
    asked.push_back(std::string{"queue.b.jobs."} + figure);
  }
  for (const std::vector<std::string>& sets : {std::vector<std::string>{}, {"stop.after_us=140"}}) {
    const Measurement run = measure(test::spec_of(kTwoClients, sets), asked);
    REQUIRE(run.status == Status::good);
    for (const std::string& name : asked) {
      const std::string client = name.starts_with("queue.a") ? "client.a" : "client.b";
      INFO(name);
      CHECK(run.find(name) == run.find(client + name.substr(std::string{"queue.a.jobs"}.size())));
    }
    if (!sets.empty()) CHECK(value(run, "jobs_unfinished") > 0);
  }
}

TEST_CASE("events are counted, of all queues or of one", "[asked]") {
  const Measurement run = measure(test::spec_of(kTwoClients),
                                  {"event.queue_banned", "queue.1.event.queue_banned", "queue.2.event.queue_banned",
                                   "queue.1.event.exec_begin", "event.exec_begin", "event.message_abandoned"});
  CHECK(value(run, "event.queue_banned") == value(run, "queues_banned"));
  CHECK(value(run, "queue.1.event.queue_banned") + value(run, "queue.2.event.queue_banned") == 1'000);
  CHECK(value(run, "queue.1.event.exec_begin") < value(run, "event.exec_begin"));
  CHECK(value(run, "event.message_abandoned") == 0);
}

TEST_CASE("a queue can be meant by its number, which is that of its creation", "[asked]") {
  const Measurement run =
      measure(test::spec_of(kTwoClients),
              {"queue.1.jobs", "queue.2.jobs", "queue.1.event.exec_begin", "queue.a.jobs.jobs", "queue.b.jobs.jobs"});
  CHECK(value(run, "queue.1.jobs") + value(run, "queue.2.jobs") == value(run, "jobs"));
  CHECK(value(run, "queue.a.jobs.jobs") + value(run, "queue.b.jobs.jobs") == value(run, "jobs"));
  CHECK((value(run, "queue.1.jobs") == value(run, "queue.a.jobs.jobs") ||
         value(run, "queue.1.jobs") == value(run, "queue.b.jobs.jobs")));
  CHECK(value(run, "queue.1.event.exec_begin") >= value(run, "queue.1.jobs"));
}

TEST_CASE("a queue that the run does not create has no figures, and what nobody asks for is not there", "[asked]") {
  const Measurement run = measure(test::spec_of(kTwoClients),
                                  {"queue.3.jobs", "queue.c.jobs.jobs_failed", "queue.c.jobs.event.queue_banned"});
  CHECK_FALSE(run.find("queue.3.jobs").has_value());
  CHECK_FALSE(run.find("queue.c.jobs.jobs_failed").has_value());
  CHECK_FALSE(run.find("queue.c.jobs.event.queue_banned").has_value());
  CHECK_FALSE(run.find("queue.1.jobs").has_value());
  CHECK_FALSE(run.find("event.queue_banned").has_value());
}

TEST_CASE("what the firmware took from a queue is a figure of the queue", "[asked]") {
  const std::string text =
      "[device]\nquantum_us = 5\n"
      "[[client]]\nname = \"a\"\nworkload = \"loop\"\nwork_us = 20\ncycles = 9\n"
      "[[client]]\nname = \"b\"\nworkload = \"loop\"\nwork_us = 20\ncycles = 9\n";
  const Measurement run = measure(test::spec_of(text, {"device.slots=1"}),
                                  {"queue.a.jobs.preemptions", "queue.b.jobs.preemptions", "queue.1.slot_evictions",
                                   "queue.a.jobs.slot_evictions", "queue.b.jobs.slot_evictions"});
  CHECK(value(run, "queue.a.jobs.preemptions") > 0);
  CHECK(value(run, "queue.a.jobs.preemptions") + value(run, "queue.b.jobs.preemptions") == value(run, "preemptions"));
  CHECK(value(run, "queue.1.slot_evictions") > 0);
  CHECK(value(run, "queue.a.jobs.slot_evictions") + value(run, "queue.b.jobs.slot_evictions") ==
        value(run, "slot_evictions"));
}

TEST_CASE("asking changes nothing of the run", "[asked]") {
  const scenario::ScenarioSpec spec = test::spec_of(kTwoClients, {"stop.after_us=140"});
  const Measurement plain = measure(spec);
  Measurement asked = measure(spec, {"queue.1.jobs_unfinished", "event.exec_begin"});
  CHECK(asked.trace_hash == plain.trace_hash);
  REQUIRE(asked.values.size() == plain.values.size() + 2);
  asked.values.resize(plain.values.size());
  CHECK(asked.values == plain.values);
}

TEST_CASE("what a scenario expects of a queue is measured, and judged", "[asked]") {
  const scenario::ScenarioSpec spec = test::spec_of(
      "[expect]\nqueue.a.jobs.jobs = \"> 1000\"\nqueue.b.jobs.event.queue_banned = \"<= 1\"\nevent.queue_banned = 1\n"
      "jobs_failed = \">= 0\"\nclients_gave_up = \">= 0\"\n" +
      kTwoClients);
  std::vector<scenario::Problem> problems;
  const std::vector<Check> checks = checks_of(spec, problems);
  REQUIRE(problems.empty());
  const std::vector<Shortfall> found = shortfalls(checks, measure(spec));
  REQUIRE(found.size() == 1);
  CHECK(found.front().check.metric == "queue.a.jobs.jobs");
}

TEST_CASE("only names of queues, figures and events that there are can be asked for", "[asked]") {
  CHECK(unit_of_asked("queue.1.latency_p99") == Unit::time);
  CHECK(unit_of_asked("queue.17.jobs") == Unit::count);
  CHECK(unit_of_asked("queue.a.event.jobs.max_wait") == Unit::time);
  CHECK(unit_of_asked("queue.1.event.job_timedout") == Unit::count);
  CHECK(unit_of_asked("event.job_timedout") == Unit::count);
  for (const char* name : {"queue", "queue.", "queue.1", "queue.1.", "queue.0.jobs", "queue.01.jobs", "queue.a.jobs.x",
                           "queue.1.jobz", "queue.1.frames_shown", "queue.1.cause.x", "queue.1.event.nothing", "event.",
                           "event.nothing", "jobs", "queue..jobs", "queue.event.exec_begin"}) {
    CAPTURE(name);
    CHECK_FALSE(unit_of_asked(name).has_value());
  }
  const scenario::ScenarioSpec spec = test::spec_of("[expect]\nevent.job_timedou = 0\n" + kTwoClients);
  std::vector<scenario::Problem> problems;
  (void)checks_of(spec, problems);
  REQUIRE(problems.size() == 1);
  CHECK(problems.front().to_string() ==
        "x.toml:2:1: error: expect: this scenario has no metric 'event.job_timedou'; did you mean "
        "'event.job_timedout'?");
}

TEST_CASE("a queue misses the periods of its client", "[asked]") {
  const std::string text =
      "[[client]]\nname = \"w\"\nworkload = \"wsim\"\nprogram = \"\"\"\n1.RCS.500.0.1\np.100\n\"\"\"\nrepeats = 4\n"
      "[[client]]\nname = \"b\"\nworkload = \"loop\"\nwork_us = 1\ncycles = 3\n";
  const Measurement run = measure(test::spec_of(text), {"queue.1.period_misses", "queue.2.period_misses"});
  CHECK(value(run, "client.w.period_misses") > 0);
  CHECK(value(run, "queue.1.period_misses") + value(run, "queue.2.period_misses") ==
        value(run, "client.w.period_misses"));
}

TEST_CASE("a metric that is nearly one has a suggestion", "[asked]") {
  const auto suggestion = [](const std::string& metric) {
    std::vector<scenario::Problem> problems;
    static_cast<void>(checks_of(test::spec_of("[expect]\n" + metric + " = 1\n" + kTwoClients), problems));
    REQUIRE(problems.size() == 1);
    return problems.front().suggestion;
  };
  CHECK(suggestion("fault.hung") == "fault.hung_job");
  CHECK(suggestion("queue.a.jobs") == "a.jobs");
  CHECK(suggestion("queue.a.jobs.latency") == "queue.a.jobs.latency_p50");
  CHECK(suggestion("queue.a.jobs.event.queue_ban") == "queue.a.jobs.event.queue_banned");
  CHECK(suggestion("queue.1.cause.wakup") == "queue.1.cause.wakeup");
  CHECK(suggestion("client.a.latency") == "client.a.latency_p50");
  CHECK(suggestion("engine.rcs.busy") == "engine.rcs0.busy");
  CHECK(suggestion("event.queue_ban") == "event.queue_banned");
}
