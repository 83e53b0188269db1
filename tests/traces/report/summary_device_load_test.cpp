// SPDX-License-Identifier: MIT
// The device's load in both summaries.
#include <sstream>
#include <string>

#include "tests/support/catch.h"
#include "tests/support/text.h"
#include "tests/support/trace_script.h"
#include "traces/report/summary.h"

using namespace gpusim;
using namespace gpusim::trace;
using test::has;

namespace {

/// A run of 1 us.
struct LoadExample {
  LoadExample() {
    load.attach_to(script.recorder);
    script.put(message_send{}).put(slot_grant{.slot = 0}).put(queue_registered{.id = 1});
    script.put(ring_write{.job = JobId{1}, .index = 0});
    script.at_ns(100).put(queue_ready{.write_index = 1, .resident = true});
    script.at_ns(250).put(firmware_end{.event = 1}).put(slot_evict{.slot = 0});
    script.at_ns(600).put(engine_assign{});
    script.at_ns(1'000);
    load.finish(script.now());
    profile.handlers.resize(4);
    profile.handlers[0].name = "doorbell";
    profile.handlers[1].name = "pick";
    profile.handlers[2].name = "tick";
    profile.handlers[3].name = "quantum";
    for (std::size_t i = 0; i < 4; ++i) profile.handlers[i].time.add(10'000 * (i + 1));
    names.queues.resize(2);
    names.queues[1].name = "app.jobs";
  }
  [[nodiscard]] std::string written(void (*write)(std::ostream&, const RunInfo&, const Statistics&, const Names&)) {
    RunInfo run;
    run.end = script.now();
    run.device_load = &load;
    run.firmware_profile = &profile;
    std::ostringstream out;
    write(out, run, Statistics{}, names);
    return out.str();
  }

  TraceScript script;
  DeviceLoad load{1, 4};
  FirmwareProfile profile;
  Names names;
};

void write_text(std::ostream& out, const RunInfo& run, const Statistics& statistics, const Names& names) {
  write_summary_text(out, run, statistics, names);
}

}  // namespace

TEST_CASE("the summary says how full slots, run-list and message buffer were, and what the firmware was busy with") {
  CHECK_THAT(LoadExample{}.written(write_text),
             Catch::Contains(
                 "slots held: 0.25 of 4 on average, 1 at most\n"
                 "run-list: 0.50 queues on average, 1 at most; the longest wait 500.000 ns, of app.jobs\n"
                 "firmware: busy 10.0% (quantum 40%, tick 30%, pick 20%); 1 message, 0.25 waiting on average, 1 at "
                 "most\n\n"));
}

TEST_CASE("a device without slots, without waiting queues and with nothing done by its firmware has no such lines") {
  DeviceLoad load{1, 0};
  load.finish(SimTime{ps(10)});
  RunInfo run;
  run.end = SimTime{ps(10)};
  run.device_load = &load;
  std::ostringstream out;
  write_summary_text(out, run, Statistics{}, Names{});
  for (const char* row : {"slots held", "run-list", "firmware"}) CHECK_FALSE(has(out.str(), row));
}

TEST_CASE("the JSON summary has the same of the firmware's load") {
  CHECK(has(LoadExample{}.written(write_summary_json),
            "\"firmware_load\": {\n    \"busy_ps\": 100000,\n    \"messages\": 1,\n"
            "    \"message_queue\": {\n      \"mean\": 0.25,\n      \"most\": 1\n    },\n    \"slots\": 4,\n"
            "    \"slots_held\": {\n      \"mean\": 0.25,\n      \"most\": 1\n    },\n"
            "    \"run_list\": {\n      \"mean\": 0.50,\n      \"most\": 1\n    },\n"
            "    \"longest_wait_ps\": 500000,\n    \"longest_waiter\": \"app.jobs\"\n  }"));
}
