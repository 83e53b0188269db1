// SPDX-License-Identifier: MIT
// What the reader of experiment files says of bad ones: exact texts and places, all at once.
#include <string>
#include <vector>

#include "sim/experiment/comparison.h"
#include "sim/experiment/experiment.h"
#include "tests/support/catch.h"

using namespace gpusim;
using namespace gpusim::experiment;

namespace {

const std::string kFolder = GPUSIM_SOURCE_DIR "/configs/experiments/";
// Two good variants; what follows begins in line 8.
const std::string kGood =
    "scenario = \"scenarios/submit.toml\"\n[[variant]]\nname = \"a\"\n[[variant]]\nname = \"b\"\n"
    "set = [\"host.worker_wake_us=9\"]\n\n";

using Lines = std::vector<std::string>;

[[nodiscard]] Lines lines_of(const std::vector<scenario::Problem>& problems_of) {
  Lines lines;
  for (const scenario::Problem& problem : problems_of) {
    std::string line = problem.to_string();
    lines.push_back(line.starts_with(kFolder) ? line.substr(kFolder.size()) : line);
  }
  return lines;
}

[[nodiscard]] Lines problems_of(const std::string& text) {
  std::vector<scenario::Problem> found;
  (void)parse_experiment(text, kFolder + "x.toml", found);
  return lines_of(found);
}

// What is found when the variants are loaded.
[[nodiscard]] Lines loading(const std::string& text) {
  std::vector<scenario::Problem> found;
  const Experiment experiment = parse_experiment(text, kFolder + "x.toml", found);
  REQUIRE(found.empty());
  CHECK_FALSE(compare(experiment, {}, found).has_value());
  return lines_of(found);
}

}  // namespace

TEST_CASE("a good experiment has no problems", "[experiment]") {
  CHECK(problems_of(kGood).empty());
  CHECK(problems_of("seeds = 3\nmetrics = [\"latency_p50\", \"cause.credit\", \"client.app.latency_p99\"]\n" + kGood)
            .empty());
}

TEST_CASE("a scenario in place of an experiment is told in one line", "[experiment]") {
  CHECK(problems_of("seed = 1\n[[client]]\nname = \"a\"\n") ==
        Lines{"x.toml: error: this is a scenario; say with --variant what to compare, or write an experiment"});
}

TEST_CASE("unknown keys of an experiment come with what may have been meant", "[experiment]") {
  CHECK(problems_of("sedes = 3\n" + kGood) == Lines{"x.toml:1:1: error: unknown key 'sedes'; did you mean 'seeds'?"});
  CHECK(problems_of(kGood + "[[sweep]]\nkye = \"seed\"\nvalues = [1]\n") ==
        Lines{"x.toml:9:1: error: unknown key 'sweep.kye'; did you mean 'key'?",
              "x.toml:8:1: error: a sweep must have either key or keys"});
}

TEST_CASE("values of the wrong kind, all at once", "[experiment]") {
  CHECK(problems_of("scenario = 3\nseeds = 0\nmetrics = \"latency_p50\"\nvariant = [1]\n[verdict]\nbetter = \"less\"\n"
                    "[estimates]\nfrom = \"1:2\"\n") ==
        Lines{"x.toml:1:12: error: scenario must be a string, not 3",
              "x.toml:2:9: error: seeds must be an integer in 1..1000, not 0",
              "x.toml:3:11: error: metrics must be an array of strings, not string 'latency_p50'",
              "x.toml:4:11: error: write [[variant]], not [1]",
              "x.toml:6:10: error: verdict.better must be one of lower, higher, not string 'less'",
              "x.toml:5:1: error: verdict.metric is missing",
              "x.toml:8:8: error: estimates.from must be a factor like 2 or \"1/2\", not string '1:2'"});
}

TEST_CASE("what is missing or there twice", "[experiment]") {
  CHECK(problems_of("") == Lines{"x.toml: error: scenario is missing", "x.toml: error: there is no variant to run"});
  CHECK(problems_of(kGood + "[[variant]]\nname = \"a\"\n[[variant]]\n[[variant]]\nname = \"a b\"\n") ==
        Lines{"x.toml:10:1: error: variant.name is missing",
              "x.toml:12:8: error: variant.name must be letters, digits, '_' and '-', not string 'a b'",
              "x.toml:8:1: error: there is a variant 'a' already"});
  CHECK(problems_of("scenario = \"none.toml\"\n[[variant]]\nname = \"a\"\n") ==
        Lines{"x.toml:1:12: error: there is no file '" + kFolder + "none.toml'"});
}

TEST_CASE("metrics that do not exist", "[experiment]") {
  CHECK(problems_of("lead = [\"latency_p99\"]\n" + kGood).empty());
  CHECK(problems_of("lead = [\"latency_p9\"]\n" + kGood).size() == 1);
  CHECK(problems_of("metrics = [\"latency_p5\"]\n" + kGood) ==
        Lines{"x.toml:1:12: error: there is no metric 'latency_p5'; did you mean 'latency_p50'?"});
  CHECK(problems_of("verdict = { metric = \"client.app.joy\" }\n" + kGood) ==
        Lines{"x.toml:1:22: error: there is no metric 'client.app.joy'; did you mean 'client.app.jobs'?"});
  CHECK(loading("metrics = [\"client.ape.jobs\"]\n" + kGood) ==
        Lines{"x.toml:1:12: error: the scenario has no client 'ape'; did you mean 'app'?"});
}

TEST_CASE("an override that the scenario does not take is reported where it stands, once", "[experiment]") {
  CHECK(loading(kGood + "[[sweep]]\nkey = \"host.worker_wake\"\nvalues = [1]\n")
            .front()
            .starts_with("x.toml:10:11: error: "));
  CHECK(loading("set = [\"host.cpus=0\"]\n" + kGood + "[[sweep]]\nkey = \"host.task_wake_us\"\nvalues = [1, 2]\n") ==
        Lines{"x.toml:1:8: error: host.cpus must be an integer in 1..64, not 0"});
}

TEST_CASE("variants on the command line", "[experiment]") {
  std::vector<scenario::Problem> found;
  CHECK(parse_variant("a", 1, found).sets.empty());
  const Variant two = parse_variant("b:x=1,client.c.work_us=[1,2],name=\"a,b\"", 2, found);
  CHECK(found.empty());
  CHECK(two.name == "b");
  REQUIRE(two.sets.size() == 3);
  CHECK(two.sets[0].text == "x=1");
  CHECK(two.sets[0].place == scenario::Place{"--variant", 2, 3});
  CHECK(two.sets[1].text == "client.c.work_us=[1,2]");
  CHECK(two.sets[2].text == "name=\"a,b\"");
  (void)parse_variant("host.cpus=2", 3, found);
  CHECK(lines_of(found) ==
        Lines{"--variant:3:1: error: 'host.cpus=2' is not of the form NAME or NAME:KEY=VALUE,KEY=VALUE"});
}

TEST_CASE("factors", "[experiment]") {
  const auto is = [](const char* text, std::int64_t part, std::int64_t whole) {
    const auto ratio = parse_ratio(text);
    return ratio && ratio->part == part && ratio->whole == whole;
  };
  CHECK(is("2", 2, 1));
  CHECK(is("1/2", 1, 2));
  for (const char* bad : {"", "0", "1/0", "a", "1/2/3", "-1", "1.5"}) CHECK_FALSE(parse_ratio(bad).has_value());
}
