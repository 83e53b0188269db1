// SPDX-License-Identifier: MIT
// gpusim explore as a user meets it, and the pool of workers behind it.
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "sim/app/exit_code.h"
#include "sim/experiment/process_pool.h"
#include "tests/support/catch.h"
#include "tests/support/program.h"

namespace fs = std::filesystem;
using namespace gpusim;
using namespace gpusim::test;

namespace {

const std::string kScenario = GPUSIM_SOURCE_DIR "/configs/explore/dependencies.toml";

Ended explore(const std::string& arguments) { return run_program("explore " + arguments); }

/// The text behind the first `label`, up to the end of the line.
std::string value_of(const std::string& text, const std::string& label) {
  const std::size_t at = text.find(label);
  if (at == std::string::npos) return {};
  return text.substr(at + label.size(), text.find('\n', at) - at - label.size());
}

/// Seeds 100..159.
experiment::PoolReport pool(std::uint32_t workers, bool first_only,
                            const std::function<std::string(std::uint64_t seed)>& run) {
  return experiment::run_in_processes({60, workers, first_only, {}}, [&]() -> experiment::PieceWork {
    return [run](std::uint64_t index) { return run(100 + index); };
  });
}

}  // namespace

TEST_CASE("an exploration that finds nothing says so and ends with 0, with any number of workers", "[explore]") {
  const Ended one = explore(kScenario + " --seeds 60");
  CHECK(one.code == app::kGood);
  CHECK(one.out == "explored " + kScenario + ": seeds 0..59; all survived\n");
  CHECK(one.err.empty());
  CHECK(explore(kScenario + " --seeds 60 -j 3").out == one.out);
}

TEST_CASE("an exploration and a replay come as JSON, too", "[explore]") {
  const auto search = nlohmann::json::parse(explore(kScenario + " --seeds 60 --first 3 --format json").out);
  CHECK(search.at("schema") == "gpusim-explore/1");
  CHECK(search.at("first_seed") == 3);
  CHECK(search.at("seeds") == 60);
  CHECK(search.at("done") == 60);
  CHECK(search.at("interrupted") == false);
  CHECK(search.at("failures").empty());
  CHECK(search.at("explained").empty());
  const Ended text = explore(kScenario + " --replay 17");
  const auto replay = nlohmann::json::parse(explore(kScenario + " --replay 17 --format json").out);
  CHECK(replay.at("schema") == "gpusim-explored-run/1");
  CHECK(replay.at("oracle") == "");
  CHECK(text.out.find("trace hash: " + replay.at("trace_hash").get<std::string>() + "\n") != std::string::npos);
  CHECK(text.out.find(fmt::format("choices: {}\n", replay.at("schedule").size())) != std::string::npos);
}

TEST_CASE("a run that takes too many steps is given up, which is counted and no failure", "[explore][long]") {
  // A client that tries again for the seconds that a lost interrupt takes to be found.
  const Folder folder;
  const std::string file = (folder / "polls.toml").string();
  std::ofstream{file}
      << "[driver]\nring_entries = 4\nmax_jobs = 4\n[scheduler]\ncomponent = \"drm_sched\"\n[[client]]\n"
         "name = \"app\"\nworkload = \"loop\"\nengine = \"rcs\"\nwork_us = 2000\n"
         "jobs_per_cycle = 8\ncycles = 10\n";
  const Ended two = explore(file + " --first 14 --seeds 2");
  CHECK(two.code == app::kGood);
  CHECK(two.out ==
        "explored " + file + ": seeds 14..15; 1 of 2 runs given up after 4194304 steps; all others survived\n");
  const Ended one = explore(file + " --replay 15");
  CHECK(one.code == app::kGood);
  CHECK(one.out.find("given up after 4194304 steps, at ") == 0);
}

TEST_CASE("a replay prints the same hash each time, writes traces and a schedule that replays it", "[explore]") {
  const Folder folder;
  const Ended first = explore(kScenario + " --replay 7");
  const Ended traced = explore(kScenario + " --replay 7 --trace text,perfetto --out " + folder.text());
  const Ended scheduled = explore(kScenario + " --schedule " + (folder / "schedule.txt").string());
  CHECK(first.code == app::kGood);
  CHECK(value_of(first.out, "trace hash: ").size() == 16);
  CHECK(traced.out == first.out);
  CHECK(scheduled.out == first.out);
  CHECK(slurp(folder / "trace.txt").find("choice_made") != std::string::npos);
  CHECK(fs::file_size(folder / "trace.pftrace") > 1'000);
}

TEST_CASE("the traces of an exploration say of which schedule they are, and so do their readers", "[explore]") {
  const Folder folder;
  const std::string out = (folder / "a").string();
  REQUIRE(explore(kScenario + " --replay 7 --trace text,events --out " + out).code == app::kGood);
  const std::string text = slurp(folder / "a" / "trace.txt");
  CHECK(text.substr(0, 1'000).find(", schedule 7") != std::string::npos);
  CHECK(slurp(folder / "a" / "trace.events").substr(0, 1'000).find(", schedule 7\n") != std::string::npos);
  const std::string note = "note: " + out + "/trace.events: this run is one of an exploration: schedule 7\n";
  CHECK(run_program("job " + out + " 1 --width 300").out.find(note) == 0);
  CHECK(run_program("why " + out + " 1 --at 1us --width 300").out.find(note) == 0);
  const Ended diff = run_program("diff " + out + " " + out + " --width 300");
  CHECK(diff.out.find(note) == 0);
  CHECK(diff.out.find(", schedule 7: ") != std::string::npos);

  const std::string schedule = out + "/schedule.txt";
  const std::string b = (folder / "b").string();
  REQUIRE(explore(kScenario + " --schedule " + schedule + " --trace events --out " + b).code == app::kGood);
  CHECK(slurp(folder / "b" / "trace.events").substr(0, 1'000).find(", schedule " + schedule) != std::string::npos);
}

TEST_CASE("a choice of a schedule that is never asked for is noted", "[explore]") {
  const Folder folder;
  std::ofstream{folder / "x.schedule"} << "delay stp/4 17 3\n";
  const Ended run = explore(kScenario + " --schedule " + (folder / "x.schedule").string());
  CHECK(run.code == app::kBadInput);
  CHECK(run.out.empty());  // it is not the run that was asked for, whether it survived or not
  CHECK(run.err == "error: delay stp/4 17 3 had no effect: no place 'stp' asked in this run; did you mean 'step'?\n");
  std::ofstream{folder / "late.schedule"} << "delay step/4 99999999 3\n";
  CHECK(explore(kScenario + " --schedule " + (folder / "late.schedule").string()).err ==
        "error: delay step/4 99999999 3 had no effect: it never came to that choice\n");
  std::ofstream{folder / "fault.schedule"} << "fault hung_jb 1 1\n";
  const Ended fault = explore(kScenario + " --schedule " + (folder / "fault.schedule").string());
  CHECK(fault.code == app::kBadInput);
  CHECK(fault.err.find("did you mean 'hung_job'?\n") != std::string::npos);
}

TEST_CASE("a schedule without a choice is bad input", "[explore]") {
  const Folder folder;
  std::ofstream{folder / "x.schedule"} << "# nothing\n\n";
  const Ended run = explore(kScenario + " --schedule " + (folder / "x.schedule").string());
  CHECK(run.code == app::kBadInput);
  CHECK(run.err == (folder / "x.schedule").string() + ": error: there is no choice in this schedule\n");
}

TEST_CASE("what cannot be explored is bad input", "[explore]") {
  const Folder folder;
  std::ofstream{folder / "wrong.schedule"} << "# fine\ndelay step/4 17 3\ndelay step\n";
  std::ofstream{folder / "stops.toml"} << "[stop]\nafter_ms = 1\n[[client]]\nname = \"a\"\nworkload = \"loop\"\n"
                                          "engine = \"rcs\"\nwork_us = 1\ncycles = 1\n";
  for (const std::string& arguments :
       {std::string{"no_such_file.toml"}, kScenario + " --trace text", kScenario + " --replay 1 --trace text",
        kScenario + " --replay 1 --trace nonsense --out " + folder.text(), kScenario + " --seeds 0",
        kScenario + " --seeds -3", kScenario + " -j 0", kScenario + " --replay 1 --schedule x",
        kScenario + " --schedule " + (folder / "wrong.schedule").string(),
        kScenario + " --schedule " + (folder / "none").string(), kScenario + " --schedule " + folder.text(),
        kScenario + " --first 18446744073709551615 --seeds 2", (folder / "stops.toml").string(),
        kScenario + " --set driver.nonsense=1"}) {
    CAPTURE(arguments);
    const Ended run = explore(arguments);
    CHECK(run.code == app::kBadInput);
    CHECK_FALSE(run.err.empty());
  }
  CHECK(explore(kScenario + " --schedule " + (folder / "wrong.schedule").string())
            .err.find("wrong.schedule:3:1: error") != std::string::npos);
  CHECK(explore((folder / "stops.toml").string()).err.find("stop rule") != std::string::npos);
}

TEST_CASE("an interrupted exploration reports how far it came and ends with 130", "[explore]") {
  const Ended run = interrupt_workers("explore " + kScenario + " --seeds 100000000 -j 2");
  CHECK(run.code == app::kInterrupted);
  CHECK(run.out.find(" of 100000000; none of them failed") != std::string::npos);
}

TEST_CASE("the lowest failing seed is reported, however many workers there are", "[explore]") {
  const auto run = [](std::uint64_t seed) {
    // Higher ones fail at once, the lowest late.
    if (seed == 131) std::this_thread::sleep_for(std::chrono::milliseconds{30});
    return seed == 131 || seed > 140 ? std::string{"credits"} : std::string{};
  };
  for (const std::uint32_t workers : {1U, 2U, 5U, 100U}) {
    CAPTURE(workers);
    const experiment::PoolReport report = pool(workers, true, run);
    REQUIRE(report.results.size() == 1);
    CHECK(report.results[0].index == 31);
    CHECK(report.results[0].text == "credits");
    const experiment::PoolReport all = pool(workers, false, run);
    CHECK(all.results.size() == 20);
    CHECK(all.results.front().index == 31);
    CHECK(all.done == 60);
    CHECK_FALSE(all.interrupted);
  }
}

TEST_CASE("a seed that kills its worker is a failure of that seed", "[explore]") {
  const experiment::PoolReport report = pool(2, true, [](std::uint64_t seed) {
    if (seed == 120) _exit(11);
    return std::string{};
  });
  REQUIRE(report.results.size() == 1);
  CHECK(report.results[0].index == 20);
  CHECK(report.results[0].died);
  const experiment::PoolReport thrown = pool(2, true, [](std::uint64_t seed) -> std::string {
    if (seed == 121) throw std::runtime_error{"not an oracle"};
    return {};
  });
  REQUIRE(thrown.results.size() == 1);
  CHECK(thrown.results[0].index == 21);
}
