// SPDX-License-Identifier: MIT
// Results that are under way are not lost: not with a reader of stdout that goes, not to another gpusim, not behind a
// link.
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

#include "sim/app/exit_code.h"
#include "tests/support/catch.h"
#include "tests/support/configs.h"
#include "tests/support/program.h"
#include "tests/support/text.h"

namespace fs = std::filesystem;
using namespace gpusim;
using namespace gpusim::test;

namespace {

const std::string kShortRun = "[[client]]\nname = \"app\"\nworkload = \"loop\"\nwork_us = 10\ncycles = 20\n";

[[nodiscard]] std::size_t parts_under(const Folder& folder) {
  std::size_t count = 0;
  for (const auto& entry : fs::recursive_directory_iterator{folder.text()}) {
    count += entry.path().extension() == ".part" ? 1 : 0;
  }
  return count;
}

/// What becomes of a command whose stdout is a pipe that nobody reads any more.
[[nodiscard]] Ended run_unread(const std::string& arguments) {
  const Folder folder;
  const std::string err = (folder / "err").string();
  Ended ended = run_program_in(folder.text(), arguments + " >&4 2>" + err + "; exit",
                               "mkfifo pipe && exec 3<>pipe 4>pipe 3<&- &&");
  ended.err = slurp(err);
  return ended;
}

/// As another gpusim that writes it.
class Locked {
 public:
  explicit Locked(const fs::path& path) : descriptor_{::open(path.c_str(), O_RDONLY)} {
    REQUIRE(flock(descriptor_, LOCK_EX | LOCK_NB) == 0);
  }
  ~Locked() { close(descriptor_); }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

 private:
  int descriptor_;
};

}  // namespace

TEST_CASE("a reader of stdout that has gone is an error, and the files of results are whole", "[kept]") {
  const Folder folder;
  const std::string a = (folder / "a.toml").string();
  spit(a, kShortRun);
  const auto unread = [](const std::string& arguments) {
    CAPTURE(arguments);
    const Ended ended = run_unread(arguments);
    CHECK(ended.code == app::kBadInput);
    CHECK(ended.err == "error: standard output: Broken pipe\n");
  };
  const std::string out = (folder / "out").string();
  unread("run " + a + " --all --trace text,perfetto,events --out " + out);
  CHECK(nlohmann::json::parse(slurp(folder / "out/summary.json")).at("outcome") == "finished");
  CHECK(has(slurp(folder / "out/resolved.toml"), "# This run: seed 1, trace hash "));
  CHECK(has(slurp(folder / "out/trace.txt"), "\n# trace hash "));
  CHECK(has(slurp(folder / "out/trace.events"), "\nend "));
  CHECK(fs::file_size(folder / "out/trace.pftrace") > 0);
  unread("compare " + a + " --variant x --variant y:host.cpus=2 --seeds 3 -q --out " + out);
  CHECK(nlohmann::json::parse(slurp(folder / "out/compare.json")).at("schema") == "gpusim-comparison/1");
  unread("check " + a + " --format json --junit " + (folder / "j.xml").string());
  CHECK(slurp(folder / "j.xml").ends_with("</testsuites>\n"));
  unread("baseline " + a);
  CHECK(run_program("baseline --dry-run " + a).code == app::kGood);
  CHECK(parts_under(folder) == 0);
}

TEST_CASE("a reader of stdout that has gone ends a command without files as it ends others", "[kept]") {
  for (const char* command : {"list", "help run", "explain quickstart", "run quickstart"}) {
    CAPTURE(command);
    const Ended ended = run_unread(command);
    CHECK(ended.code == -1);  // SIGPIPE
    CHECK(ended.err.empty());
  }
}

TEST_CASE("a folder that a run is writing into is refused to another until that has ended", "[kept]") {
  const Folder folder;
  const std::string out = (folder / "out").string();
  const std::string refusal =
      "error: --out " + out + ": another gpusim is writing into this folder; wait for it, or name another one\n";
  const std::string a = (folder / "a.toml").string();
  spit(a, kShortRun);
  const auto try_others = [&] {
    std::error_code none;
    const fs::path trace = fs::path{out} / "trace.pftrace.part";
    if (!fs::exists(trace, none) || fs::file_size(trace, none) == 0) return false;
    for (const std::string& command : {"run " + a, "compare -q " + a + " --variant x",
                                       "explore -q " + kConfigs + "/explore/queues.toml --replay 3"}) {
      CAPTURE(command);
      const Ended other = run_program(command + " --out " + out);
      CHECK(other.code == app::kBadInput);
      CHECK(other.err == refusal);
      CHECK(other.out.empty());
    }
    return true;
  };
  const Ended run =
      interrupt_program("run " + kQuickstart + " -q --set client.game.cycles=100000000 --out " + out, try_others);
  CHECK(run.code == app::kInterrupted);
  CHECK(nlohmann::json::parse(slurp(fs::path{out} / "summary.json")).at("scenario") == "quickstart");
  CHECK(fs::file_size(fs::path{out} / "trace.pftrace") > 0);
  CHECK(run_program("run " + a + " -q --out " + out).code == app::kGood);
}

TEST_CASE("a file that another gpusim is writing is refused, and stays as it is", "[kept]") {
  const Folder folder;
  spit(folder / "a.toml", kShortRun);
  const fs::path baseline = folder / "gpusim-baseline.json";
  for (const auto& [command, part] :
       {std::pair{"baseline a.toml", "gpusim-baseline.json.part"}, {"check a.toml --junit j.xml", "j.xml.part"}}) {
    CAPTURE(command);
    spit(folder / part, "half");
    {
      const Locked locked{folder / part};
      const Ended ended = run_program_in(folder.text(), command);
      CHECK(ended.code == app::kBadInput);
      CHECK(has(ended.err, "another gpusim is writing this file; wait for it\n"));
      CHECK(slurp(folder / part) == "half");
    }
    CHECK(run_program_in(folder.text(), command).code == app::kGood);  // it has died
    CHECK(parts_under(folder) == 0);
  }
}

TEST_CASE("a link to a baseline or to JUnit XML stays one, and what it leads to is written", "[kept]") {
  const Folder folder;
  const auto in_folder = [&](const std::string& arguments) { return run_program_in(folder.text(), arguments).code; };
  spit(folder / "a.toml", kShortRun);
  fs::create_directory(folder / "kept");
  for (const auto& [link, target] : {std::pair{"gpusim-baseline.json", "kept/b.json"}, {"j.xml", "kept/j.xml"}}) {
    fs::create_symlink(target, folder / link);
  }
  for (int i = 0; i < 2; ++i) {  // first there is nothing behind them
    CHECK(in_folder("baseline a.toml") == app::kGood);
    CHECK(in_folder("check a.toml --junit j.xml") == app::kGood);
  }
  CHECK(in_folder("baseline a.toml --set client.cycles=30") == app::kGood);
  CHECK(fs::is_symlink(folder / "gpusim-baseline.json"));
  CHECK(fs::is_symlink(folder / "j.xml"));
  CHECK(nlohmann::json::parse(slurp(folder / "kept/b.json"))["scenarios"]["a.toml"]["figures"]["jobs"] == "30");
  CHECK(slurp(folder / "kept/j.xml").ends_with("</testsuites>\n"));
  CHECK(parts_under(folder) == 0);
  fs::create_symlink("loop", folder / "loop");
  const Ended loop = run_program_in(folder.text(), "check a.toml --junit loop");
  CHECK(loop.code == app::kBadInput);
  CHECK(loop.err == "error: --junit loop: Too many levels of symbolic links\n");
}

TEST_CASE("a folder behind a link to nothing is refused with the place to which that leads", "[kept]") {
  const Folder folder;
  fs::create_symlink("gone", folder / "link");
  for (const char* path : {"link", "link/below"}) {
    CAPTURE(path);
    const Ended ended = run_program_in(folder.text(), "run " + kQuickstart + " -q --out " + path);
    CHECK(ended.code == app::kBadInput);
    CHECK(ended.err == "error: --out link: this link leads to gone, which is not there\n");
  }
}

TEST_CASE("a trace that is named twice is written once", "[kept]") {
  const Folder folder;
  const std::string out = " --out " + folder.text();
  for (const char* twice : {" --trace text,text", " --trace text --trace text", " --trace text text"}) {
    CAPTURE(twice);
    const Ended run = run_program("run " + kQuickstart + " -q" + out + twice);
    CHECK(run.err.empty());
    CHECK(run.code == app::kGood);
    CHECK(has(slurp(folder / "trace.txt"), "\n# trace hash "));
    CHECK_FALSE(fs::exists(folder / "trace.pftrace"));
  }
  const Ended replay =
      run_program("explore -q " + kConfigs + "/explore/queues.toml --replay 3 --trace events,text,events" + out);
  CHECK(replay.code == app::kGood);
  CHECK(has(slurp(folder / "trace.events"), "\nend "));
}

TEST_CASE("traces of an interrupted run say that they are cut off, and so does what reads them", "[kept]") {
  const Folder folder;
  const auto is_under_way = [&] {
    std::error_code none;
    const fs::path trace = folder / "trace.txt.part";
    return fs::exists(trace, none) && fs::file_size(trace, none) > 0;
  };
  const Ended run = interrupt_program(
      "run " + kQuickstart + " -q --set client.game.cycles=100000000 --trace text,events --out " + folder.text(),
      is_under_way);
  CHECK(run.code == app::kInterrupted);
  CHECK(slurp(folder / "trace.txt").ends_with(" events; the run was cut off: interrupted\n"));
  CHECK(has(slurp(folder / "trace.events"), "\ncut_off interrupted\nend "));
  const std::string events = (folder / "trace.events").string();
  CHECK(run_program("job " + events + " 1").out.starts_with("note: " + events + ": the run was cut off:"));
}

TEST_CASE("an option behind -- is told to be none there", "[kept]") {
  const Ended ended = run_program("run -- -dash.toml -q");
  CHECK(ended.code == app::kBadInput);
  CHECK(ended.err == "error: '-q' is no option there: options stand behind 'run', and none stand behind '--'\n");
  CHECK(has(run_program("-q run quickstart").err, "error: '-q' is no option there: options stand behind 'run'"));
}
