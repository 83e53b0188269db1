// SPDX-License-Identifier: MIT
// What the event table promises and a static_assert cannot ask: under sanitizers g++ takes no comparison with a
// function for a constant.
#include "traces/event/event_table.h"
#include "tests/support/catch.h"

using namespace gpusim::trace;

TEST_CASE("rows with a counter, and no others, say how high it stands", "[events]") {
  for (const EventInfo& row : event_table()) {
    INFO(row.name);
    CHECK((row.counter != Counter::none) == (row.level != nullptr));
  }
}
