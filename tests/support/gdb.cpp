// SPDX-License-Identifier: MIT
#include "tests/support/gdb.h"

#include <cstdlib>

#include "tests/support/catch.h"

namespace gpusim::test {

namespace {

[[nodiscard]] std::string firmware_file() {
  return std::filesystem::path{GPUSIM_PROGRAM}.parent_path().parent_path() / "rv32/gpusim_firmware.elf";
}

}  // namespace

bool can_debug_firmware() {
  if (std::system("command -v gdb-multiarch > /dev/null") != 0) {
    WARN("SKIPPED: gdb-multiarch is not installed, and nobody has tried whether GDB can debug the firmware");
    return false;
  }
  if (std::filesystem::exists(firmware_file())) return true;
  WARN("SKIPPED: riscv64-unknown-elf-g++ is not installed, and GDB has no lines of the firmware");
  return false;
}

Debugged debug_program(const std::string& arguments, const std::vector<std::string>& commands) {
  const Folder folder;
  std::string script = "set confirm off\nset width 110\n";
  for (const std::string& command : commands) {
    script +=
        "echo (gdb) " + command + "\\n\n" + command + (command == "target remote" ? " 127.0.0.1:PORT" : "") + "\n";
  }
  spit(folder / "commands", script);
  const std::string shell = "cd '" GPUSIM_SOURCE_DIR "' && F='" + folder.text() + "' && { " GPUSIM_PROGRAM " run " +
                            arguments +
                            " --gdb 0 > \"$F/out\" 2> \"$F/err\" & }; run=$!\n"
                            "for i in $(seq 600); do grep -q '^waiting for' \"$F/err\" && break; sleep 0.05; done\n"
                            "port=$(sed -n 's/^waiting for.* 127.0.0.1:\\([0-9]*\\).*/\\1/p' \"$F/err\")\n"
                            "sed -i \"s/PORT/$port/\" \"$F/commands\"\n"
                            "timeout 120 gdb-multiarch -nx -q -batch -x \"$F/commands\" '" +
                            firmware_file() +
                            "' > \"$F/gdb\" 2>&1 < /dev/null\n"
                            "wait $run; echo $? > \"$F/code\"";
  REQUIRE(std::system(shell.c_str()) == 0);
  const int code = std::atoi(slurp(folder / "code").c_str());
  return {{code, slurp(folder / "out"), slurp(folder / "err")}, slurp(folder / "gdb")};
}

}  // namespace gpusim::test
