// SPDX-License-Identifier: MIT
// Which way metrics get better.
#include <string>
#include <vector>

#include "sim/experiment/direction.h"
#include "sim/experiment/experiment.h"
#include "sim/experiment/metrics.h"
#include "tests/support/catch.h"

using namespace gpusim::experiment;

TEST_CASE("rates, shares and what is done are better if higher, times and trouble if lower", "[direction]") {
  std::vector<std::string> higher;
  std::vector<std::string> unknown;
  for (const std::string& name : metric_names()) {
    if (better_of(name) == Better::higher) higher.push_back(name);
    if (better_of(name) == Better::unknown && !name.starts_with("fault.")) unknown.push_back(name);
    if (name.starts_with("fault.")) CHECK(better_of(name) == Better::unknown);
  }
  CHECK(higher == std::vector<std::string>{"jobs", "throughput", "fairness_jobs", "fairness_work", "fairness_engine",
                                           "bypass_share", "frames_shown"});
  CHECK(unknown == std::vector<std::string>{"dependency_share", "slot_grants", "faults"});
}

TEST_CASE("figures of clients, engines and queues are better the same way", "[direction]") {
  for (const char* name : {"client.a.jobs", "client.a.throughput", "engine.rcs0.busy", "queue.a.jobs.throughput"}) {
    CHECK(better_of(name) == Better::higher);
  }
  for (const char* name : {"client.a.jobs_failed", "client.a.cause.work", "engine.rcs0.switching",
                           "queue.a.jobs.cause.wakeup", "queue.1.latency_p99"}) {
    CHECK(better_of(name) == Better::lower);
  }
  for (const char* name : {"event.exec_begin", "queue.1.event.exec_begin", "client.a.engine_time"}) {
    CHECK(better_of(name) == Better::unknown);
  }
}

TEST_CASE("a verdict that does not say which way is better knows it", "[direction]") {
  const auto lower_is_better = [](const std::string& verdict) {
    std::vector<gpusim::scenario::Problem> problems;
    return parse_experiment("scenario = \"x.toml\"\nverdict = " + verdict + "\n", "e.toml", problems)
        .verdict.lower_is_better;
  };
  CHECK(lower_is_better("{ metric = \"latency_p99\" }"));
  CHECK_FALSE(lower_is_better("{ metric = \"throughput\" }"));
  CHECK(lower_is_better("{ metric = \"throughput\", better = \"lower\" }"));
  CHECK_FALSE(lower_is_better("{ better = \"higher\", metric = \"event.exec_begin\" }"));
}
