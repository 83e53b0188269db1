// SPDX-License-Identifier: MIT
// gpusim baseline, and gpusim check against what it stored, as CI meets them.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

#include "sim/app/exit_code.h"
#include "tests/support/catch.h"
#include "tests/support/program.h"

namespace fs = std::filesystem;
using namespace gpusim;
using namespace gpusim::test;

namespace {

std::string scenario(const std::string& expect, int work_us = 10) {
  return "[expect]\n" + expect +
         "\n[[client]]\nname = \"app\"\nworkload = \"loop\"\nwork_us = " + std::to_string(work_us) + "\ncycles = 20\n";
}

std::string contents(const Folder& folder) {
  std::string names;
  for (const auto& entry : fs::directory_iterator{folder.text()}) names += entry.path().filename().string() + ' ';
  return names;
}

}  // namespace

TEST_CASE("a baseline is stored beside its scenarios, and again the same bytes", "[baseline]") {
  const Folder folder;
  spit(folder / "a.toml", scenario("latency_p99 = \"== baseline\"\ntrace_hash = \"== baseline\""));
  fs::create_directory(folder / "sub");
  spit(folder / "sub" / "b.toml", scenario("client.app.jobs = \"within 0% of baseline\"", 20));
  const std::string file = (folder / "gpusim-baseline.json").string();
  const std::string below = (folder / "sub" / "gpusim-baseline.json").string();
  const Ended stored = run_program("baseline " + folder.text());
  CHECK(stored.err.empty());
  CHECK(stored.code == app::kGood);
  CHECK(stored.out == file + ": 1 new, 0 moved, 0 as stored\n" + below + ": 1 new, 0 moved, 0 as stored\n");
  const std::string bytes = slurp(file);
  const auto json = nlohmann::json::parse(bytes);
  CHECK(json["schema"] == "gpusim-baseline/1");
  const auto& a = json["scenarios"]["a.toml"];
  CHECK(a["command"] == "gpusim baseline a.toml");
  CHECK(a["gpusim"].get<std::string>().starts_with("gpusim 0.1.0"));
  CHECK(a["figures"]["client.app.jobs"] == "20");
  CHECK(a["figures"]["ready_to_run_p50"].is_null());  // it did not occur
  CHECK(bytes.find("\n        \"jobs\": \"20\",\n        \"jobs_failed\": \"0\",\n") != std::string::npos);

  CHECK(run_program("check " + folder.text()).code == app::kGood);
  fs::last_write_time(file, fs::file_time_type{});
  CHECK(run_program("baseline -j 2 " + folder.text()).code == app::kGood);
  CHECK(slurp(file) == bytes);
  CHECK(fs::last_write_time(file) == fs::file_time_type{});  // nothing moved: it is not written
}

TEST_CASE("a check against a baseline says what is stored, what is seen and by how much", "[baseline]") {
  const Folder folder;
  const std::string file = (folder / "a.toml").string();
  spit(file, scenario("jobs = \"within 5% of baseline\"\ntimeouts = \"<= baseline + 1\""));
  REQUIRE(run_program("baseline " + file).code == app::kGood);
  const Ended ended = run_program("check --github " + file + " --set client.cycles=15");
  CHECK(ended.code == app::kExpectationFailed);
  const std::string pad(file.size() - 8, ' ');
  const std::string note = "the figures in " + (folder / "gpusim-baseline.json").string() +
                           " are of a run with other parameters: 'gpusim baseline a.toml', seed 1";
  CHECK(ended.out == "scenario" + pad + "  expected                         seen  by\n" +  //
                         file + "  jobs within 5% of baseline (20)  15    -5 (-25.0%)\n\nnote: " + file + ": " + note +
                         "\n\n" + "0 of 1 scenarios as expected, 6 checks, 1 not met\n" +  //
                         "::error file=" + file +
                         ",line=2,col=8::expected jobs within 5%25 of baseline (20), seen 15, by -5 (-25.0%25)\n" +
                         "::warning file=" + file + "::" + note + "\n");
  CHECK(run_program("check " + file + " --set client.cycles=19").code == app::kGood);
  CHECK(run_program("check " + file + " --set client.cycles=21").code == app::kGood);
  CHECK(run_program("check " + file + " --set client.cycles=22").code == app::kExpectationFailed);
}

TEST_CASE("renewing says what moved, a dry run only says it, who is not named keeps his figures", "[baseline]") {
  const Folder folder;
  const std::string a = (folder / "a.toml").string();
  const std::string b = (folder / "b.toml").string();
  const std::string file = (folder / "stored.json").string();
  spit(a, scenario(""));
  spit(b, scenario(""));
  REQUIRE(run_program("baseline --file " + file + ' ' + folder.text()).code == app::kGood);
  const std::string bytes = slurp(file);
  const std::string fewer = " --set client.cycles=15 --file " + file + ' ' + a;

  const Ended dry = run_program("baseline --dry-run" + fewer);
  CHECK(dry.code == app::kExpectationFailed);
  CHECK(dry.out.find(a + "  jobs   ") != std::string::npos);
  CHECK(dry.out.find("  20   ") != std::string::npos);
  CHECK(dry.out.find("  -5 (-25.0%)\n") != std::string::npos);
  CHECK(dry.out.find("  trace_hash   ") != std::string::npos);
  CHECK(dry.out.ends_with(file + ": 0 new, 1 moved, 0 as stored; not written\n"));
  CHECK(widest_line(run_program("baseline --width 60 --dry-run" + fewer).out) <= 60);
  const auto said = nlohmann::json::parse(run_program("baseline --format json --dry-run" + fewer).out);
  CHECK(said.at("schema") == "gpusim-baseline-moves/1");
  CHECK(said.at("dry_run") == true);
  CHECK(said.at("baselines").at(0).at("name") == file);
  CHECK(said.at("baselines").at(0).at("moved") == 1);
  const auto is_of_jobs = [](const nlohmann::json& move) { return move.at("figure") == "jobs"; };
  const auto jobs = std::find_if(said.at("moves").begin(), said.at("moves").end(), is_of_jobs);
  REQUIRE(jobs != said.at("moves").end());
  CHECK(jobs->at("scenario") == a);
  CHECK(jobs->at("stored") == "20");
  CHECK(jobs->at("by") == "-5 (-25.0%)");
  CHECK(run_program("baseline --format markdown --dry-run" + fewer).out.find("| scenario | figure |") == 0);
  CHECK(slurp(file) == bytes);
  CHECK(run_program("baseline --dry-run --file " + file + ' ' + b).code == app::kGood);

  const Ended renewed = run_program("baseline" + fewer);
  CHECK(renewed.code == app::kGood);
  auto before = nlohmann::json::parse(bytes);
  const auto after = nlohmann::json::parse(slurp(file));
  CHECK(after["scenarios"]["b.toml"] == before["scenarios"]["b.toml"]);
  CHECK(after["scenarios"]["a.toml"]["figures"]["jobs"] == "15");
  CHECK(after["scenarios"]["a.toml"]["command"] == "gpusim baseline a.toml --set client.cycles=15 --file stored.json");
  CHECK(contents(folder).find(".part") == std::string::npos);
}

TEST_CASE("nothing is stored of a run that stalls, or if a file is no baseline", "[baseline]") {
  const Folder folder;
  const std::string a = (folder / "a.toml").string();
  const std::string file = (folder / "gpusim-baseline.json").string();
  spit(a, scenario("jobs = \"== baseline\""));
  const std::string stalls = " --set scheduler.timeout_ms=0 --set fault.hung_job=3";
  CHECK(run_program("baseline " + a + stalls).code == app::kStalled);
  CHECK(contents(folder) == "a.toml ");

  REQUIRE(run_program("baseline " + a).code == app::kGood);
  const std::string bytes = slurp(file);
  const auto refused = [&](const std::string& text) {
    spit(file, text);
    const Ended check = run_program("check " + a);
    const Ended renewed = run_program("baseline " + a);
    CHECK(check.code == app::kBadInput);
    CHECK(renewed.code == app::kBadInput);
    CHECK(check.err == renewed.err);
    CHECK(slurp(file) == text);
    return test::without_places(check.err);
  };
  CHECK(refused("{\n  oops\n}\n") == file + ":2:3: error: this is no JSON that gpusim wrote (gpusim-baseline/1)\n");
  CHECK(refused("{}") == file + ": error: gpusim-baseline/1 is needed, and it has no \"schema\"\n");
  CHECK(refused("{\"schema\": \"gpusim-baseline/2\"}") ==
        file + ": error: gpusim-baseline/1 is needed, and its schema is \"gpusim-baseline/2\"\n");
  std::string broken = bytes;
  broken.replace(broken.find("\"jobs\": \"20\""), 12, "\"jobs\": \"20 us\"");
  const std::string error = refused(broken);
  CHECK(error.starts_with(file + ":"));
  CHECK(error.ends_with(":9: error: \"jobs\" must be a plain number as text, or null, not \"20 us\"\n"));
}

TEST_CASE("what a baseline lacks is said with the command that stores it", "[baseline]") {
  const Folder folder;
  const std::string a = (folder / "a.toml").string();
  const std::string b = (folder / "b.toml").string();
  const std::string file = (folder / "gpusim-baseline.json").string();
  spit(a, scenario("ready_to_run_p50 = \"<= baseline\""));
  spit(b, scenario("jobs = \"<= baseline\"\ntrace_hash = \"== baseline\""));
  const Ended none = run_program("check " + a);
  CHECK(none.code == app::kBadInput);
  CHECK(test::without_places(none.err) == a + ":2:20: error: expect.ready_to_run_p50: there is no baseline " + file +
                                              "; 'gpusim baseline " + a + "' writes it\n");
  const std::string other = (folder / "other.json").string();
  const Ended named = run_program("check " + a + " --set 'expect.ready_to_run_p50=\"<= 1 s\"' --baseline " + other);
  CHECK(named.code == app::kBadInput);  // although nothing is expected of it
  CHECK(named.err == "--baseline: error: there is no file " + other + "; 'gpusim baseline " + a +
                         " --set 'expect.ready_to_run_p50=\"<= 1 s\"' --file " + other + "' writes it\n");
  REQUIRE(run_program("baseline " + a).code == app::kGood);
  CHECK(test::without_places(run_program("check " + a).err) ==
        a + ":2:20: error: expect.ready_to_run_p50: the baseline " + file +
            " says that it did not occur, so that nothing can be held against it; if it does occur now, "
            "'gpusim baseline " +
            a + "' stores it\n");
  const Ended github = run_program("check --github " + b + " --baseline " + file);
  CHECK(github.code == app::kBadInput);
  const std::string lacks = "the baseline " + file + " does not have this scenario; 'gpusim baseline " + b +
                            " --file " + file + "' stores its figures of now\n";
  CHECK(test::without_places(github.err) ==
        b + ":2:8: error: expect.jobs: " + lacks + b + ":3:14: error: expect.trace_hash: " + lacks);
  CHECK(github.out.starts_with("::error file=" + b + ",line=2,col=8::expect.jobs: the baseline "));
}

TEST_CASE("no figures are stored of a scenario with a misspelt expectation", "[baseline]") {
  const Folder folder;
  const std::string a = (folder / "a.toml").string();
  spit(a, scenario("job = 1"));
  const Ended misspelt = run_program("baseline " + a);
  CHECK(misspelt.code == app::kBadInput);
  CHECK(misspelt.err.find("this scenario has no metric 'job'; did you mean 'jobs'?") != std::string::npos);
  spit(a, scenario(""));
  CHECK(run_program("baseline " + a + " --set expect.x=1").code == app::kBadInput);
  CHECK(contents(folder) == "a.toml ");
}

TEST_CASE("an interrupted baseline says that nothing was written", "[baseline]") {
  const Folder folder;
  const std::string slow = (folder / "slow.toml").string();
  spit(slow, "[[client]]\nname = \"app\"\nworkload = \"loop\"\nwork_us = 10\ncycles = 1000000000\n");
  const auto started = std::chrono::steady_clock::now();
  const Ended ended = interrupt_program(
      "baseline " + slow, [&] { return std::chrono::steady_clock::now() - started > std::chrono::milliseconds{700}; });
  CHECK(ended.code == app::kInterrupted);
  CHECK(ended.out.empty());
  CHECK(ended.err ==
        "error: interrupted before 1 of 1 scenarios had run: nothing is written, and what was stored stays\n");
  CHECK_FALSE(std::filesystem::exists(folder / "gpusim-baseline.json"));
}

TEST_CASE("the command that a missing figure is stored by is one that stores it", "[baseline]") {
  const Folder folder;
  const std::string a = (folder / "a.toml").string();
  spit(a, scenario(""));
  REQUIRE(run_program("baseline " + a).code == app::kGood);
  const std::string set = " --set 'expect.event.exec_begin=\"== baseline\"'";
  const Ended lacks = run_program("check " + a + set);
  CHECK(lacks.code == app::kBadInput);
  const std::string command = "baseline " + a + set;
  CHECK(lacks.err.find(" has no such figure; 'gpusim " + command + "' stores its figures of now\n") !=
        std::string::npos);
  REQUIRE(run_program(command).code == app::kGood);
  CHECK(run_program("check " + a + set).code == app::kGood);
}

TEST_CASE("figures are of another run only if its parameters are others", "[baseline]") {
  const Folder folder;
  const std::string a = (folder / "a.toml").string();
  spit(a, scenario("jobs = \"<= baseline\""));
  const auto notes = [&](const std::string& sets) {
    return run_program("check " + a + sets).out.find("of a run with other parameters") != std::string::npos;
  };
  REQUIRE(run_program("baseline " + a + " --set 'expect.event.slot_grant=\">= 0\"'").code == app::kGood);
  CHECK_FALSE(notes(""));
  // The clock of a timeout that never comes changes no figure of this run.
  const std::string other = " --set scheduler.timeout_ms=4321";
  CHECK(notes(other));
  CHECK(run_program("baseline " + a + other + " --dry-run").code == app::kExpectationFailed);
  REQUIRE(run_program("baseline " + a + other).code == app::kGood);
  CHECK_FALSE(notes(other));
  CHECK(notes(""));
  REQUIRE(run_program("baseline " + a + " --set seed=3" + other).code == app::kGood);
  CHECK_FALSE(notes(" --set seed=3" + other));
}
