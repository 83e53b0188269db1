// SPDX-License-Identifier: MIT
// The program as a user meets it: what it prints, which files it leaves, how it ends.
#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

#include "sim/app/exit_code.h"
#include "tests/support/catch.h"
#include "tests/support/configs.h"
#include "tests/support/program.h"

namespace fs = std::filesystem;
using namespace std::string_literals;
using namespace gpusim;
using namespace gpusim::test;

TEST_CASE("a run prints a summary, says nothing on stderr in a pipe, and writes no file", "[program]") {
  const Ended run = run_program("run " + kQuickstart);
  CHECK(run.code == app::kGood);
  CHECK(run.err.empty());
  for (const char* word :
       {"quickstart, seed 1: finished at", "client", "engine", "cause", "from estimates", "trace "}) {
    CAPTURE(word);
    CHECK(run.out.find(word) != std::string::npos);
  }
}

TEST_CASE(
    "the folder of --out gets a summary, the resolved scenario and a Perfetto trace, and the scenario gives the same "
    "run",
    "[program]") {
  const Folder folder;
  const fs::path out = folder / "results";
  REQUIRE(run_program("run " + kQuickstart + " -q --out " + out.string()).code == app::kGood);
  const auto summary = nlohmann::json::parse(slurp(out / "summary.json"));
  CHECK(summary.at("schema") == "gpusim-summary/1");
  CHECK(fs::file_size(out / "trace.pftrace") > 1'000);
  CHECK_FALSE(fs::exists(out / "trace.txt"));

  const fs::path again = folder / "again";
  REQUIRE(run_program("run " + (out / "resolved.toml").string() + " -q --trace text --out " + again.string()).code ==
          app::kGood);
  CHECK(nlohmann::json::parse(slurp(again / "summary.json")) == summary);
  CHECK(slurp(again / "trace.txt").find("drm_sched_job_run: dev=gpu0, fence=") != std::string::npos);
}

TEST_CASE("bad input is told with file, line and column, ends with 2 and leaves no folder", "[program]") {
  const Folder folder;
  const fs::path bad = folder / "bad.toml";
  const fs::path out = folder / "results";
  spit(bad, "sed = 1\n[[client]]\nname = \"a\"\nworkload = \"loop\"\nengine = \"rcs\"\ncycles = -4\n");
  const Ended run = run_program("run " + bad.string() + " --out " + out.string());
  CHECK(run.code == app::kBadInput);
  CHECK(run.out.empty());
  CHECK(run.err.find("bad.toml:1:1: error: unknown key 'sed'; did you mean 'seed'?") != std::string::npos);
  CHECK(run.err.find("bad.toml:6:") != std::string::npos);
  CHECK_FALSE(fs::exists(out));

  CHECK(run_program("run /nowhere.toml").code == app::kBadInput);
  CHECK(run_program("run " + kQuickstart + " --frobnicate").code == app::kBadInput);
  CHECK(run_program("run " + kQuickstart + " --set device.nonsense=1").code == app::kBadInput);
  CHECK(run_program("run " + kQuickstart + " --trace text").code == app::kBadInput);
  CHECK(run_program("run " + kQuickstart + " --out " + (folder / "x").string() + " --trace lxt").code ==
        app::kBadInput);
  CHECK_FALSE(fs::exists(folder / "x"));
  CHECK(run_program("").code == app::kBadInput);
}

TEST_CASE("a .wsim descriptor with an error is refused with its own file, line and step", "[program]") {
  const Folder folder;
  const fs::path bad = folder / "bad.wsim";
  spit(bad, "1.RCS.100.0.0\n1.XCS.100.0.0\n");
  const Ended run = run_program("run " + bad.string());
  CHECK(run.code == app::kBadInput);
  CHECK(run.err.find("bad.wsim:2:") != std::string::npos);
}

TEST_CASE("a stall ends with 4", "[program]") {
  const Folder folder;
  const fs::path endless = folder / "endless.wsim";
  spit(endless, "1.RCS.*.0.0\n2.BCS.10.-1.1\n");
  const Ended stalled = run_program("run " + endless.string() + " -q --set scheduler.timeout_ms=0");
  CHECK(stalled.code == app::kStalled);
  CHECK(stalled.err.find("waits for fence") != std::string::npos);
}

TEST_CASE("the option -v says what is going on, -vv in detail, on stderr, and changes no result", "[program]") {
  const std::string run = "run " + kQuickstart + " --set host.cpus=3";
  const auto trace_line = [](const std::string& out) { return out.substr(out.find("\ntrace "), 30); };
  const Ended silent = run_program(run);
  const Ended verbose = run_program(run + " -v");
  const Ended detailed = run_program("-vv " + run);
  CHECK(silent.err.empty());
  // NOLINTNEXTLINE(bugprone-suspicious-missing-comma): the path is a macro
  for (const char* line : {"info: loaded " GPUSIM_SOURCE_DIR "/configs/scenarios/quickstart.toml in ",
                           "info: parameters by origin: --set 1, ", "info: clients: 3, seed: 1\n",
                           "info: built the machine in ", "info: simulated "}) {
    CAPTURE(line);
    CHECK(verbose.err.find(line) != std::string::npos);
    CHECK(detailed.err.find(line) != std::string::npos);
  }
  CHECK(verbose.err.find("debug: ") == std::string::npos);
  CHECK(detailed.err.find("debug: host.cpus = 3, by --set\n") != std::string::npos);
  CHECK(detailed.err.find("debug: SystemC: ") != std::string::npos);
  REQUIRE(trace_line(silent.out).size() == 30);
  CHECK(trace_line(verbose.out) == trace_line(silent.out));
  CHECK(trace_line(detailed.out) == trace_line(silent.out));
  for (const std::string& other : {"explore " GPUSIM_SOURCE_DIR "/configs/explore/queues.toml --seeds 20 -j 2"s,
                                   "compare " + kQuickstart + " --variant a --variant b:host.cpus=3"}) {
    CAPTURE(other);
    const Ended with = run_program(other + " -vv");
    CHECK(with.err.find("processes: ") != std::string::npos);
    CHECK(with.out == run_program(other).out);
  }
}

TEST_CASE("the option --log-file gets all lines with the time of day, and stderr what it gets without", "[program]") {
  const Folder folder;
  const fs::path log = folder / "run.log";
  const std::string missing = "run " + (folder / "missing.toml").string();
  const Ended good = run_program("run " + kQuickstart + " -q --log-file " + log.string());
  CHECK(good.code == app::kGood);
  CHECK(good.err.empty());
  const std::string text = slurp(log);
  CHECK(text.starts_with("# gpusim-log, gpusim "));
  const std::size_t second = text.find('\n') + 1;
  CHECK(text.find(" info: loaded ") == second + std::string{"2026-01-01 00:00:00.000"}.size());
  CHECK(text.find(" debug: SystemC: ") != std::string::npos);

  const Ended bad = run_program(missing + " --log-file " + log.string());
  CHECK(bad.code == app::kBadInput);
  CHECK(bad.err == run_program(missing).err);
  CHECK(bad.err == (folder / "missing.toml").string() + ": error: there is no such file\n");
  CHECK(slurp(log).substr(second + std::string{"2026-01-01 00:00:00.000 "}.size()) == bad.err);
}

TEST_CASE("a log takes the place of a former one and of nothing else", "[program]") {
  const Folder folder;
  const std::string scenario = (folder / "a.toml").string();
  const std::string text = slurp(kQuickstart);
  spit(scenario, text);
  const Ended ended = run_program("run " + scenario + " -q --log-file " + scenario);
  CHECK(ended.code == app::kBadInput);
  CHECK(ended.err ==
        "error: --log-file " + scenario + ": this is no log of gpusim, and would be overwritten; name another file\n");
  CHECK(slurp(scenario) == text);
  spit(folder / "empty.log", "");
  for (int i = 0; i < 2; ++i) {
    CHECK(run_program("run " + scenario + " -q --log-file " + (folder / "empty.log").string()).code == app::kGood);
  }
  CHECK(run_program("run " + scenario + " -q --log-file /dev/null").code == app::kGood);
}

TEST_CASE("a log file that cannot be opened or written is bad input", "[program]") {
  const Folder folder;
  const std::string run = "run " + kQuickstart + " --out " + (folder / "results").string() + " --log-file ";
  const std::string nowhere = (folder / "no/log").string();
  const Ended unopened = run_program(run + nowhere);
  CHECK(unopened.code == app::kBadInput);
  CHECK(unopened.out.empty());
  CHECK(unopened.err == "error: --log-file " + nowhere + ": No such file or directory\n");
  CHECK_FALSE(fs::exists(folder / "results"));
  if (!fs::exists("/dev/full")) return;
  const Ended unwritten = run_program(run + "/dev/full");
  CHECK(unwritten.code == app::kBadInput);
  CHECK(unwritten.err == "error: --log-file /dev/full: No space left on device\n");
}

TEST_CASE("a stop rule ends the run at its time", "[program]") {
  const Folder folder;
  const fs::path out = folder / "results";
  CHECK(run_program("run " + kQuickstart + " -q --set stop.after_us=500 --out " + out.string()).code == app::kGood);
  CHECK(slurp(out / "summary.json").find("\"stopped\"") != std::string::npos);
}

TEST_CASE("an interrupt leaves valid partial results and ends with 130", "[program]") {
  const Folder folder;
  const fs::path out = folder / "results";
  // Until it is under way: the trace has grown.
  const Ended run =
      interrupt_program("run " + kQuickstart + " --set client.game.cycles=100000000 --out " + out.string(), [&] {
        std::error_code code;
        const fs::path trace = out / "trace.pftrace.part";  // until it is whole
        return fs::exists(trace, code) && fs::file_size(trace, code) > 100'000;
      });
  CHECK(run.code == app::kInterrupted);
  CHECK(run.out.find("interrupted at") != std::string::npos);
  CHECK(nlohmann::json::parse(slurp(out / "summary.json")).dump().find("interrupted") != std::string::npos);
  CHECK(fs::file_size(out / "trace.pftrace") > 100'000);
}

TEST_CASE("the help teaches commands, options and exit codes", "[program]") {
  const Ended top = run_program("--help");
  CHECK(top.code == app::kGood);
  for (const char* word : {"run", "explain", "schema", "list", "--verbose", "--log-file", "Examples:", "Exit codes:"})
    CHECK(top.out.find(word) != std::string::npos);
  const Ended run = run_program("run --help");
  for (const char* word : {"--set", "--seed", "--out", "--trace", "--quiet"})
    CHECK(run.out.find(word) != std::string::npos);
}

TEST_CASE("explain shows value, origin and tag of every parameter, schema is JSON, list names the presets",
          "[program]") {
  const Ended explain = run_program("explain " + kQuickstart + " --set host.cpus=3");
  CHECK(explain.code == app::kGood);
  CHECK(explain.out.find("host.cpus") != std::string::npos);
  CHECK(explain.out.find("--set") != std::string::npos);
  CHECK(nlohmann::json::parse(run_program("schema").out).is_object());
  const Ended list = run_program("list");
  for (const char* word : {"xe_guc.toml", "explore:\n", "queues.toml", "drm_dep", "drm_sched"}) {
    CAPTURE(word);
    CHECK(list.out.find(word) != std::string::npos);
  }
}

TEST_CASE("output that cannot be written is noticed", "[program]") {
  if (!fs::exists("/dev/full")) return;
  const Folder folder;
  for (const std::string& command :
       {"run " + kQuickstart, "explain " + kQuickstart, std::string{"schema"}, std::string{"list"},
        "compare " + kQuickstart + " --variant a --variant b:host.cpus=3",
        std::string{"explore " GPUSIM_SOURCE_DIR "/configs/explore/queues.toml --seeds 2"}}) {
    CAPTURE(command);
    const std::string err = (folder / "err").string();
    CHECK(run_program(command + " >/dev/full 2>" + err + "; exit").code == app::kBadInput);
    CHECK(slurp(err) == "error: standard output: No space left on device\n");
  }
}

TEST_CASE("a run that breaks off leaves no result of the run before, but its own scenario", "[program]") {
  const Folder folder;
  REQUIRE(run_program("run " + kQuickstart + " -q --out " + folder.text()).code == app::kGood);
  const std::string resolved = (folder / "resolved.toml").string();
  const std::string no_room = "ulimit -f 1;";  // now it cannot be written
  CHECK(run_program_in("/", "run " + resolved + " -q --out " + folder.text(), no_room).code == app::kBadInput);
  CHECK(fs::exists(resolved));
  CHECK_FALSE(fs::exists(folder / "summary.json"));
  CHECK(run_program_in("/", "run " + kQuickstart + " -q --out " + folder.text(), no_room).code == app::kBadInput);
  CHECK_FALSE(fs::exists(resolved));
}

TEST_CASE("seeds of a comparison end where those of a run do", "[program]") {
  const std::string compare = "compare " + kQuickstart + " --variant a --seed 9223372036854775807 --seeds ";
  CHECK(run_program(compare + "1").code == app::kGood);
  const Ended run = run_program(compare + "3");
  CHECK(run.code == app::kBadInput);
  CHECK(run.err == "--seeds: error: seeds end at 9223372036854775807\n");
}

TEST_CASE("the summary cuts clients short, and --all does not", "[program]") {
  const std::string many = "run " + kQuickstart + " --set client.player.clones=9";
  CHECK(run_program(many).out.find("\n4 others ") != std::string::npos);
  CHECK(run_program(many + " --all").out.find("others") == std::string::npos);
  CHECK(run_program(many + " --all").out.find("\nplayer.8 ") != std::string::npos);
}

TEST_CASE("an option with an empty value is an error, whatever the option", "[program]") {
  for (const std::string& rest :
       {"run " + kQuickstart + " --out ''", "run " + kQuickstart + " --seed ''", "run " + kQuickstart + " --set ''",
        "run " + kQuickstart + " --log-file ''"s, "compare " + kQuickstart + " --variant a --verdict ''",
        "compare " + kQuickstart + " --variant a --seeds ''"s, "explore " + kQuickstart + " --schedule ''",
        "run ''"s}) {
    CAPTURE(rest);
    const Ended run = run_program(rest);
    CHECK(run.code == app::kBadInput);
    CHECK(run.out.empty());
    CHECK_FALSE(run.err.empty());
  }
}

TEST_CASE("numbers on the command line are decimal, and the option that has a bad one is named", "[program]") {
  const auto head = [](const std::string& arguments) {
    const std::string out = run_program("run " + kQuickstart + arguments).out;
    return out.substr(0, out.find('\n'));
  };
  CHECK(head(" --seed 010").starts_with("quickstart, seed 10: "));
  CHECK(head(" --seed 010") == head(" --seed 10"));
  for (const auto& [command, option] : {std::pair{"run " + kQuickstart + " --seed ", "--seed"s},
                                        {"run " + kQuickstart + " --seed=", "--seed"s},
                                        {"explore " + kQuickstart + " --first=", "--first"s},
                                        {"explore " + kQuickstart + " --seeds=", "--seeds"s}}) {
    for (const char* bad : {"-1", "0x10", "1e3", "1.5", "x"}) {
      if (command.ends_with(' ') && std::string{bad} == "-1") continue;  // is an option then
      CAPTURE(command, bad);
      const Ended run = run_program(command + bad);
      CHECK(run.code == app::kBadInput);
      CHECK(run.err.find(option + ": '" + bad + "' is no whole number") != std::string::npos);
    }
  }
}

TEST_CASE("what a command line means but does not say is told", "[program]") {
  const Folder folder;
  const auto err = [](const std::string& arguments) {
    const Ended run = run_program(arguments);
    CHECK(run.code == app::kBadInput);
    return run.err;
  };
  CHECK(err("frobnicate") == "error: there is no command 'frobnicate'; gpusim --help lists them\n");
  CHECK(err("-v frobnicate") == "error: there is no command 'frobnicate'; gpusim --help lists them\n");
  CHECK(err("run " + folder.text()) == folder.text() + ": error: this is a folder, not a file\n");
  CHECK(err("run /dev/null") == "/dev/null: error: this is no regular file\n");
  CHECK(err("compare /dev/null") == "/dev/null: error: this is no regular file\n");
  CHECK(err("run " + kQuickstart + " --out " + (folder / "x").string() + " --trace text --trace-picoseconds") ==
        "--trace-picoseconds: error: it is for Perfetto, and --trace does not name that\n");
  CHECK_FALSE(fs::exists(folder / "x"));
  CHECK(run_program("run " + kQuickstart + " -q --out " + (folder / "x").string() +
                    " --trace text,perfetto --trace-picoseconds")
            .code == app::kGood);
}
