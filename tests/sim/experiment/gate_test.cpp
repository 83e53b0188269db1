// SPDX-License-Identifier: MIT
// What a scenario expects: what is read, what is refused and where, and what a run meets.
#include <string>
#include <vector>

#include "sim/experiment/gate.h"
#include "sim/scenario/loader.h"
#include "tests/support/catch.h"
#include "tests/support/machine/scenarios.h"

using namespace gpusim;
using namespace gpusim::experiment;

namespace {

const std::string kWebClient = "[[client]]\nname = \"web\"\nworkload = \"loop\"\nwork_us = 10\n";

scenario::ScenarioSpec expecting(const std::string& expect, const std::vector<std::string>& sets = {}) {
  return test::spec_of("[expect]\n" + expect + "\n" + kWebClient, sets);
}

std::vector<Check> read(const std::string& expect, const std::vector<std::string>& sets = {}) {
  std::vector<scenario::Problem> problems;
  std::vector<Check> checks = checks_of(expecting(expect, sets), problems);
  for (const scenario::Problem& problem : problems) UNSCOPED_INFO(problem.to_string());
  REQUIRE(problems.empty());
  return checks;
}

std::string refused_expectation(const std::string& expect) {
  std::vector<scenario::Problem> problems;
  (void)checks_of(expecting(expect), problems);
  REQUIRE(problems.size() == 1);
  return problems.front().to_string();
}

/// A run that has done what every scenario expects, and this.
Measurement run(const MetricValue& value) {
  Measurement measurement;
  measurement.trace_hash = 0xabcd;
  measurement.values = {{.name = "jobs", .value = 1'000},           {.name = "jobs_failed", .value = 0},
                        {.name = "jobs_unfinished", .value = 0},    {.name = "clients_gave_up", .value = 0},
                        {.name = "clients_unfinished", .value = 0}, value};
  return measurement;
}

bool holds(const std::string& expect, const MetricValue& value) {
  return shortfalls(read(value.name + " = " + expect), run(value)).empty();
}

MetricValue latency(std::int64_t ps, std::int64_t off = 0) {
  return {.name = "latency_p99", .unit = Unit::time, .value = ps, .off = off};
}
MetricValue share(std::int64_t thousandths) {
  return {.name = "bypass_share", .unit = Unit::percent, .value = thousandths};
}
MetricValue rate(std::int64_t thousandths) { return {.name = "throughput", .unit = Unit::rate, .value = thousandths}; }

}  // namespace

TEST_CASE("each relation holds on its side of the bound", "[gate]") {
  const auto sides = [](const std::string& relation) {
    std::string held;
    for (const std::int64_t ps : {49'999'999, 50'000'000, 50'000'001}) {
      held += holds('"' + relation + " 50 us\"", latency(ps)) ? 'y' : 'n';
    }
    return held;
  };
  CHECK(sides("<") == "ynn");
  CHECK(sides("<=") == "yyn");
  CHECK(sides(">=") == "nyy");
  CHECK(sides(">") == "nny");
}

TEST_CASE("equal is what has the digits that are written, lies in the value's bucket, or within what is said",
          "[gate]") {
  CHECK(holds("\"== 38.6 us\"", latency(38'649'999)));
  CHECK_FALSE(holds("\"== 38.6 us\"", latency(38'650'001)));
  CHECK(holds("\"== 38.6 us\"", latency(38'900'000, 300'000)));
  CHECK_FALSE(holds("\"== 38.6 us\"", latency(38'900'001, 300'000)));
  CHECK(holds("\"== 40 us within 5%\"", latency(42'000'000)));
  CHECK(holds("\"== 40 us within 5 %\"", latency(38'000'000)));
  CHECK_FALSE(holds("\"== 40 us within 5%\"", latency(42'000'001)));
  CHECK_FALSE(holds("\"== 40 us within 0.5%\"", latency(40'300'000)));
  CHECK(holds("1", {.name = "jobs_failed", .value = 1'000}) == false);  // the run has it already: with 0
}

TEST_CASE("blanks between the parts of a condition may be left out", "[gate]") {
  CHECK(holds("\"<50us\"", latency(49'999'999)));
  CHECK_FALSE(holds("\"<50us\"", latency(50'000'000)));
  CHECK(holds("\"==40us within 5%\"", latency(42'000'000)));
  CHECK(read("jobs = \">0\"").front().relation == Relation::more);
  CHECK(read("latency_p99 = \"<=baseline+5%\"").front().of_baseline->millionths == 50'000);
  CHECK(read("latency_p99 = \">=baseline-3us\"").front().of_baseline->is_below);
  CHECK(read("trace_hash = \"==000000000000abcd\"").front().hash == 0xabcd);
}

TEST_CASE("units are those of the metric", "[gate]") {
  CHECK(holds("\"<= 0.05ms\"", latency(50'000'000)));
  CHECK(holds("\"<= 50000 ns\"", latency(50'000'000)));
  CHECK(holds("\"<= 50000000 ps\"", latency(50'000'000)));
  CHECK(holds("\"<= 1 s\"", latency(50'000'000)));
  CHECK(holds("\">= 99.5 %\"", share(99'500)));
  CHECK_FALSE(holds("\">= 99.5%\"", share(99'499)));
  CHECK(holds("\"> 12000.5 /s\"", rate(12'000'501)));
  CHECK_FALSE(holds("\"> 12000.5/s\"", rate(12'000'500)));
}

TEST_CASE("a metric that did not occur meets nothing, and a hash is its own", "[gate]") {
  CHECK(shortfalls(read("latency_p99 = \"> 0 us\""), run(share(0))).front().seen == "-");
  CHECK(shortfalls(read("trace_hash = \"== 000000000000abcd\""), run(share(0))).empty());
  CHECK(shortfalls(read("trace_hash = \"== 000000000000abce\""), run(share(0))).front().seen == "000000000000abcd");
}

TEST_CASE("how far a value is from its bound is said with its sign, in its unit and in percent", "[gate]") {
  const auto far = [](const std::string& expect, const MetricValue& value) {
    const auto found = shortfalls(read(value.name + " = " + expect), run(value));
    REQUIRE(found.size() == 1);
    return found.front().seen + ", " + found.front().by;
  };
  CHECK(far("\"<= 50 us\"", latency(61'200'000)) == "61.200 us, +11.200 us (+22.4%)");
  CHECK(far("\">= 50 us\"", latency(25'000'000)) == "25.000 us, -25.000 us (-50.0%)");
  CHECK(far("\"< 50 us\"", latency(50'000'000)) == "50.000 us, 0.000 us");
  CHECK(far("\"<= 50 us\"", latency(61'200'000, 300'000)) == "61.2 us, +11.2 us (+22.4%)");
}

TEST_CASE("every scenario expects that its jobs are done, unless it says something else of them", "[gate]") {
  const auto metrics = [](const std::string& expect) {
    std::string names;
    for (const Check& check : read(expect)) names += check.metric + check.condition + ' ';
    return names;
  };
  CHECK(metrics("") == "jobs_failed== 0 jobs_unfinished== 0 clients_gave_up== 0 clients_unfinished== 0 jobs> 0 ");
  CHECK(metrics("jobs_failed = 1\njobs = [\"> 3\", \"< 9\"]") ==
        "jobs_failed== 1 jobs> 3 jobs< 9 jobs_unfinished== 0 clients_gave_up== 0 "
        "clients_unfinished== 0 ");
}

TEST_CASE("an expectation of the command line stands for the scenario's of that metric", "[gate]") {
  const std::vector<Check> checks = read("jobs = [\"> 3\", \"< 9\"]\ntimeouts = 0", {"expect.jobs=7"});
  REQUIRE(checks.size() == 6);
  CHECK(checks[0].metric + checks[0].condition == "timeouts== 0");
  CHECK(checks[1].metric + checks[1].condition == "jobs== 7");
  CHECK(to_string(checks[1].place) == "--set");
}

TEST_CASE("a bound of a baseline lies where its share or its amount says, on either side of the stored figure",
          "[gate]") {
  const auto holds_at = [](const std::string& condition, std::int64_t stored_ps, std::int64_t seen_ps) {
    std::vector<Check> checks = read("latency_p99 = \"" + condition + '"');
    REQUIRE(checks.front().of_baseline.has_value());
    set_figure(checks.front(), {Unit::time, stored_ps});
    return shortfalls(checks, run(latency(seen_ps))).empty();
  };
  const auto sides = [&](const std::string& condition, std::int64_t edge) {
    std::string held;
    for (const std::int64_t ps : {edge - 1, edge, edge + 1}) held += holds_at(condition, 40'000'000, ps) ? 'y' : 'n';
    return held;
  };
  CHECK(sides("within 5% of baseline", 42'000'000) == "yyn");
  CHECK(sides("within 5% of baseline", 38'000'000) == "nyy");
  CHECK(sides("within 0.5 us of baseline", 40'500'000) == "yyn");
  CHECK(sides("== baseline", 40'000'000) == "nyn");
  CHECK(sides("<= baseline + 5%", 42'000'000) == "yyn");
  CHECK(sides("< baseline + 5 %", 42'000'000) == "ynn");
  CHECK(sides(">= baseline - 5%", 38'000'000) == "nyy");
  CHECK(sides("> baseline", 40'000'000) == "nny");
  CHECK(sides("<= baseline + 3 us", 43'000'000) == "yyn");
  CHECK(sides(">= baseline - 500 ns", 39'500'000) == "nyy");
  CHECK(holds_at("within 5% of baseline", 0, 0));
  CHECK_FALSE(holds_at("within 5% of baseline", 0, 1));
}

TEST_CASE("of a baseline the distance is that from the bound, or from the figure that it has to be near", "[gate]") {
  std::vector<Check> checks = read("latency_p99 = \"<= baseline + 5%\"");
  set_figure(checks.front(), {Unit::time, 40'000'000});
  CHECK(checks.front().of_baseline->shown == "40.000 us");
  CHECK(shortfalls(checks, run(latency(50'000'000))).front().by == "+8.000 us (+19.0%)");
  checks = read("latency_p99 = \"within 5% of baseline\"");
  set_figure(checks.front(), {Unit::time, 40'000'000});
  CHECK(shortfalls(checks, run(latency(50'000'000))).front().by == "+10.000 us (+25.0%)");
  std::vector<Check> shares = read("bypass_share = \"within 10% of baseline\"");
  set_figure(shares.front(), {Unit::percent, 50'000});
  CHECK(shortfalls(shares, run(share(55'000))).empty());
  CHECK_FALSE(shortfalls(shares, run(share(55'001))).empty());
}

TEST_CASE("what is no condition of a baseline is refused", "[gate]") {
  for (const char* text :
       {"within 5% of", "within 5 of baseline", "within 5% baseline", "within baseline", "<= baseline +",
        "<= baseline 5%", "<= baseline + 5", "<= baseline + 5 /s", "== baseline + 5%", "baseline", "<= baselin",
        "within 5% of baseline 3", "<= baseline + 5% 6", "within -5% of baseline", "5% of baseline"}) {
    CAPTURE(text);
    const std::string expected =
        std::string{"x.toml:2:15: error: expect.latency_p99: '"} + text + "' is no condition: ";
    CHECK(refused_expectation(std::string{"latency_p99 = \""} + text + '"').starts_with(expected));
  }
  CHECK(refused_expectation("latency_p99 = \"<= baseline + 99999999999 s\"") ==
        "x.toml:2:15: error: expect.latency_p99: 99999999999 is too large");
  CHECK(refused_expectation("trace_hash = \"< baseline\"").find("== and 16 hexadecimal digits, or \"== baseline\"") !=
        std::string::npos);
}

TEST_CASE("a figure is stored with all its digits, and read back", "[gate]") {
  const auto both_ways = [](Unit unit, std::int64_t value) {
    const std::string text = exact_text({unit, value});
    CHECK(read_exact(text) == Quantity{unit, value});
    return text;
  };
  CHECK(both_ways(Unit::time, 38'612'345) == "38.612345 us");
  CHECK(both_ways(Unit::time, 1) == "0.000001 us");
  CHECK(both_ways(Unit::time, -2'500'000) == "-2.5 us");
  CHECK(both_ways(Unit::count, 20'000) == "20");
  CHECK(both_ways(Unit::count, 0) == "0");
  CHECK(both_ways(Unit::count, 1'250) == "1.25");
  CHECK(both_ways(Unit::rate, 12'345'678) == "12345.678 /s");
  CHECK(both_ways(Unit::percent, 99'500) == "99.5 %");
  CHECK_FALSE(read_exact("3 us 4").has_value());
  CHECK_FALSE(read_exact("us").has_value());
  CHECK_FALSE(read_exact("").has_value());
}

TEST_CASE("what is no expectation is refused at its place", "[gate]") {
  const std::string usage = "is no condition: <, <=, ==, >= or > and ";
  CHECK(refused_expectation("latency_p9 = \"< 5 us\"") ==
        "x.toml:2:1: error: expect: this scenario has no metric 'latency_p9'; did you mean 'latency_p99'?");
  CHECK(refused_expectation("client.wed.jobs = 3") ==
        "x.toml:2:1: error: expect: this scenario has no metric 'client.wed.jobs'; did you mean 'client.web.jobs'?");
  CHECK(refused_expectation("engine.rcs1.busy = \"> 5%\"") ==
        "x.toml:2:1: error: expect: this scenario has no metric 'engine.rcs1.busy'; did you mean 'engine.rcs0.busy'?");
  CHECK(refused_expectation("queue.web.job.jobs = 3") ==
        "x.toml:2:1: error: expect.queue.web.job.jobs: this scenario has no queue 'web.job'; did you mean 'web.jobs'?");
  CHECK(refused_expectation("queue.wed.jobs.event.queue_banned = 0") ==
        "x.toml:2:1: error: expect.queue.wed.jobs.event.queue_banned: this scenario has no queue 'wed.jobs'; did you "
        "mean 'web.jobs'?");
  CHECK(refused_expectation("[expect.client.web]\njobz = 3")
            .starts_with("x.toml:3:1: error: expect: this scenario has no metric "));
  CHECK(refused_expectation("queue.1.frames_shown = 3").find("has no metric 'queue.1.frames_shown'") !=
        std::string::npos);
  for (const char* text :
       {"< 5", "5 us", "= 5 us", "< 5 us 6", "< -5 us", "< 5. us", "< .5 us", "< 5 us within 3%", "== 5 us within",
        "== 5 us within 3", "== 5 us within 3% more", "< 5 /s", "", "<", "<<5 us", "< 1234567890123456 us"}) {
    CAPTURE(text);
    const std::string expected = std::string{"x.toml:2:15: error: expect.latency_p99: '"} + text + "' " + usage;
    CHECK(refused_expectation(std::string{"latency_p99 = \""} + text + '"').starts_with(expected));
  }
  CHECK(refused_expectation("latency_p99 = \"< 99999999999 s\"") ==
        "x.toml:2:15: error: expect.latency_p99: 99999999999 is too large");
  CHECK(refused_expectation("trace_hash = \"== 12\"").find("== and 16 hexadecimal digits") != std::string::npos);
}

TEST_CASE("what is no text is refused when the scenario is read", "[gate]") {
  const auto problem = [](const std::string& expect) {
    const scenario::LoadResult loaded = scenario::load_scenario_text(expect + "\n" + kWebClient, "x.toml", {});
    REQUIRE(loaded.problems.size() == 1);
    return loaded.problems.front().to_string();
  };
  const std::string usage = " must be a condition such as \"<= 50 us\", or a list of them, not ";
  CHECK(problem("[expect]\njobs = true") == "x.toml:2:8: error: expect.jobs" + usage + "true");
  CHECK(problem("[expect]\njobs = [\"> 1\", [2]]") == "x.toml:2:16: error: expect.jobs" + usage + "[2]");
  CHECK(problem("[expect]\njobs = []") == "x.toml:2:8: error: expect.jobs is empty: nothing is expected");
  CHECK(problem("[expect]\nclient.web = {}") == "x.toml:2:14: error: expect.client.web is empty: nothing is expected");
  CHECK(problem("expect = 3") == "x.toml:1:10: error: expect must be a table, not 3");
}
