// SPDX-License-Identifier: MIT
// A descriptor of ten times the steps takes some ten times as long to read, not a hundred times.
#include <algorithm>
#include <ctime>
#include <string>

#include "sim/workload/wsim_parser.h"
#include "sim/workload/wsim_plan.h"
#include "tests/support/catch.h"

using namespace gpusim::workload;

namespace {

/// All that looks at other steps: maps, preemption, waits, software fences, batches that are ended, references.
[[nodiscard]] std::string descriptor(int repeats) {
  std::string text = "M.1.VCS\nB.1\nX.2.50\n";
  for (int i = 0; i < repeats; ++i)
    text += "f\n2.RCS.10.f-1.0\n1.VCS.10.-1.0\na.-3\ns.-3\n3.BCS.*.0.0\nT.-1\n2.RCS.5.0.1\n";
  return text;
}

/// The least of several, in clock ticks of this process alone.
[[nodiscard]] std::clock_t time_to_read(const std::string& text) {
  std::clock_t least = 0;
  for (int i = 0; i < 5; ++i) {
    const std::clock_t begin = std::clock();
    const WsimParseResult parsed = parse_wsim(text, "x.wsim");
    REQUIRE(parsed.ok());
    CHECK(plan_wsim(*parsed.program).queues.size() == 3);
    const std::clock_t took = std::max<std::clock_t>(std::clock() - begin, 1);
    least = i == 0 ? took : std::min(least, took);
  }
  return least;
}

}  // namespace

TEST_CASE("reading a descriptor takes time in proportion to its steps", "[wsim]") {
  CHECK(time_to_read(descriptor(10'000)) < 40 * time_to_read(descriptor(1'000)));
}
