// SPDX-License-Identifier: MIT
// The folder of --out holds one run, whole; what cannot be written, or is lacking, is an error with its reason.
#include <csignal>
#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

#include "base/sanitizers.h"
#include "sim/app/exit_code.h"
#include "tests/support/catch.h"
#include "tests/support/configs.h"
#include "tests/support/program.h"

namespace fs = std::filesystem;
using namespace std::string_literals;
using namespace gpusim;
using namespace gpusim::test;

namespace {

const std::string kEndless = kQuickstart + " --set client.game.cycles=100000000";

[[nodiscard]] std::size_t parts_in(const fs::path& folder) {
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator{folder}) count += entry.path().extension() == ".part" ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("the folder of --out holds the results of one run, whatever command made those before", "[output]") {
  const Folder folder;
  const std::string out = " --out " + folder.text();
  REQUIRE(run_program("run " + kQuickstart + " -q --trace text,perfetto" + out).code == app::kGood);
  spit(folder / "notes.txt", "mine");
  spit(folder / "trace.txt.part", "# tracer: gpusim\n");  // of a run that was killed
  REQUIRE(run_program("compare " + kQuickstart + " --variant a" + out).code == app::kGood);
  for (const char* name : {"summary.json", "resolved.toml", "trace.txt", "trace.pftrace", "trace.txt.part"}) {
    CAPTURE(name);
    CHECK_FALSE(fs::exists(folder / name));
  }
  CHECK(fs::exists(folder / "compare.json"));
  REQUIRE(run_program("explore " + kConfigs + "/explore/queues.toml --replay 3" + out).code == app::kGood);
  CHECK_FALSE(fs::exists(folder / "compare.json"));
  CHECK(fs::exists(folder / "schedule.txt"));
  // What a run is made from stays.
  REQUIRE(
      run_program("explore " + kConfigs + "/explore/queues.toml --schedule " + (folder / "schedule.txt").string() + out)
          .code == app::kGood);
  CHECK(slurp(folder / "notes.txt") == "mine");
}

TEST_CASE("a file that gpusim has not written is never removed or overwritten", "[output]") {
  const Folder folder;
  REQUIRE(run_program("run " + kQuickstart + " -q --out " + folder.text()).code == app::kGood);
  spit(folder / "trace.txt", "a text of mine");
  const Ended run = run_program("run " + kQuickstart + " -q --out " + folder.text());
  CHECK(run.code == app::kBadInput);
  CHECK(run.err == "error: --out " + (folder / "trace.txt").string() +
                       ": this is no result of gpusim, and would be overwritten; name another folder\n");
  CHECK(slurp(folder / "trace.txt") == "a text of mine");
  CHECK(fs::exists(folder / "summary.json"));
}

TEST_CASE("a trace for which there is no room ends the run early, with the reason, and the rest is valid", "[output]") {
  const Folder folder;
  // 64 KiB at most in a file; without an end of its own the run would take hours.
  const Ended run = run_program_in("/", "run " + kEndless + " --out " + folder.text(), "ulimit -f 128;");
  CHECK(run.code == app::kBadInput);
  CHECK(run.err == "error: " + (folder / "trace.pftrace").string() + ": File too large\n");
  CHECK(run.out.starts_with("quickstart, seed 1: cut off at "));
  CHECK(run.out.find("interrupted") == std::string::npos);
  CHECK(run.out.find("\nnote: the run was cut off: trace.pftrace: File too large\n") != std::string::npos);
  CHECK_FALSE(fs::exists(folder / "trace.pftrace"));
  const nlohmann::json summary = nlohmann::json::parse(slurp(folder / "summary.json"));
  CHECK(summary.at("outcome") == "interrupted");
  CHECK(summary.at("cut_off") == "trace.pftrace: File too large");
  CHECK(parts_in(folder.text()) == 0);
}

TEST_CASE("a file that could not be written whole is named, and nothing of it is found", "[output]") {
  const Folder folder;
  const Ended run = run_program_in("/", "run " + kQuickstart + " -q --out " + folder.text(), "ulimit -f 1;");
  CHECK(run.code == app::kBadInput);
  CHECK(run.err.starts_with("error: "));
  CHECK(run.err.ends_with(": File too large\n"));
  CHECK(fs::is_empty(folder.text()));
  const Ended junit =
      run_program_in("/", "check " + kQuickstart + " --junit " + (folder / "j.xml").string(), "ulimit -f 1;");
  CHECK(junit.code == app::kBadInput);
  CHECK(fs::is_empty(folder.text()));
}

TEST_CASE("a program without a stdout says so, and no message gets into a file of results", "[output]") {
  const Folder folder;
  const std::string err = (folder / "err").string();
  CHECK(run_program("run " + kQuickstart + " --out " + (folder / "out").string() + " >&- 2>" + err + "; exit").code ==
        app::kBadInput);
  CHECK(slurp(err) == "error: standard output is closed\n");
  CHECK_FALSE(fs::exists(folder / "out"));
  CHECK(run_program("run /nowhere.toml -v --out " + (folder / "out").string() + " 2>&-; exit").code == app::kBadInput);
}

TEST_CASE("without memory a run ends with an exit code of its own, and its valid files say so", "[output]") {
  if (kAddressSanitizer) return;  // it needs more address space than there is memory
  const Folder folder;
  spit(folder / "much.toml",
       "driver.ring_entries = 65536\n[[client]]\nname = \"a\"\nworkload = \"loop\"\nengine = \"rcs\"\nwork_us = 1000\n"
       "jobs_per_cycle = 1000000\nsync = false\ncycles = 100\n");
  const std::string out = (folder / "out").string();
  const Ended run = run_program_in("/", "run " + (folder / "much.toml").string() + " --trace text,events --out " + out,
                                   "ulimit -v 120000;");
  CHECK(run.code == app::kNoResources);
  CHECK(run.err == "error: out of memory\n");
  CHECK(slurp(fs::path{out} / "trace.txt").find("\n# trace hash ") != std::string::npos);
  CHECK(slurp(fs::path{out} / "trace.txt").ends_with(" events; the run was cut off: out of memory\n"));
  CHECK(slurp(fs::path{out} / "trace.events").find("\ncut_off out of memory\nend ") != std::string::npos);
  CHECK(parts_in(out) == 0);
  const nlohmann::json summary = nlohmann::json::parse(slurp(fs::path{out} / "summary.json"));
  CHECK(summary.at("outcome") == "interrupted");
  CHECK(summary.at("cut_off") == "out of memory");
  CHECK(run_program("job " + out + "/trace.events 1").code == app::kGood);  // with the hash of its events
  const Ended compare = run_program_in("/", "compare " + (folder / "much.toml").string() + " --variant a --out " + out,
                                       "ulimit -v 120000;");
  CHECK(compare.code == app::kNoResources);
  CHECK(compare.err == "error: out of memory\n");
  CHECK_FALSE(fs::exists(fs::path{out} / "compare.json"));
}

TEST_CASE("without descriptors a command ends with the exit code of that", "[output]") {
  if (kAddressSanitizer) return;  // the check of a vptr opens a pipe to see whether memory can be read
  const std::string few = "exec bash -c 'ulimit -n 6; \"$@\"' bash";
  for (const std::string& command :
       {"run " + kQuickstart, "compare " + kQuickstart + " --variant a",
        "explore " + kConfigs + "/explore/queues.toml --seeds 20", "check " + kQuickstart}) {
    CAPTURE(command);
    const Ended run = run_program_in("/", command, few);
    CHECK(run.code == app::kNoResources);
    CHECK(run.err.find("Too many open files") != std::string::npos);
  }
}

TEST_CASE("a folder that cannot be listed for want of descriptors is nobody's mistake", "[output]") {
  if (kAddressSanitizer) return;  // the check of a vptr opens a pipe to see whether memory can be read
  // However many descriptors loading the program takes: with some number of them the folder is what there is none for.
  for (int most = 3; most <= 12; ++most) {
    CAPTURE(most);
    const std::string few = "exec bash -c 'ulimit -n " + std::to_string(most) + "; \"$@\"' bash";
    const Ended run = run_program_in("/", "check " + kConfigs + "/scenarios", few);
    INFO(run.err);
    if (run.err.find("error: Too many open files") == std::string::npos) continue;
    CHECK(run.code == app::kNoResources);
  }
}

TEST_CASE("without a descriptor for a result a run ends with the exit code of that", "[output]") {
  if (kAddressSanitizer) return;  // the check of a vptr opens a pipe to see whether memory can be read
  // However many descriptors the program needs for itself: with some number of them there is one too few for results.
  bool has_lacked = false;
  for (int most = 5; most <= 24; ++most) {
    CAPTURE(most);
    const Folder folder;
    const std::string few = "exec bash -c 'ulimit -n " + std::to_string(most) + "; \"$@\"' bash";
    const Ended run =
        run_program_in("/", "run " + kQuickstart + " -q --trace text,perfetto,events --out " + folder.text(), few);
    INFO(run.err);
    if (run.err.find("summary.json: Too many open files") == std::string::npos) continue;
    has_lacked = true;
    CHECK(run.code == app::kNoResources);
  }
  CHECK(has_lacked);
}

TEST_CASE("a lost terminal ends a run as Ctrl-C does, unless nohup keeps it", "[output]") {
  const Folder folder;
  const auto is_under_way = [&] {
    std::error_code none;
    const fs::path trace = folder / "trace.pftrace.part";
    return fs::exists(trace, none) && fs::file_size(trace, none) > 100'000;
  };
  const Ended run = interrupt_program("run " + kEndless + " --out " + folder.text(), is_under_way, SIGHUP);
  CHECK(run.code == app::kInterrupted);
  CHECK(run.out.find("interrupted at") != std::string::npos);
  CHECK(fs::file_size(folder / "trace.pftrace") > 100'000);
  CHECK(run_program_in("/", "run " + kQuickstart + " -q & kill -HUP $!; wait $!; exit $?; ", "trap '' HUP;").code ==
        app::kGood);
}

TEST_CASE("progress is told in lines without a terminal if one asks for it", "[output]") {
  const Folder folder;
  const auto is_under_way = [&] {
    std::error_code none;
    const fs::path trace = folder / "trace.pftrace.part";
    return fs::exists(trace, none) && fs::file_size(trace, none) > 100'000;
  };
  const Ended run = interrupt_program("run " + kEndless + " -q --out " + folder.text(), is_under_way);
  CHECK(run.err.empty());
  fs::remove(folder / "trace.pftrace");
  const Ended told = interrupt_program("--progress 3600 run " + kEndless + " --out " + folder.text(), is_under_way);
  CHECK(told.code == app::kInterrupted);
  // The first line comes at once, the next after an hour.
  CHECK(told.err.find(" simulated, ") != std::string::npos);
  CHECK(told.err.find('\n') + 1 == told.err.size());
  CHECK(told.err.find('\033') == std::string::npos);
  CHECK(run_program("run " + kQuickstart + " --progress 0").code == app::kBadInput);
}

TEST_CASE("a log for which there is no room is told with the reason, before anything is run", "[output]") {
  const Ended run = run_program("run " + kQuickstart + " --log-file /dev/full");
  CHECK(run.code == app::kBadInput);
  CHECK(run.out.empty());
  CHECK(run.err == "error: --log-file /dev/full: No space left on device\n");
  const Folder folder;
  const std::string log = (folder / "log").string();
  const Ended later = run_program_in("/", "run " + kQuickstart + " -q -vv --log-file " + log, "ulimit -f 1;");
  CHECK(later.code == app::kBadInput);
  CHECK(later.err.ends_with("error: --log-file " + log + ": File too large\n"));
}

TEST_CASE("an input that is there and cannot be read is told with the reason", "[output]") {
  const Folder folder;
  const std::string loop = (folder / "loop.toml").string();
  fs::create_symlink("loop.toml", loop);
  for (const std::string& command : {"run " + loop, "check " + loop, "job " + loop + " 1", "compare " + loop,
                                     "explore " + loop, "baseline " + loop, "explain " + loop}) {
    CAPTURE(command);
    const Ended run = run_program(command);
    CHECK(run.code == app::kBadInput);
    CHECK(run.err == loop + ": error: Too many levels of symbolic links\n");
  }
}
