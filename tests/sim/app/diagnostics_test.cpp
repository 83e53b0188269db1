// SPDX-License-Identifier: MIT
// Mistakes of users: each message shows where it is and says what may have been meant.
#include <filesystem>
#include <string>

#include "sim/app/exit_code.h"
#include "sim/app/source_lines.h"
#include "tests/support/catch.h"
#include "tests/support/configs.h"
#include "tests/support/program.h"
#include "tests/support/text.h"

namespace fs = std::filesystem;
using namespace std::string_literals;
using namespace gpusim;
using namespace gpusim::test;

namespace {

/// What a command line that is bad input is told.
[[nodiscard]] std::string err(const std::string& arguments) {
  const Ended run = run_program_in("/", arguments);
  CHECK(run.code == app::kBadInput);
  CHECK(run.out.empty());
  return run.err;
}

[[nodiscard]] std::string repeated(const std::string& text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

}  // namespace

TEST_CASE("a mark stands under the column, which counts characters, and a long line is cut around it",
          "[diagnostics]") {
  CHECK(app::marked("sed = 1", 1) == "    sed = 1\n    ^");
  CHECK(app::marked("sed = 1", 7) == "    sed = 1\n          ^");
  CHECK(app::marked("\tx\033[31m = 1", 3) == "     x?[31m = 1\n      ^");
  CHECK(app::marked("\u00e4\u00f6 = x", 4) == "    \u00e4\u00f6 = x\n       ^");
  CHECK(app::marked("ab", 3) == "    ab\n      ^");
  CHECK(app::marked("ab", 4).empty());
  CHECK(app::marked("ab", 0).empty());
  const std::string line = std::string(200, 'a') + "X" + std::string(200, 'b');
  const std::string shown = app::marked(line, 201);
  const std::size_t end = shown.find('\n');
  CHECK(shown.size() < 220);
  CHECK(shown.substr(0, end).ends_with("..."));
  CHECK(shown[shown.rfind('^') - end - 1] == 'X');
}

TEST_CASE("a problem shows its line: of a scenario, a descriptor, an experiment and an option", "[diagnostics]") {
  const Folder folder;
  const std::string bad = (folder / "bad.toml").string();
  spit(bad, "sed = 1\n[[client]]\nname = \"a\"\nworkload = \"loop\"\nengine = \"rcs\"\ncycles = -4\n");
  CHECK(has(err("run " + bad), "bad.toml:1:1: error: unknown key 'sed'; did you mean 'seed'?\n    sed = 1\n    ^\n"));
  CHECK(has(err("run " + bad), "\n    cycles = -4\n             ^\n"));
  const std::string wsim = (folder / "bad.wsim").string();
  spit(wsim, "1.RCS.100.0.0\n1.XCS.100.0.0\n");
  CHECK(has(err("run " + wsim), "\n    1.XCS.100.0.0\n      ^\n"));
  CHECK(has(err("run " + kQuickstart + " --set host.cpus=3 --set hots.cpus=3"),
            "--set:2:1: error: unknown key 'hots'; did you mean 'host'?\n    hots.cpus=3\n    ^\n"));
  const std::string experiment = (folder / "e.toml").string();
  spit(experiment, "scenario = \"bad.toml\"\nseds = 3\n");
  CHECK(has(err("compare " + experiment), "\n    seds = 3\n    ^\n"));
  CHECK(has(err("compare " + kQuickstart + " --variant now --variant far:host.cpus=3,hots.cpus=3"),
            "\n    far:host.cpus=3,hots.cpus=3\n                    ^\n"));
  for (const char* command : {"job ", "why ", "diff ", "baseline "}) {
    CAPTURE(command);
    const std::string rest = command == std::string{"why "}    ? " 1 --at 1us"
                             : command == std::string{"job "}  ? " 1"
                             : command == std::string{"diff "} ? " " + kQuickstart
                                                               : " --dry-run";
    CHECK(has(err(command + kQuickstart + rest + " --set hots.cpus=3"), "\n    hots.cpus=3\n    ^\n"));
  }
}

TEST_CASE("a long list of problems stops at twenty", "[diagnostics]") {
  const Folder folder;
  spit(folder / "many.toml", repeated("[[client]]\nfoo = 1\n", 300));
  const std::string text = err("run " + (folder / "many.toml").string());
  std::size_t errors = 0;
  for (std::size_t at = 0; (at = text.find("error: ", at)) != std::string::npos; ++at) ++errors;
  CHECK(errors == 21);
  CHECK(text.find("error: and ") == text.rfind("error: "));
  CHECK(text.ends_with(" more\n"));
}

TEST_CASE("deep keys are refused, wherever they stand", "[diagnostics]") {
  const Folder folder;
  const std::string deep = repeated("a.", 50'000) + "a";
  for (const std::string& text : {"x = 1\n" + deep + " = 1\n", "x = 1\n[" + deep + "]\n",
                                  "x = 1\n" + repeated("a.", 31) + "a = {" + deep + " = 1}\n"}) {
    spit(folder / "deep.toml", text);
    CHECK(has(err("run " + (folder / "deep.toml").string()), "deep.toml:2:"));
    CHECK(has(err("run " + (folder / "deep.toml").string()), "a key has at most 32 parts"));
  }
  CHECK(has(err("run " + kQuickstart + " --set " + repeated("a.", 20'000) + "a=1"), "a key has at most 32 parts"));
  // Dots elsewhere are none of a key.
  spit(folder / "dots.toml",
       "# " + deep + "\ndescription = \"" + deep + "\"\nname = '''" + deep + "\n" + deep + "'''\n");
  CHECK_FALSE(has(err("run " + (folder / "dots.toml").string()), "parts"));
}

TEST_CASE("a command, an option or a file that does not exist is met with one that does", "[diagnostics]") {
  CHECK(err("rnu x") == "error: there is no command 'rnu'; did you mean 'run'?\n");
  CHECK(err("frobnicate") == "error: there is no command 'frobnicate'; gpusim --help lists them\n");
  CHECK(err("help rnu") == "error: there is no command 'rnu'; did you mean 'run'?\n");
  CHECK(err("run quickstart --sed 4") == "error: there is no option '--sed'; did you mean '--seed'?\n");
  CHECK(err("compare quickstart --variant a --jbos=3") ==
        "error: there is no option '--jbos'; did you mean '--jobs'?\n");
  CHECK(err("run quickstart --frobnicate") == "error: there is no option '--frobnicate'; gpusim help run lists them\n");
  CHECK(err("run quickstart extra") == "error: 'extra' is one argument too many; gpusim help run says what it takes\n");
  CHECK(err("run quickstrat") == "quickstrat: error: there is no such file; did you mean 'quickstart.toml'?\n");
  CHECK(has(err("run " + kConfigs + "/scenarios/quickstrat.toml"), "; did you mean '" + kQuickstart + "'?\n"));
  CHECK(has(err("run xe_guc"), "this is a preset, no scenario: one uses it by use.device = \"xe_guc\""));
  CHECK(has(err("run e1_bypass"), "this is an experiment, not a scenario: gpusim compare runs it"));
}

TEST_CASE("what list names can be run from anywhere by that name", "[diagnostics]") {
  const Ended by_path = run_program("run " + kQuickstart);
  for (const char* name : {"quickstart", "quickstart.toml"}) {
    const Ended by_name = run_program_in("/", "run "s + name);
    CHECK(by_name.code == app::kGood);
    CHECK(without_command(by_name.out) == without_command(by_path.out));
  }
  CHECK(run_program_in("/", "run balance.wsim").code == app::kGood);
  CHECK(run_program_in("/", "explore queues --seeds 2").code == app::kGood);
  CHECK(run_program_in("/", "explain quickstart").code == app::kGood);
  // A file of that name that is there comes first.
  const Folder folder;
  spit(folder / "quickstart", "[[client]]\n");
  CHECK(run_program_in(folder.text(), "run quickstart").code == app::kBadInput);
}

TEST_CASE("a preset of another kind, or of none, is named with those there are", "[diagnostics]") {
  CHECK(
      has(err("run quickstart --set use.host=xe_guc"), "there is no host preset 'xe_guc'; xe_guc is a device preset"));
  const std::string unknown = err("run quickstart --set use.device=frobnicate");
  CHECK(has(unknown, "there is no device preset 'frobnicate'; there are: "));
  CHECK(has(unknown, "xe_guc"));
}

TEST_CASE("a duration that is written wrongly is shown rightly", "[diagnostics]") {
  const auto meant = [](const std::string& set, const std::string& as) {
    CAPTURE(set);
    CHECK(has(err("run quickstart --set '" + set + "'"), "; did you mean '" + as + "'?\n"));
  };
  meant("client.game.work=200", "work_us = 200");
  meant("device.quantum=\"1 ms\"", "quantum_ms = 1");
  meant("device.quantum=\"1.5ms\"", "quantum_us = 1500");
  meant("device.quantum_ms=0.5", "quantum_us = 500");
  meant("device.quantum_ms=\"3us\"", "quantum_us = 3");
  meant("client.game.work_us=[300, 100]", "[100, 300]");
}

TEST_CASE("a scenario is read from stdin, a descriptor may begin with a byte order mark", "[diagnostics]") {
  const Ended run = run_program("run - < " + kQuickstart);
  CHECK(run.code == app::kGood);
  CHECK("quickstart" + without_command(run.out.substr(run.out.find(','))) ==
        without_command(run_program("run " + kQuickstart).out));
  CHECK(run.out.starts_with("stdin, seed 1: "));
  const Folder folder;
  spit(folder / "bom.wsim",
       "\xEF\xBB\xBF"
       "1.RCS.100.0.1\n");
  CHECK(run_program("run " + (folder / "bom.wsim").string()).code == app::kGood);
}

TEST_CASE("control characters of an input never reach the terminal", "[diagnostics]") {
  const Folder folder;
  spit(folder / "x.wsim", "1.R\033[31mS.100.0.0\n\001\002\n");
  const std::string text = err("run " + (folder / "x.wsim").string());
  for (const char c : text) CHECK((c == '\n' || static_cast<unsigned char>(c) >= 0x20));
  // Names of files, too.
  CHECK(err("run '/no\x1b[31m\xff.toml'").starts_with("/no\\u001b[31m\\xff.toml: error: there is no such file"));
  CHECK(err("run '/no/caf\u00e9.toml'").starts_with("/no/caf\u00e9.toml: error: "));
}

TEST_CASE("what is no UTF-8 in a line that is shown is a mark of its own", "[diagnostics]") {
  CHECK(app::marked("a\xff = 1", 2) == "    a? = 1\n     ^");
}
