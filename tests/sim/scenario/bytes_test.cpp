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
  CHECK(complains({link, "client.c.bytes=5", "device.link.module=mine"},
                  "device.link.bandwidth_mb_s is that of our link, but device.link.module puts another one"));
}
