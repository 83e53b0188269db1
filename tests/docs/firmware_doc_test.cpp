// SPDX-License-Identifier: MIT
// What docs/firmware.md shows: the profile, the computed service times, and a session of GDB, as they are.
#include <algorithm>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "base/read_file.h"
#include "sim/hw/firmware_image.h"
#include "tests/docs/marked_block.h"
#include "tests/docs/repository.h"
#include "tests/support/catch.h"
#include "tests/support/gdb.h"
#include "tests/support/program.h"
#include "traces/report/text_table.h"

using namespace gpusim;
using namespace gpusim::test;

namespace {

const std::string kOnCore =
    "quickstart --set 'device.firmware.core=\"rv32\"' --set 'device.firmware.timing=\"cycles\"'";

constexpr std::size_t kPageWidth = 118;

/// The figures and addresses of the page are those of the image that comes along.
[[nodiscard]] bool is_shipped_image() {
  const std::string shipped = read_file(GPUSIM_SOURCE_DIR "/firmware/image/gpusim_firmware.elf").value_or("");
  const auto bytes = std::as_bytes(std::span{shipped});
  const auto image = hw::firmware_image();
  if (std::equal(bytes.begin(), bytes.end(), image.begin(), image.end())) return true;
  WARN("SKIPPED: this compiler makes another image of the firmware than the one that docs/firmware.md is about");
  return false;
}

/// From the first line that begins with `from` to the one before `to`.
[[nodiscard]] std::string part_of(const std::string& text, const std::string& from, const std::string& to) {
  const std::size_t begin = text.find("\n" + from);
  const std::size_t first = text.starts_with(from) ? 0 : begin + 1;
  return text.substr(first, text.find(to, first) - first);
}

/// Lines that are too long for a page are broken.
[[nodiscard]] std::string fenced(const std::string& text) {
  std::ostringstream out;
  std::istringstream lines{text};
  out << "```text\n";
  for (std::string line; std::getline(lines, line);) {
    if (line.size() > kPageWidth) {
      trace::write_paragraph(out, line, {.width = kPageWidth});
    } else {
      out << line << '\n';
    }
  }
  out << "```\n";
  return out.str();
}

}  // namespace

TEST_CASE("the profile in docs/firmware.md is that of the quickstart", "[docs]") {
  if (!is_shipped_image()) return;
  const std::string out = run_program("run " + kOnCore + " --width " + std::to_string(kPageWidth)).out;
  check_marked_block("docs/firmware.md", "firmware_profile", fenced(part_of(out, "firmware ", "\ncause ")));
}

TEST_CASE("the service times in docs/firmware.md are those that the core needs", "[docs]") {
  if (!is_shipped_image()) return;
  const std::string out = run_program("explain quickstart --firmware-times --width 110").out;
  check_marked_block("docs/firmware.md", "firmware_times", fenced(part_of(out, "parameter ", "\n[device.firmware]")));
}

TEST_CASE("the session of GDB in docs/firmware.md is one", "[docs]") {
  if (!is_shipped_image() || !can_debug_firmware()) return;
  const Debugged debugged =
      debug_program(kOnCore, {"target remote", "break pick", "continue", "print engine", "print queues_._M_ptr[2]",
                              "print/x *(int *)0x40000020", "delete", "continue"});
  INFO(debugged.gdb);
  CHECK(debugged.run.code == 0);
  check_marked_block("docs/firmware.md", "gdb", fenced(debugged.gdb));
}
