// SPDX-License-Identifier: MIT
// gpusim check as CI meets it: exit codes, the table, JUnit XML through a reader of others, annotations.
#include <sys/stat.h>

#include <chrono>
#include <cstdlib>
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

const std::string kGoodClient = "[[client]]\nname = \"app\"\nworkload = \"loop\"\nwork_us = 10\ncycles = 20\n";

Ended check(const std::string& arguments) { return run_program("check " + arguments); }

}  // namespace

TEST_CASE("scenarios that give what they say end with 0, in one process or in several", "[check]") {
  const Folder folder;
  spit(folder / "a.toml", "[expect]\njobs = 20\nlatency_p99 = \"< 1 ms\"\n" + kGoodClient);
  fs::create_directory(folder / "sub");
  spit(folder / "sub" / "b.toml", kGoodClient);
  spit(folder / "preset.toml", "[device]\nslots = 3\n");
  spit(folder / "e.toml", "scenario = \"a.toml\"\n[[variant]]\nname = \"x\"\n");
  const Ended one = check(folder.text());
  CHECK(one.code == app::kGood);
  CHECK(one.out == "2 of 2 scenarios as expected, 11 checks, 0 not met\n");
  CHECK(one.err.empty());
  CHECK(check("-j 3 " + folder.text()).out == one.out);
  const std::string a = (folder / "a.toml").string();
  CHECK(check(a + " " + folder.text()).out == one.out);  // named twice, checked once
}

TEST_CASE("what is not met is listed, with 1, and annotated where it is written", "[check]") {
  const Folder folder;
  const std::string file = (folder / "a.toml").string();
  spit(file, "[fault]\nhung_job = 3\n[expect]\nclient.app.jobs = 20\njobs_failed = 1\nfault.hung_job = \">= 1\"\n" +
                 kGoodClient);
  const std::string note = "client app gave up after -ECANCELED: 17 of 20 cycles not submitted";
  const Ended ended = check("--github " + file);
  CHECK(ended.code == app::kExpectationFailed);
  CHECK(ended.out == "scenario" + std::string(file.size() - 8, ' ') + "  expected               seen  by\n" +  //
                         file + "  client.app.jobs == 20  2     -18 (-90.0%)\n" +                              //
                         file + "  clients_gave_up == 0   1     +1\n\nnote: " + file + ": " + note + "\n\n" +  //
                         "0 of 1 scenarios as expected, 7 checks, 2 not met\n" +                               //
                         "::error file=" + file +
                         ",line=4,col=19::expected client.app.jobs == 20, seen 2, by -18 (-90.0%25)\n" +
                         "::error file=" + file + "::expected clients_gave_up == 0, seen 1, by +1\n" +
                         "::warning file=" + file + "::" + note + "\n");
}

TEST_CASE("a file's name that is no UTF-8 stands as escapes in JUnit XML, JSON and annotations", "[check]") {
  const Folder folder;
  spit(folder / "s\xff.toml", "[expect]\njobs = 21\n" + kGoodClient);
  spit(folder / "t\xff.toml", "[fault]\nlost_interrupt = 1\n[scheduler]\ntimeout_ms = 0\n" + kGoodClient);
  const std::string junit = (folder / "r.xml").string();
  const Ended ended = check(folder.text() + " --github --junit " + junit);
  CHECK(ended.code == app::kStalled);
  const std::string xml = slurp(junit);
  for (const std::string& text : {ended.out, ended.err, xml, check(folder.text() + " --format json").out}) {
    INFO(text);
    CHECK(text.find('\xff') == std::string::npos);
    CHECK(text.find("t\\") != std::string::npos);
  }
  CHECK(xml.find("s\\xff.toml") != std::string::npos);
}

TEST_CASE("JSON says what was seen of each expectation, met or not, and how far off it is of those not met",
          "[check]") {
  const Folder folder;
  const std::string file = (folder / "a.toml").string();
  spit(file, "[expect]\nclient.app.jobs = 20\njobs = \"> 20\"\n" + kGoodClient);
  const Ended ended = check("--format json " + file);
  CHECK(ended.code == app::kExpectationFailed);
  const auto document = nlohmann::json::parse(ended.out);
  CHECK(document.at("schema") == "gpusim-check/1");
  const auto checks = document.at("results")[0].at("checks");
  CHECK(checks[0].at("met") == true);
  CHECK(checks[0].at("seen") == "20");
  CHECK_FALSE(checks[0].contains("by"));
  CHECK(checks[1].at("met") == false);
  CHECK(checks[1].at("seen") == "20");
  CHECK(checks[1].at("by") == "0");
}

TEST_CASE("a scenario in which nothing is done, or that leaves something, is not as expected", "[check]") {
  const Folder folder;
  const std::string file = (folder / "a.toml").string();
  spit(file, kGoodClient);
  CHECK(check(file).code == app::kGood);
  CHECK(check(file + " --set stop.after_us=1").code == app::kExpectationFailed);
  CHECK(check(file + " --set stop.after_us=60").code == app::kExpectationFailed);
  const std::string lenient =
      " --set stop.after_us=60 --set 'expect.jobs_unfinished=\">= 0\"' --set 'expect.clients_unfinished=\">= 0\"'";
  CHECK(check(file + lenient + " --set 'expect.jobs=\">= 0\"'").code == app::kGood);
}

TEST_CASE("a client that a stop cuts off or does not let begin is not as expected, even between two jobs", "[check]") {
  const Folder folder;
  const std::string pauses = (folder / "pauses.toml").string();
  spit(pauses, kGoodClient + "wait_us = 2000\n[stop]\nafter_us = 500\n");
  const Ended cut = check(pauses);
  CHECK(cut.code == app::kExpectationFailed);
  CHECK(cut.out.find("clients_unfinished == 0  1 ") != std::string::npos);
  CHECK(cut.out.find("jobs_unfinished == 0") == std::string::npos);
  CHECK(check(pauses + " --set expect.clients_unfinished=1").code == app::kGood);
  const std::string late = (folder / "late.toml").string();
  spit(late, kGoodClient + "[[client]]\nname = \"b\"\nworkload = \"loop\"\nwork_us = 1\ncycles = 1\nstart_ms = 9\n" +
                 "[stop]\nafter_ms = 5\n");
  CHECK(check(late).code == app::kExpectationFailed);
  CHECK(check(late + " --set client.b.start_ms=1").code == app::kGood);
}

TEST_CASE("a stall is 4, bad input is 2 before anything is run, an interrupted file is not half a result", "[check]") {
  const Folder folder;
  const std::string stalls = (folder / "stalls.toml").string();
  spit(stalls, "[scheduler]\ntimeout_ms = 0\n[fault]\nhung_job = 3\n" + kGoodClient);
  const std::string good = (folder / "good.toml").string();
  spit(good, kGoodClient);
  const std::string bad = (folder / "bad.toml").string();
  spit(bad, "[expect]\njobz = 3\n" + kGoodClient);
  const Ended stalled = check(stalls + " " + good);
  CHECK(stalled.code == app::kStalled);
  CHECK(stalled.out == "scenario" + std::string(stalls.size() - 8, ' ') + "  expected          seen     by\n" + stalls +
                           "  a run to its end  stalled\n\n1 of 2 scenarios as expected, 10 checks, 0 not met\n");
  CHECK(stalled.err.find("the model stalled: ") != std::string::npos);

  const std::string junit = (folder / "out" / "r.xml").string();
  const Ended refused = check(good + " " + bad + " --junit " + junit);
  CHECK(refused.code == app::kBadInput);
  CHECK(refused.out.empty());
  CHECK(refused.err == bad +
                           ":2:1: error: expect: this scenario has no metric 'jobz'; did you mean 'jobs'?\n"
                           "    jobz = 3\n    ^\n");
  CHECK_FALSE(fs::exists(folder / "out"));
  CHECK(check("/nowhere").code == app::kBadInput);
  fs::create_directory(folder / "none");
  spit(folder / "none" / "preset.toml", "[device]\nslots = 3\n");
  const Ended none = check((folder / "none").string());
  CHECK(none.code == app::kBadInput);
  CHECK(none.err == (folder / "none").string() + ": error: there is no scenario in this folder\n");
  CHECK(check(good + " --junit " + good + "/r.xml").code == app::kBadInput);
}

TEST_CASE("what was meant to be a scenario is not passed over in a folder", "[check]") {
  for (const char* text : {"[[clients]]\nname = \"a\"\n", "[[clinet]]\nname = \"a\"\n", "[expect]\njobs = 99\n"}) {
    const Folder folder;
    spit(folder / "good.toml", kGoodClient);
    spit(folder / "meant.toml", text);
    const Ended run = check(folder.text());
    CHECK(run.code == app::kBadInput);
    CHECK(run.err.find("meant.toml:") != std::string::npos);
  }
}

TEST_CASE("what is called as a scenario and is no file makes no gate smaller", "[check]") {
  const Folder folder;
  spit(folder / "good.toml", kGoodClient);
  const fs::path other = folder / "other.toml";
  fs::create_symlink(folder / "good.toml", other);
  CHECK(check(folder.text()).code == app::kGood);
  fs::remove(other);
  fs::create_symlink(folder / "gone", other);
  CHECK(check(folder.text()).code == app::kBadInput);
  CHECK(check(folder.text()).err == other.string() + ": error: this link leads to no file\n");
  fs::remove(other);
  fs::create_symlink(other, other);
  CHECK(check(folder.text()).err == other.string() + ": error: this link leads to no file\n");
  fs::remove(other);
  REQUIRE(::mkfifo(other.c_str(), 0600) == 0);
  CHECK(check(folder.text()).code == app::kBadInput);
  CHECK(check(folder.text()).err == other.string() + ": error: this is no file\n");
}

TEST_CASE("JUnit XML is what a reader of others reads", "[check]") {
  const Folder folder;
  spit(folder / "a.toml", "[expect]\nlatency_p50 = [\"< 1 us\", \"< 1 ms\"]\n" + kGoodClient);
  spit(folder / "b.toml", "[scheduler]\ntimeout_ms = 0\n[fault]\nhung_job = 3\n" + kGoodClient);
  const std::string junit = (folder / "r.xml").string();
  CHECK(check(folder.text() + " --junit " + junit).code == app::kStalled);
  if (std::system("/usr/bin/python3 -c 'import junitparser' 2>/dev/null") != 0) {
    WARN("the Debian package python3-junitparser is missing: JUnit XML is not read");
    return;
  }
  const std::string seen = (folder / "seen").string();
  const std::string script =
      "import sys, junitparser\n"
      "xml = junitparser.JUnitXml.fromfile(sys.argv[1])\n"
      "out = open(sys.argv[2], 'w')\n"
      "for suite in xml:\n"
      "    print(suite.tests, suite.failures, suite.errors, file=out)\n"
      "    for case in suite:\n"
      "        print(case.name, [type(r).__name__ for r in case.result], file=out)\n";
  spit(folder / "read.py", script);
  REQUIRE(std::system(("/usr/bin/python3 " + (folder / "read.py").string() + " " + junit + " " + seen).c_str()) == 0);
  CHECK(slurp(seen) ==
        "7 1 0\n"
        "latency_p50 < 1 us ['Failure']\n"
        "latency_p50 < 1 ms []\n"
        "jobs_failed == 0 []\n"
        "jobs_unfinished == 0 []\n"
        "clients_gave_up == 0 []\n"
        "clients_unfinished == 0 []\n"
        "jobs > 0 []\n"
        "1 0 1\n"
        "run ['Error']\n");
}

TEST_CASE("JUnit XML takes the place of no scenario, and of nothing that is no file", "[check]") {
  const Folder folder;
  const std::string a = (folder / "a.toml").string();
  spit(a, kGoodClient);
  fs::create_symlink(a, folder / "link.xml");
  for (const std::string& place : {a, (folder / "link.xml").string(), folder.text()}) {
    CAPTURE(place);
    const Ended ended = check(a + " --junit " + place);
    CHECK(ended.code == app::kBadInput);
    CHECK(ended.err.starts_with("--junit: error: " + place));
    CHECK(slurp(a) == kGoodClient);
  }
  CHECK(fs::is_symlink(folder / "link.xml"));
  spit(folder / "notes.xml", "<?xml version=\"1.0\"?><notes/>");
  CHECK(check(a + " --junit " + (folder / "notes.xml").string()).code == app::kBadInput);
  CHECK(slurp(folder / "notes.xml") == "<?xml version=\"1.0\"?><notes/>");
}

TEST_CASE("nobody takes the JUnit XML of an earlier check for that of one with bad input", "[check]") {
  const Folder folder;
  const std::string a = (folder / "a.toml").string();
  const std::string junit = (folder / "r.xml").string();
  for (const std::string& bad : {a + " --set hots.cpus=3", (folder / "b.toml").string(), a + " --baseline /nowhere"}) {
    CAPTURE(bad);
    spit(a, kGoodClient);
    REQUIRE(check(a + " --junit " + junit).code == app::kGood);
    REQUIRE(fs::exists(junit));
    CHECK(check(bad + " --junit " + junit).code == app::kBadInput);
    CHECK_FALSE(fs::exists(junit));
  }
}

TEST_CASE("an annotation of what is wrong with an option names no file", "[check]") {
  const Folder folder;
  const std::string a = (folder / "a.toml").string();
  spit(a, kGoodClient);
  const Ended ended = check(a + " --github --set expect.jobz=3");
  CHECK(ended.code == app::kBadInput);
  CHECK(ended.out == "::error::--set: expect: this scenario has no metric 'jobz'; did you mean 'jobs'?\n");
}

TEST_CASE("an interrupted check says so in every form, and ends with 130", "[check]") {
  const Folder folder;
  const std::string quick = (folder / "quick.toml").string();
  const std::string slow = (folder / "slow.toml").string();
  spit(quick, kGoodClient);
  spit(slow, "[[client]]\nname = \"app\"\nworkload = \"loop\"\nwork_us = 10\ncycles = 1000000000\n");
  const std::string junit = (folder / "r.xml").string();
  const auto interrupted = [&](const std::string& options) {
    const auto started = std::chrono::steady_clock::now();
    return interrupt_program("check " + quick + " " + slow + options,
                             [&] { return std::chrono::steady_clock::now() - started > std::chrono::seconds{1}; });
  };
  const Ended text = interrupted(" --github --junit " + junit);
  CHECK(text.code == app::kInterrupted);
  CHECK(text.out == "scenario" + std::string(slow.size() - 8, ' ') + "  expected          seen         by\n" + slow +
                        "  a run to its end  interrupted\n\n" +
                        "1 of 2 scenarios as expected, 10 checks, 0 not met; interrupted before 1 of them had run\n" +
                        "::error file=" + slow + "::interrupted\n");
  CHECK(slurp(junit).find("<error message=\"interrupted\">interrupted</error>") != std::string::npos);
  const Ended data = interrupted(" --format json");
  CHECK(data.code == app::kInterrupted);
  const auto json = nlohmann::json::parse(data.out);
  CHECK(json.at("interrupted") == true);
  CHECK(json.at("results")[0].at("run") == "ended");
  CHECK(json.at("results")[1].at("run") == "interrupted");
  CHECK(json.at("results")[1].at("error") == "interrupted");
  CHECK(json.at("results")[1].at("as_expected") == false);
}

TEST_CASE("check shows the notes of a run, and annotates them as warnings", "[check]") {
  const Folder folder;
  const std::string file = (folder / "a.toml").string();
  spit(file, "[fault]\nhung_job = 1000\n" + kGoodClient);
  const std::string note = "fault.hung_job = 1000 did not happen: 20 jobs were begun";
  const Ended ended = check("--github " + file);
  CHECK(ended.code == app::kGood);
  CHECK(ended.out == "note: " + file + ": " + note + "\n\n1 of 1 scenarios as expected, 5 checks, 0 not met\n" +
                         "::warning file=" + file + "::" + note + "\n");
  const Ended data = check("--github --format json " + file);
  CHECK(nlohmann::json::parse(data.out).at("results")[0].at("notices")[0] == note);
  CHECK(data.err == "::warning file=" + file + "::" + note + "\n");
  CHECK(check("--format csv " + file).out.find("results.0.notices.0," + note + "\n") != std::string::npos);
}

TEST_CASE("figures that were stored of a run with other parameters are said to be so", "[check]") {
  const Folder folder;
  const std::string file = (folder / "a.toml").string();
  spit(file, "[expect]\nlatency_p99 = \"within 90% of baseline\"\n" + kGoodClient);
  REQUIRE(run_program("baseline " + file).code == app::kGood);
  CHECK(check(file).out.find("note:") == std::string::npos);
  CHECK(check(file + " --set 'expect.jobs=20'").out.find("note:") == std::string::npos);
  const Ended other = check(file + " --set client.app.work_us=11");
  CHECK(other.out.find("note: " + file + ": the figures in " + (folder / "gpusim-baseline.json").string() +
                       " are of a run with other parameters: 'gpusim baseline a.toml', seed 1\n") != std::string::npos);
  CHECK(check(file + " --set seed=2").out.find("of a run with other parameters") != std::string::npos);
}

TEST_CASE("tables of check are as wide as they may be, and red where something is bad", "[check]") {
  const Folder folder;
  const std::string file = (folder / "a_rather_long_name_of_a_scenario_file.toml").string();
  spit(file, "[expect]\njobs = 21\n" + kGoodClient);
  const Ended narrow = check("--width 60 " + file);
  CHECK(narrow.code == app::kExpectationFailed);
  for (std::size_t begin = 0; begin < narrow.out.size(); begin = narrow.out.find('\n', begin) + 1) {
    CHECK(narrow.out.find('\n', begin) - begin <= 62);  // the ellipsis has three bytes
  }
  const Ended split = check("--width 40 " + file);
  CHECK(widest_line(split.out) <= 40);
  const std::size_t second = split.out.find("\n\nscenario");
  REQUIRE(second != std::string::npos);
  CHECK(split.out.find("jobs == 21", second) != std::string::npos);  // the row of the second part says what it is of
  CHECK(check("--color always " + file).out.find("\x1b[") != std::string::npos);
  CHECK(check("--color never " + file).out.find("\x1b[") == std::string::npos);
}
