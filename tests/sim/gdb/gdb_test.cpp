// SPDX-License-Identifier: MIT
// The firmware under a real GDB: what it sees, and that it changes nothing.
#include "tests/support/gdb.h"

#include "sim/app/exit_code.h"
#include "tests/support/catch.h"
#include "tests/support/configs.h"
#include "tests/support/text.h"

using namespace gpusim;
using namespace gpusim::test;

namespace {

[[nodiscard]] std::string on_core(const std::string& timing) {
  return kQuickstart + " --set 'device.firmware.core=\"rv32\"' --set 'device.firmware.timing=\"" + timing + "\"'";
}

}  // namespace

TEST_CASE("GDB stops the firmware where it picks a queue, reads its record, and the run ends as without GDB",
          "[program]") {
  if (!can_debug_firmware()) return;
  for (const std::string timing : {"table", "cycles", "live"}) {
    CAPTURE(timing);
    const Debugged debugged =
        debug_program(on_core(timing), {"target remote", "stepi 3", "break pick", "continue", "print engine",
                                        "print queues_._M_ptr[2]", "x/2wx 0x40000000", "print/x *(int *)0x40000020",
                                        "print/x *(int *)0x40000020", "stepi 50", "next", "delete", "continue"});
    INFO(debugged.gdb);
    CHECK(debugged.run.code == app::kGood);
    CHECK(debugged.run.out == run_program("run " + on_core(timing)).out);
    CHECK(has(debugged.gdb, "0x80000000 in reset_vector ()"));
    CHECK(has(debugged.gdb, "Breakpoint 1, gpusim::fw::RunList<"));
    CHECK(has(debugged.gdb, "$1 = 0\n"));
    CHECK(has(debugged.gdb, "{state = gpusim::fw::QueueState::runnable, priority = 1"));
    CHECK(has(debugged.gdb, "ring_entries = "));
    CHECK(has(debugged.gdb, "0x40000000:\t0x00000005\t0x00001000"));  // five engines, 4,096 queues
    CHECK(has(debugged.gdb, "exited normally"));
  }
}

TEST_CASE("a run that GDB detaches from goes on, and one that it kills is interrupted", "[program]") {
  if (!can_debug_firmware()) return;
  const std::string alone = run_program("run " + on_core("live")).out;
  const Debugged left = debug_program(on_core("live"), {"target remote", "break pick", "continue", "detach"});
  CHECK(left.run.code == app::kGood);
  CHECK(left.run.out == alone);
  const Debugged killed = debug_program(on_core("live"), {"target remote", "break pick", "continue", "kill"});
  INFO(killed.gdb << killed.run.err);
  CHECK(killed.run.code == app::kInterrupted);
  const Debugged at_reset = debug_program(on_core("table"), {"target remote", "kill"});
  INFO(at_reset.gdb << at_reset.run.err);
  CHECK(at_reset.run.code == app::kInterrupted);
}

TEST_CASE("GDB watches a variable by steps, and writes what the firmware then reads", "[program]") {
  if (!can_debug_firmware()) return;
  const Debugged debugged = debug_program(
      on_core("table"), {"target remote", "break pick", "continue", "set var queues_._M_ptr[4000].tag = 7",
                         "print queues_._M_ptr[4000].tag", "set can-use-hw-watchpoints 0",
                         "watch -l engines_._M_ptr[0].queue", "delete 1", "continue", "print $pc != 0", "detach"});
  INFO(debugged.gdb);
  CHECK(debugged.run.code == app::kGood);
  CHECK(has(debugged.gdb, "$1 = 7\n"));
  CHECK(has(debugged.gdb, "Old value = 0\nNew value = 2\n"));
}

TEST_CASE("native firmware and a port that is none are refused", "[program]") {
  const Ended native = run_program("run " + kQuickstart + " --gdb 0");
  CHECK(native.code == app::kBadInput);
  CHECK(
      native.err ==
      "--gdb: error: needs device.firmware.core = \"rv32\": native firmware is the simulator's own code, which only a "
      "debugger of the simulator can stop\n");
  CHECK(run_program("run " + on_core("table") + " --gdb 65536").code == app::kBadInput);
  CHECK(run_program("run " + on_core("table") + " --gdb -1").code == app::kBadInput);
}
