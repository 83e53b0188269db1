// SPDX-License-Identifier: MIT
// The firmware's profile in both summaries.
#include <sstream>
#include <string>

#include "tests/support/catch.h"
#include "tests/support/text.h"
#include "traces/report/summary.h"

using namespace gpusim;
using namespace gpusim::trace;
using test::has;

namespace {

struct FirmwareExample {
  FirmwareExample() {
    profile.has_core = profile.has_bus_waits = true;
    profile.handlers.resize(3);
    profile.handlers[0].name = "doorbell";
    profile.handlers[1].name = "never";
    profile.handlers[2].name = "pick";
    HandlerProfile& doorbell = profile.handlers[0];
    doorbell.instructions = 301;
    doorbell.cycles = 405;
    doorbell.registers = 8;
    doorbell.host_reads = 2;
    doorbell.bus_wait = 1'560'000;
    for (int i = 0; i < 2; ++i) doorbell.time.add(2'000'000);
    profile.handlers[2].instructions = profile.handlers[2].cycles = 500;
    profile.handlers[2].time.add(1'000'000);
  }
  [[nodiscard]] std::string text(bool all = false) const {
    RunInfo run;
    run.firmware_profile = &profile;
    run.show_all = all;
    std::ostringstream out;
    write_summary_text(out, run, Statistics{}, Names{});
    return out.str();
  }
  FirmwareProfile profile;
};

}  // namespace

TEST_CASE("the firmware's turns have a line for each kind that occurred, with means for a call") {
  CHECK_THAT(
      FirmwareExample{}.text(),
      Catch::Contains(
          "\nfirmware  calls  share  instr/call  cycles/call  regs/call  reads/call    bus wait       avg       p50"
          "       p99       max\n"
          "doorbell      2  80.0%       150.5        202.5        4.0         1.0  780.000 ns  2.000 us  2.000 us"
          "  2.000 us  2.000 us\n"
          "pick          1  20.0%       500.0        500.0        0.0         0.0           0  1.000 us  1.000 us"
          "  1.000 us  1.000 us\n\n"));
}

TEST_CASE("without a core there are neither instructions nor bus waits, and the lines only with all") {
  FirmwareExample example;
  example.profile.has_core = example.profile.has_bus_waits = false;
  CHECK_FALSE(has(example.text(), "\nfirmware "));
  CHECK(has(example.text(true), "\nfirmware  calls  share  regs/call  reads/call       avg"));
}

TEST_CASE("the JSON summary has the sums, of what is known") {
  const auto json = [](const FirmwareProfile& profile) {
    RunInfo run;
    run.firmware_profile = &profile;
    std::ostringstream out;
    write_summary_json(out, run, Statistics{}, Names{});
    return out.str();
  };
  FirmwareExample example;
  CHECK(has(json(example.profile),
            "\"firmware_profile\": [\n    {\n      \"name\": \"doorbell\",\n      \"calls\": 2,\n"
            "      \"instructions\": 301,\n      \"cycles\": 405,\n      \"registers\": 8,\n      \"host_reads\": 2,\n"
            "      \"bus_wait_ps\": 1560000,\n      \"time_ps\": {\n        \"sum\": 4000000,\n"
            "        \"min\": 2000000,\n        \"mean\": 2000000,\n        \"p50\": "));
  CHECK_FALSE(has(json(example.profile), "never"));
  example.profile.has_core = example.profile.has_bus_waits = false;
  CHECK_FALSE(has(json(example.profile), "\"cycles\""));
  CHECK_FALSE(has(json(example.profile), "\"bus_wait_ps\""));
}
