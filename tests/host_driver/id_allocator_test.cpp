// SPDX-License-Identifier: MIT
// Ids of the firmware: the lowest free one, and none when all are in use.
#include "host_driver/id_allocator.h"

#include "tests/support/catch.h"

using gpusim::drv::IdAllocator;

TEST_CASE("ids start at 1, and the lowest that was given back comes first", "[driver]") {
  IdAllocator ids{3};
  CHECK(ids.take() == 1U);
  CHECK(ids.take() == 2U);
  CHECK(ids.take() == 3U);
  CHECK_FALSE(ids.take().has_value());
  ids.give_back(3);
  ids.give_back(1);
  CHECK(ids.take() == 1U);
  CHECK(ids.take() == 3U);
  CHECK_FALSE(ids.take().has_value());
}
