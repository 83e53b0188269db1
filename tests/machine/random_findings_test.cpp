// SPDX-License-Identifier: MIT
// What random scenarios have found in the driver, made small. All rules of the model are checked in each run.
#include <string>

#include "tests/support/catch.h"
#include "tests/support/machine/outcome.h"

using namespace gpusim;
using test::Outcome;
using test::run_to_end;

TEST_CASE("a handler that takes long signals no job before its start mark, and no mark twice", "[recovery]") {
  const Outcome outcome = run_to_end(R"(
[device.firmware]
wake_us = 41647
[driver]
irq_complete_us = 25756
[[client]]
name = "app"
workload = "wsim"
program = """
f,2.VCS2.27-563.f-1.0,1.BCS.44-565.s-1.0,d.353,0.VECS.9-211.0.0,d.490,1.DEFAULT.22-602.f-6.0,1.VCS1.32-378.s-5.0
3.RCS.22-577.s-2.0,0.VECS.38-370.0.0,0.DEFAULT.2-174.f-10.0,1.BCS.46-118.0.0
"""
repeats = 8
)",
                                     "drm_dep");
  CHECK(outcome.failed() == 0);
}

TEST_CASE("shared rings: a device that is pulled while a timeout is at work loses no job", "[rings]") {
  const std::string driver = GENERATE("amdgpu_ring", "v3d");
  const std::string when = GENERATE("2047", "2049", "2053", "2057", "2059", "513");
  CAPTURE(driver, when);
  const Outcome outcome =
      run_to_end("use = { driver = \"" + driver + "\" }\n[fault]\nhung_job = 1\nunplug_ms = " + when +
                     "\n[[client]]\nname = \"app\"\nworkload = \"loop\"\nengine = \"rcs\"\nwork_us = "
                     "100\njobs_per_cycle = 3\ncycles = 1\n",
                 "drm_sched");
  CHECK(outcome.jobs() == 3);
}

TEST_CASE("a device that survives no reset touches no memory that the driver has given back", "[reset]") {
  const std::string component = GENERATE("drm_dep", "drm_sched");
  CAPTURE(component);
  const Outcome outcome = run_to_end(R"(
[device.firmware]
message_long_ms = 540
[driver]
no_room_timeout_ms = 1
[[client]]
name = "churn"
workload = "churn"
engine = "rcs"
work_us = 1
cycles = 7
hold_us = 1000000
[[client]]
name = "fan"
workload = "fan"
source_us = [38, 173]
branch_us = [75, 306]
sink_us = 178
clones = 4
width = 48
)",
                                     component);
  CHECK(outcome.count<trace::device_reset_begin>() == 3);
  CHECK(outcome.count<trace::device_gone>() == 1);
}
