// SPDX-License-Identifier: MIT
// What the driver does not do any more once it has decided: give a slot to a queue that it terminates, and ask a
// firmware that a device reset is on its way to.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/machine/outcome.h"

using namespace gpusim;
using test::Outcome;
using test::run_to_end;

namespace {

using Sets = std::vector<std::string>;

/// How many queues get a slot after such an event of theirs.
template <class Condemns>
std::size_t slots_after(const Outcome& run) {
  std::map<QueueId, SimTime> since;
  for (const auto& event : run.recording.template all<Condemns>()) since.emplace(event.queue, event.time);
  const auto grants = run.recording.template all<trace::slot_grant>();
  return static_cast<std::size_t>(std::count_if(grants.begin(), grants.end(), [&](const auto& grant) {
    const auto found = since.find(grant.queue);
    return found != since.end() && grant.time > found->second;
  }));
}

}  // namespace

TEST_CASE("host tick: a queue that is terminated for a timeout gets no slot any more, and no engine is reset for it",
          "[condemned]") {
  const Sets sets{"use.driver=tyr_like", "device.firmware.policy=host_slots", "device.slots=1",
                  "scheduler.timeout_ms=30"};
  const Outcome run = run_to_end(test::loop_text("app", "clones = 40\nwork_ms = 1\ncycles = 1\n"), "jobqueue", sets);
  const std::size_t banned = run.count<trace::queue_banned>();
  CHECK(banned >= 5);
  CHECK(run.failed() == banned);
  CHECK(slots_after<trace::job_timedout>(run) == 0);
  CHECK(run.count<trace::engine_reset>() <= 1);  // of the one that held the slot
}

TEST_CASE("host tick: a queue whose process is killed gets no slot any more", "[condemned]") {
  const std::string component = GENERATE("drm_dep", "drm_sched", "jobqueue");
  CAPTURE(component);
  const Sets sets{"use.device=mali_csf", "device.slots=1", "fault.kill_client=app", "fault.kill_ms=12"};
  const Outcome run = run_to_end(test::loop_text("app", "clones = 20\nwork_ms = 5\ncycles = 2\n"), component, sets);
  CHECK(run.count<trace::queue_kill>() == 20);
  CHECK(slots_after<trace::queue_kill>(run) == 0);
}

TEST_CASE("a request that is not answered is given up after one answer_timeout, also the second of two",
          "[condemned]") {
  const std::string component = GENERATE("drm_dep", "drm_sched", "jobqueue");
  CAPTURE(component);
  const Outcome run = run_to_end(test::loop_text("app", "work_us = 100\ncycles = 1\n"), component,
                                 {"fault.dropped_message=3", "driver.answer_timeout_ms=100", "host.timer=exact"});
  const auto given_up = run.recording.all<trace::message_abandoned>();
  REQUIRE(given_up.size() == 1);
  CHECK(given_up[0].action == trace::Code{static_cast<std::uint64_t>(abi::Action::deregister_queue)});
  SimTime sent{};
  for (const auto& event : run.recording.all<trace::message_send>()) {
    if (event.action == given_up[0].action) sent = event.time;
  }
  CHECK(given_up[0].time - sent >= ms(100));
  CHECK(given_up[0].time - sent < ms(101));
}

TEST_CASE("nobody asks the firmware between the request for a device reset and that reset", "[condemned]") {
  const std::string client = "work_ms = 5\ncycles = 40\nsync = false\nmax_in_flight = 6\n";
  const std::string text =
      test::loop_text("a", client) + test::loop_text("b", client) + "[[faults]]\nkind = \"firmware_crash\"\nnth = 20\n";
  const Outcome run = run_to_end(text, "jobqueue",
                                 {"use.driver=tyr_like", "device.firmware.policy=host_slots", "device.slots=1",
                                  "scheduler.timeout_ms=50", "driver.answer_timeout_ms=1000"});
  CHECK(run.count<trace::message_abandoned>() == 1);
  const auto resets = run.recording.all<trace::device_reset_begin>();
  REQUIRE(resets.size() == 1);
  CHECK(resets[0].time - run.recording.all<trace::message_abandoned>()[0].time < ms(1));
}
