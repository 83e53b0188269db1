// SPDX-License-Identifier: MIT
// Values of the host that are allowed and extreme: each gives a run that ends.
#include <string>

#include "sim/scenario/loader.h"
#include "tests/support/catch.h"
#include "tests/support/machine/finding.h"
#include "tests/support/machine/scenarios.h"

using namespace gpusim;

namespace {

scenario::ScenarioSpec loaded(const std::string& host, int clones = 2) {
  const std::string text = "[host]\n" + host + "\n[[client]]\nname = \"a\"\nclones = " + std::to_string(clones) +
                           "\nworkload = \"loop\"\nengine = \"rcs\"\nwork_us = 1\ncycles = 3\n";
  scenario::LoadResult result = scenario::load_scenario_text(text, "x.toml");
  REQUIRE(result.problems.empty());
  return *std::move(result.spec);
}

}  // namespace

TEST_CASE("clients that share a CPU finish whatever time slice and switch are", "[host]") {
  for (const char* host : {"cpus = 1\ntimeslice_us = 1", "cpus = 1\ntimeslice_us = 1\ncontext_switch_ns = 1_000",
                           "cpus = 1\ntimeslice_ns = 1_500", "cpus = 1\ncontext_switch_ms = 3",
                           "cpus = 1\ntimeslice_ms = 3_600_000", "cpus = 2\ntimeslice_us = 1"}) {
    CAPTURE(host);
    const test::Finding finding = test::find_in(loaded(host));
    CHECK(finding.text.empty());
    CHECK(finding.outcome == system::Outcome::finished);
  }
}

TEST_CASE("a client that waits for the CPU of a background thread is no stall", "[host]") {
  const test::Finding finding = test::find_in(
      loaded("cpus = 1\ntimeslice_us = 1\n[host.background]\nthreads = 1\nbusy_us = 10\nperiod_us = 100", 1));
  CHECK(finding.text.empty());
  CHECK(finding.outcome == system::Outcome::finished);
}

TEST_CASE("a run with costs of an hour ends, at the latest after 53 days", "[host]") {
  for (const char* cost : {"context_switch", "task_wake", "worker_wake", "irq_delivery", "irq_entry", "mutex_op",
                           "spinlock_op", "queue_work", "wake_up", "syscall_entry", "timer_op", "store_drain"}) {
    // Threads that share a CPU change places at each slice: a slice of 3 ms is a million events in an hour.
    for (const char* cpus : {"cpus = 1\ntimeslice_ms = 60_000\n", "cpus = 4\n"}) {
      CAPTURE(cost, cpus);
      scenario::ScenarioSpec spec = loaded(cpus + std::string{cost} + "_ms = 3_600_000");
      spec.job_timeout = Picoseconds{0};
      spec.device.descriptor.quantum_ps = 0;
      const test::Recording recording = test::run(spec);
      CHECK((recording.result.outcome == system::Outcome::finished ||
             (recording.result.outcome == system::Outcome::stopped && recording.result.end == kEndOfTime)));
    }
  }
}

TEST_CASE("whoever runs the work of submission queues, all jobs are done and no rule is broken", "[host]") {
  for (const auto component :
       {scenario::Component::drm_dep, scenario::Component::drm_sched, scenario::Component::jobqueue}) {
    for (const char* workers : {"unbound", "highpri", "shared", "kthread", "kthread_per_priority"}) {
      for (const char* load : {"", "\n[host.background]\nthreads = 12\nbusy_us = 400\nperiod_us = 500"}) {
        CAPTURE(component, workers, load);
        scenario::ScenarioSpec spec = loaded(std::string{"submit_workers = \""} + workers + "\"" + load, 8);
        spec.component = component;
        const test::Finding finding = test::find_in(spec);
        CHECK(finding.oracle.empty());
        CHECK(finding.outcome == system::Outcome::finished);
      }
    }
  }
}
