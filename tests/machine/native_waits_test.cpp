// SPDX-License-Identifier: MIT
// Native waits on a whole machine (driver.native_waits): a job waits in its ring for another queue's fence value.
#include <algorithm>
#include <string>
#include <vector>

#include "sim/system/simulation.h"
#include "tests/support/catch.h"
#include "tests/support/cause_check.h"
#include "tests/support/machine/outcome.h"

using namespace gpusim;
using test::Outcome;
using test::run_to_end;
using Sets = std::vector<std::string>;

namespace {

/// One client that submits a job for each line, and waits for nothing.
std::string program(const std::string& lines, const std::string& more = {}) {
  return "[share]\nfences = \"a b c d\"\n" + test::client_text("app", "steps", "program = \"\"\"\n" + lines + "\"\"\"\n" + more);
}

Sets native(Sets more = {}) {
  more.emplace_back("driver.native_waits=true");
  return more;
}

/// From the end of the one job's work to the begin of the other's.
Picoseconds gap(const Outcome& outcome, std::size_t producer, std::size_t consumer) {
  const std::vector<test::Job> jobs = outcome.recording.jobs();
  return *jobs.at(consumer).start - *jobs.at(producer).end;
}

const std::string kPair = program("submit rcs 100 signal a\nsubmit bcs 50 after a\n");

}  // namespace

TEST_CASE("native waits: between two queues lies the firmware, and not the host", "[native]") {
  // The engine's report wakes the firmware (500 ns) and is served in 3 us. Meanwhile the value is in memory (400 ns after
  // the end) and seen (700 ns). Then 3 us for the wait, 1 us for the pick, 10 us to restore, 700 ns to fetch.
  for (const char* component : {"drm_sched", "drm_dep", "jobqueue"}) {
    for (const char* wake : {"1", "400"}) {
      INFO(component << " " << wake);
      const Sets host{std::string{"host.worker_wake_us="} + wake, std::string{"host.irq_delivery_us="} + wake};
      CHECK(gap(run_to_end(kPair, component, native(host)), 0, 1) == ns(18'200));
      CHECK(gap(run_to_end(kPair, component, host), 0, 1) > (wake[0] == '1' ? us(20) : us(800)));
    }
  }
}

TEST_CASE("native waits: the time that a job waits in its ring has a name, and all causes tile its life", "[native]") {
  const Outcome outcome = run_to_end(kPair, "drm_dep", native());
  const auto begin = outcome.recording.all<trace::ring_wait_begin>();
  const auto end = outcome.recording.all<trace::ring_wait_end>();
  REQUIRE(begin.size() == 1);
  REQUIRE(end.size() == 1);
  CHECK(outcome.recording.names.queues.at(begin.front().queue.value()).name == "app.bcs");
  // Of the 18.2 us all but pick, restore and fetch.
  const test::Job producer = outcome.recording.jobs().front();
  CHECK(end.front().time - *producer.end == ns(6'500));
  CHECK(outcome.count<trace::native_dependency>() == 1);
  CHECK(outcome.count<trace::ring_wait_write>() == 1);
}
