// SPDX-License-Identifier: MIT
// gpusim compare as a gate: --fail-on, and the figures of an earlier comparison or of another program beside those of
// now.
#include <csignal>
#include <filesystem>
#include <string>

#include "sim/app/exit_code.h"
#include "tests/support/catch.h"
#include "tests/support/program.h"
#include "tests/support/text.h"

namespace fs = std::filesystem;
using namespace gpusim;
using namespace gpusim::test;

namespace {

/// A folder with a scenario in it that draws at random, and what is asked of it.
class CompareScene {
 public:
  CompareScene() { spit(file(), "[[client]]\nname = \"app\"\nworkload = \"loop\"\nwork_us = 10\ncycles = 20\n"); }
  [[nodiscard]] std::string file(const std::string& name = "a.toml") const { return (folder_ / name).string(); }
  [[nodiscard]] Ended compare(const std::string& arguments) const {
    return run_program("compare -q " + file() + ' ' + arguments);
  }
  /// A program that stands in for another gpusim.
  [[nodiscard]] std::string script(const std::string& text) const {
    spit(file("other"), "#!/bin/sh\n" + text + '\n');
    fs::permissions(file("other"), fs::perms::owner_all);
    return file("other");
  }

 private:
  Folder folder_;
};

const std::string kNow = "--variant now ";
const std::string kLonger = "--variant longer:client.work_us=20 ";

}  // namespace

TEST_CASE("compare --fail-on ends with 1 where the verdict is worse, or with changed not the same", "[compare_gate]") {
  const CompareScene scene;
  const std::string longer = kNow + kLonger + "--seeds 3 --fail-on ";
  const Ended worse = scene.compare(longer + "worse");
  CHECK(worse.code == app::kExpectationFailed);
  CHECK(has(worse.out, "\n--fail-on worse: longer against now: worse\n\nBy gpusim "));
  CHECK(scene.compare(kNow + kLonger + "--seeds 3").code == app::kGood);
  CHECK(scene.compare(kNow + kLonger + "--seeds 3 --verdict latency_p50 --higher-is-better --fail-on worse").code ==
        app::kGood);
  CHECK(scene.compare(kNow + kLonger + "--seeds 3 --verdict latency_p50 --higher-is-better --fail-on changed").code ==
        app::kExpectationFailed);
  CHECK(scene.compare(kNow + "--variant same --seeds 3 --fail-on changed").code == app::kGood);
}

TEST_CASE("compare --fail-on does not pass a variant that looks better because others starve", "[compare_gate]") {
  const CompareScene scene;
  const Ended hung = scene.compare(kNow + "--variant hung:fault.hung_job=5 --fail-on worse");
  CHECK(hung.code == app::kExpectationFailed);
  CHECK(has(hung.out, "--fail-on worse: hung against now: jobs_failed +1\n"));
  CHECK(has(hung.out, "--fail-on worse: hung against now: clients_gave_up +1\n"));
  // The other way round nothing is lost.
  const Ended back = scene.compare("--variant hung:fault.hung_job=5 --variant now --fail-on worse");
  CHECK_FALSE(has(back.out, "now against hung: jobs"));
}

TEST_CASE("compare --fail-on counts what says otherwise, and fewer jobs, where nobody chose the verdict",
          "[compare_gate]") {
  const CompareScene scene;
  // The median is that of the jobs of the other client, of which there are as many as before.
  spit(scene.file(),
       "[[client]]\nname = \"many\"\nworkload = \"loop\"\nengine = \"rcs\"\nwork_us = 10\ncycles = 50\n"
       "[[client]]\nname = \"few\"\nworkload = \"loop\"\nengine = \"bcs\"\nwork_us = 10\ncycles = 5\n");
  const std::string fewer = kNow + "--variant fewer:client.few.cycles=2 --fail-on worse";
  const Ended lost = scene.compare(fewer);
  INFO(lost.out);
  CHECK(lost.code == app::kExpectationFailed);
  CHECK(has(lost.out, "It says otherwise by throughput fewer against now: worse, by "));
  CHECK(has(lost.out, "--fail-on worse: fewer against now: worse by throughput\n"));
  CHECK(has(lost.out, "--fail-on worse: fewer against now: client.few.jobs -3\n"));
  CHECK(scene.compare(fewer + " --verdict client.many.jobs").code == app::kGood);
}

TEST_CASE("compare --fail-on lets what is undecided pass, and never what cannot be judged", "[compare_gate]") {
  const CompareScene scene;
  // Two latencies of two seeds each are no proof, whichever is larger.
  const Ended undecided = scene.compare(kNow + "--variant 'b:client.app.work_us=[1, 19]' --seeds 2 --fail-on changed");
  INFO(undecided.out);
  CHECK(has(undecided.out, "b against now: undecided"));
  CHECK(undecided.code == app::kGood);
  const Ended unknown = scene.compare(kNow + kLonger + "--verdict ready_to_run_p50 --fail-on worse");
  CHECK(unknown.code == app::kExpectationFailed);
  CHECK(has(unknown.out, "--fail-on worse: longer against now: nothing can be said\n\nBy gpusim "));
  const Ended alone = scene.compare(kNow + "--fail-on worse");
  CHECK(alone.code == app::kBadInput);
  CHECK(alone.err == "--fail-on: error: there is one variant, and no verdict of it\n");
  const Ended stalled =
      scene.compare(kNow + kLonger + "--set scheduler.timeout_ms=0 --set fault.hung_job=3 --fail-on worse");
  CHECK(stalled.code == app::kStalled);
}

TEST_CASE("each verdict of a sweep counts for --fail-on", "[compare_gate]") {
  const CompareScene scene;
  spit(scene.file("e.toml"),
       "scenario = \"a.toml\"\nseeds = 2\n[[variant]]\nname = \"now\"\n[[variant]]\nname = \"b\"\n"
       "[[sweep]]\nkey = \"client.cycles\"\nvalues = [20, 30]\n");
  CHECK(run_program("compare -q " + scene.file("e.toml") + " --fail-on changed").code == app::kGood);
  spit(scene.file("e.toml"),
       "scenario = \"a.toml\"\nseeds = 2\n[[variant]]\nname = \"now\"\nset = [\"client.app.work_us=10\"]\n"
       "[[variant]]\nname = \"b\"\n[[sweep]]\nname = \"work\"\nkey = \"client.app.work_us\"\nvalues = [10, 30]\n");
  const Ended ended = run_program("compare -q " + scene.file("e.toml") + " --fail-on worse");
  CHECK(ended.code == app::kExpectationFailed);
  CHECK(has(ended.out, "\n--fail-on worse: b against now, work = 30: worse\n\nBy gpusim "));
}

TEST_CASE("compare --against judges each variant against its stored figures, seed by seed", "[compare_gate]") {
  const CompareScene scene;
  const std::string stored = scene.file("stored");
  REQUIRE(scene.compare(kNow + kLonger + "--seeds 3 --out " + stored).code == app::kGood);
  const std::string against = "--seeds 3 --fail-on changed --against " + stored;
  const Ended same = scene.compare(kNow + kLonger + against);
  CHECK(same.code == app::kGood);
  CHECK(has(same.out, "a: now, now against then\n"));
  CHECK(has(same.out, "a: longer, now against then\n"));
  CHECK(has(same.out, "Note: now ran exactly as then, event by event.\n"));
  CHECK(has(same.out, "now against then: same, by 0."));

  const Ended moved = scene.compare(kNow + kLonger + against +
                                    "/compare.json --set client.cycles=20 --set device.link.mmio_write_latency_us=9");
  CHECK(moved.code == app::kExpectationFailed);
  const std::string line = "--fail-on changed: now against then: worse\n";
  const std::size_t first = moved.out.find(line);
  REQUIRE(first != std::string::npos);
  CHECK(moved.out.find(line, first + 1) != std::string::npos);  // of the other variant

  // The difference is the one that the two have side by side.
  const std::string metric = " --metric latency_p50 --verdict latency_p50";
  const std::string apart =
      scene.compare(kNow + "--variant far:device.link.mmio_write_latency_us=9 --seeds 3" + metric).out;
  const std::string far =
      scene.compare(kNow + "--seeds 3 --set device.link.mmio_write_latency_us=9 --against " + stored + metric).out;
  const auto verdict = [](const std::string& text) {
    const std::size_t begin = text.find(": worse, by ");
    REQUIRE(begin != std::string::npos);
    return text.substr(begin, text.find('\n', begin) - begin);
  };
  CHECK(verdict(far) == verdict(apart));
}

TEST_CASE("what is stored must be of the same runs, and have the metrics that are asked for", "[compare_gate]") {
  const CompareScene scene;
  const std::string stored = scene.file("stored");
  const std::string file = stored + "/compare.json";
  REQUIRE(scene.compare(kNow + "--seeds 2 --out " + stored).code == app::kGood);
  const auto refused = [&](const std::string& arguments) {
    const Ended ended = scene.compare(arguments + " --against " + stored);
    CHECK(ended.code == app::kBadInput);
    CHECK(ended.out.empty());
    return ended.err;
  };
  const std::string error = "--against: error: " + file + ' ';
  CHECK(refused(kNow) == error + "has seeds 1..2, and this is to run seed 1\n");
  CHECK(refused(kNow + "--seeds 2 --seed 5") == error + "has seeds 1..2, and this is to run seeds 5..6\n");
  CHECK(refused(kNow + kLonger + "--seeds 2") == error + "has no variant 'longer'\n");
  CHECK(refused(kNow + "--seeds 2 --out " + stored) ==
        "--out: error: the file of --against would be lost; name another folder\n");
  std::string text = slurp(file);
  const std::string good = text;
  text.replace(text.find("\"a.toml\""), 8, "\"b.toml\"");
  spit(file, text);
  CHECK(refused(kNow + "--seeds 2") == error + "is of b.toml, and this is a.toml\n");
  text = good;
  text.replace(text.find("\"latency_p50\"", text.find("\"tables\"")), 13, "\"latency_p51\"");
  spit(file, text);
  CHECK(refused(kNow + "--seeds 2") == error + "has no latency_p50 of 'now'\n");
  text = good;
  text.replace(text.find("\"interrupted\": false"), 20, "\"interrupted\": true");
  spit(file, text);
  CHECK(refused(kNow + "--seeds 2") == error + "was interrupted, and lacks runs\n");
  text = good;
  text.replace(text.find("\"tables\""), 8, "\"tablez\"");
  spit(file, text);
  CHECK(refused(kNow + "--seeds 2").starts_with(file + ": error: this is not what gpusim compare --out writes: "));
  spit(file, good.substr(0, good.size() / 2));
  CHECK(has(refused(kNow + "--seeds 2"), ": error: this is no JSON that gpusim wrote (gpusim-comparison/1)\n"));
  fs::remove(file);
  CHECK(refused(kNow + "--seeds 2") == "--against: error: " + file + ": there is no such file\n");
}

TEST_CASE("compare --with has another program run the same, and judges against it", "[compare_gate]") {
  const CompareScene scene;
  const Ended itself = scene.compare(kNow + "--seeds 2 --fail-on changed --with " GPUSIM_PROGRAM);
  CHECK(itself.code == app::kGood);
  CHECK(has(itself.out, "a: now, this against other\n"));
  CHECK(has(itself.out, "Note: other is " GPUSIM_PROGRAM ".\n"));
  CHECK(has(itself.out, "Note: this ran exactly as other, event by event.\n"));
  // A model that is faster.
  const std::string other = scene.script("exec " GPUSIM_PROGRAM " \"$@\" --set client.app.work_us=5");
  const Ended slower = scene.compare(kNow + "--seeds 2 --fail-on worse --with " + other);
  CHECK(slower.code == app::kExpectationFailed);
  CHECK(has(slower.out, "\n--fail-on worse: this against other: worse\n\nBy gpusim "));
}

TEST_CASE("a program that gives no comparison is an error that says why", "[compare_gate]") {
  const CompareScene scene;
  const auto refused = [&](const std::string& program) {
    const Ended ended = scene.compare(kNow + "--out " + scene.file("out") + " --with " + program);
    CHECK(ended.code == app::kBadInput);
    CHECK(ended.out.empty());
    CHECK_FALSE(fs::exists(scene.file("out")));
    return ended.err;
  };
  const std::string other = scene.file("other");
  const std::string error = "--with: error: " + other + ": ";
  CHECK(refused(other) == error + "No such file or directory\n");
  CHECK(refused(scene.script("exit 0")) == error + "it wrote no compare.json: is this gpusim?\n");
  CHECK(refused(scene.script("kill -SEGV $$")) == error + "it was ended by signal 11\n");
  CHECK(refused(scene.script("exec " GPUSIM_PROGRAM " \"$@\" --set no.such=1")) ==
        error + "it ended with exit code 2: --set:1:1: error: unknown key 'no'\n");
  // Its last words but one are "--out FOLDER".
  const std::string writes = "while [ \"$1\" != --out ]; do shift; done; mkdir -p $2; printf '%s' '";
  CHECK(refused(scene.script(writes + "{\"schema\": \"gpusim-comparison/9\"}' > $2/compare.json")) ==
        other + ": compare.json: error: gpusim-comparison/1 is needed, and its schema is \"gpusim-comparison/9\"\n");
  CHECK(scene.compare(kNow + "--with " + other + " --against x").code == app::kBadInput);
}

TEST_CASE("the other program's lack of memory or descriptors is told as one", "[compare_gate]") {
  const CompareScene scene;
  const Ended ended = scene.compare(kNow + "--with " + scene.script("exit 5"));
  CHECK(ended.code == app::kNoResources);
  CHECK(ended.err == "--with: error: " + scene.file("other") + ": it ended with exit code 5\n");
}

TEST_CASE("an interrupt of the other program ends the comparison", "[compare_gate]") {
  const CompareScene scene;
  const Ended ended = scene.compare(kNow + "--out " + scene.file("out") + " --with " + scene.script("kill -INT $$"));
  CHECK(ended.code == app::kInterrupted);
  CHECK_FALSE(fs::exists(scene.file("out")));
}

TEST_CASE("a signal to stop reaches the other program, and nothing of it is left", "[compare_gate]") {
  const CompareScene scene;
  const std::string stopped = scene.file("stopped");
  const std::string folder_of_out = scene.file("folder_of_out");
  const std::string other = scene.script("trap 'echo yes > " + stopped +
                                         "; exit 130' TERM\nwhile [ \"$1\" != --out ]; do shift; done\nmkdir $2\n"
                                         "printf %s $2 > " +
                                         folder_of_out + "\nwhile true; do sleep 0.05; done");
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    CAPTURE(signal);
    fs::remove(stopped);
    fs::remove(folder_of_out);
    const auto is_under_way = [&] { return !slurp(folder_of_out).empty(); };
    const Ended ended =
        interrupt_program("compare -q " + scene.file() + ' ' + kNow + "--with " + other, is_under_way, signal);
    CHECK(ended.code == app::kInterrupted);
    CHECK(ended.out.empty());
    CHECK(ended.err == "error: interrupted while " + other + " ran\n");
    CHECK(slurp(stopped) == "yes\n");
    CHECK_FALSE(fs::exists(fs::path{slurp(folder_of_out)}.parent_path()));
  }
}
