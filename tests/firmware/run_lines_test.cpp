// SPDX-License-Identifier: MIT
// Lines by level and set of engines: who came first of several, and for which engines somebody waits.
#include "firmware/runlist/run_lines.h"

#include <array>
#include <cstdint>

#include "firmware/runlist/engine_sets.h"
#include "tests/support/catch.h"

using namespace gpusim;
using namespace gpusim::fw;

namespace {

struct LinesScene {
  LinesScene() {
    for (std::uint32_t queue = 1; queue < queues.size(); ++queue) {
      const std::uint32_t set = sets.take(queue % 2 == 1 ? 0b01 : 0b10, 0);
      queues[queue].engine_set = static_cast<std::uint8_t>(set);
    }
  }

  EngineSets sets;
  std::array<QueueRecord, 5> queues{};
  RunLines lines{queues.data(), sets};
};

}  // namespace

TEST_CASE("the first of several lines is who came first, also when others have left in front of it", "[firmware]") {
  LinesScene s;
  for (std::uint32_t queue = 1; queue <= 4; ++queue) s.lines.push_back(queue);
  CHECK(s.lines.first(0, 0b11) == 1);
  s.lines.remove(1);
  CHECK(s.lines.first(0, 0b11) == 2);
  CHECK(s.lines.first(0, 0b01) == 3);
  s.lines.remove(2);
  CHECK(s.lines.first(0, 0b11) == 3);
  s.lines.set_level(3, 1);
  CHECK(s.lines.first(0, 0b11) == 4);
  CHECK(s.lines.first(1, 0b11) == 3);
  CHECK(s.lines.first(1, 0b10) == kNil);
  CHECK(s.lines.last_level() == 1);
}

TEST_CASE("engines for which somebody waits are known as lines fill and empty", "[firmware]") {
  LinesScene s;
  CHECK(s.lines.engines() == 0);
  s.lines.push_back(2);
  CHECK(s.lines.engines() == 0b10);
  s.lines.push_back(1);
  s.lines.push_back(3);
  CHECK(s.lines.engines() == 0b11);
  s.lines.remove(1);
  CHECK(s.lines.engines() == 0b11);
  s.lines.set_level(3, 2);
  CHECK(s.lines.engines() == 0b11);
  s.lines.remove(3);
  CHECK(s.lines.engines() == 0b10);
  s.lines.remove(2);
  CHECK(s.lines.engines() == 0);
}
