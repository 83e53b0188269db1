// SPDX-License-Identifier: MIT
// What is said of bytes that jobs cannot move.
#include <algorithm>
#include <string>
#include <vector>

#include "sim/scenario/loader.h"
#include "tests/sim/scenario/loading.h"
#include "tests/support/catch.h"
#include "tests/support/text.h"

using namespace gpusim::scenario;
using gpusim::test::has;
using gpusim::test::kClient;
using gpusim::test::problems;

namespace {

[[nodiscard]] bool complains(const std::vector<std::string>& sets, const std::string& what) {
  const std::vector<std::string> lines = problems(kClient, {.sets = sets});
  for (const std::string& line : lines) UNSCOPED_INFO(line);
  return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) { return has(line, what); });
}

}  // namespace

TEST_CASE("bytes have one end on the device, and go through engines and links that know of them", "[scenario]") {
  const std::string link = "device.link.bandwidth_mb_s=16_000";
  const std::string ends = "client.c.from and to are both \"host\": one end of what a job moves is the device's memory";
  CHECK(complains({link, "client.c.bytes=5", "client.c.to=host"}, ends));
  CHECK(complains({link, "client.c.bytes=5", "client.c.to=host", "client.c.from=host"}, ends));
  CHECK_FALSE(complains({link, "client.c.bytes=5", "client.c.to=host", "client.c.from=device"}, "error"));
  CHECK(complains({link, "client.c.bytes=5", "device.engines.rcs.module=mine"},
                  "client.c.bytes: device.engines.rcs.module is an engine of a plug-in, which moves none"));
  CHECK_FALSE(complains({link, "client.c.bytes=5", "device.engines.bcs.module=mine"}, "which moves none"));
  for (const std::string kind : {"workload = \"poisson\"\nmean_interval_us = 1\n", "workload = \"churn\"\n"}) {
    const std::string client = "[[client]]\nname = \"c\"\nwork_us = 1\n" + kind;
    CAPTURE(client);
    CHECK(problems(client, {.sets = {link, "client.c.bytes=5"}}).empty());
    const std::vector<std::string> both = problems(client, {.sets = {link, "client.c.bytes=5", "client.c.to=host"}});
    REQUIRE(both.size() == 1);
    CHECK(has(both[0], ends));
  }
  CHECK(complains({link, "client.c.bytes=5", "device.link.module=mine"},
                  "device.link.bandwidth_mb_s is that of our link, but device.link.module puts another one"));
}

TEST_CASE("bytes of steps go through the same checks, and a note says that nothing limits them", "[scenario]") {
  const std::string client = "[[client]]\nname = \"s\"\nworkload = \"steps\"\nprogram = \"submit rcs 5 upload 7\"\n";
  const std::vector<std::string> plugged =
      problems(client, {.sets = {"device.link.bandwidth_mb_s=7", "device.engines.rcs.module=mine"}});
  CHECK(std::any_of(plugged.begin(), plugged.end(), [](const std::string& line) {
    return has(line, "client.s.program: device.engines.rcs.module is an engine of a plug-in, which moves none");
  }));
  const auto notes = [&](const std::vector<std::string>& sets) {
    return load_scenario_text(client, "x.toml", {.sets = sets}).spec->notices;
  };
  const std::vector<std::string> unlimited{
      "client.s.program: its bytes have no effect: nothing on their way has a bandwidth (device.link.bandwidth_mb_s, "
      "device.memory.bandwidth_mb_s)"};
  CHECK(notes({}) == unlimited);
  CHECK(notes({"device.link.bandwidth_mb_s=7"}).empty());
  CHECK(notes({"device.memory.bandwidth_mb_s=7"}).empty());
}
