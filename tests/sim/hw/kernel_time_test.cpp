// SPDX-License-Identifier: MIT
#include "sim/hw/kernel_time.h"

#include "sim/system/kernel.h"
#include "tests/support/catch.h"

using namespace gpusim;

TEST_CASE("a duration is SystemC's own time of so many picoseconds, both ways", "[kernel_time]") {
  const system::Kernel kernel;
  for (const Picoseconds duration : {ps(0), ps(1), ns(700), ms(3'600'000), Picoseconds::max()}) {
    const auto value = static_cast<sc_core::sc_time::value_type>(duration.count());
    CHECK(hw::to_sc(duration) == sc_core::sc_time::from_value(value));
    CHECK(hw::from_sc(hw::to_sc(duration)) == duration);
  }
  CHECK(hw::to_sc(ns(700)) == sc_core::sc_time(700, sc_core::SC_NS));
}
