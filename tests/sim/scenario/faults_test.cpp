// SPDX-License-Identifier: MIT
// [[faults]]: what is read, what is refused and where, and that it comes back out.
#include <sstream>
#include <string>
#include <vector>

#include "sim/fault/aimed_kinds.h"
#include "sim/scenario/parameter_table.h"
#include "sim/scenario/resolved.h"
#include "tests/sim/scenario/loading.h"
#include "tests/support/catch.h"

using namespace gpusim;
using namespace gpusim::scenario;
using test::good_text;
using test::kClient;
using test::problems;

namespace {

/// The problems of a fault of that kind with these keys, of which the first stands in line 8.
std::vector<std::string> wrong(const std::string& kind, const std::string& keys, const std::string& before = "") {
  return problems(before + kClient + "[[faults]]\nkind = \"" + kind + "\"\n" + keys);
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("all keys of a fault arrive", "[scenario]") {
  const LoadResult result =
      good_text(kClient +
                "[[faults]]\nkind = \"link_error\"\ndelay_ns = 7\n[[faults]]\nkind = \"slow_job\"\n"
                "client = \"c\"\nqueue = \"c.jobs\"\nengine = \"vcs\"\nfrom_us = 5\nuntil_ms = 1\n"
                "nth = 3\ncount = 0\nprobability_ppm = 250_000\nfactor = 4\n");
  const std::vector<fault::AimedFault>& aimed = result.spec->fault.aimed;
  REQUIRE(aimed.size() == 2);
  CHECK(aimed[0].kind == fault::Kind::link_error);
  CHECK(aimed[0].delay == ns(7));
  CHECK(aimed[0].place == "x.toml:6");
  CHECK(aimed[1].kind == fault::Kind::slow_job);
  CHECK(aimed[1].client == "c");
  CHECK(aimed[1].queue == "c.jobs");
  CHECK(aimed[1].units == 0b1100);  // vcs0, vcs1
  CHECK(aimed[1].from == us(5));
  CHECK(aimed[1].until == ms(1));
  CHECK(aimed[1].nth == 3);
  CHECK(aimed[1].count == 0);
  CHECK(aimed[1].probability_ppm == 250'000);
  CHECK(aimed[1].factor == 4);
}

TEST_CASE("an interrupt is aimed at a class of engines, by its vector", "[scenario]") {
  const LoadResult result = good_text(kClient + "[[faults]]\nkind = \"lost_interrupt\"\nengine = \"vcs\"\n");
  CHECK(result.spec->fault.aimed[0].units == std::uint64_t{1} << abi::completion_vector(abi::EngineClass::video));
}

TEST_CASE("an aim that makes no sense for a kind is an error that says why", "[scenario]") {
  CHECK(
      wrong("dropped_reply", "engine = \"rcs\"\n") ==
      Lines{
          "x.toml:8:10: error: faults.1.engine: dropped_reply cannot be aimed at an engine: a reply is of a queue, not "
          "of an engine"});
  CHECK(
      wrong("lost_interrupt", "client = \"c\"\n") ==
      Lines{
          "x.toml:8:10: error: faults.1.client: lost_interrupt cannot be aimed at a client: an interrupt is of a class "
          "of engines, and stands for all queues there"});
  CHECK(
      wrong("lost_interrupt", "engine = \"vcs1\"\n") ==
      Lines{"x.toml:8:10: error: faults.1.engine: lost_interrupt cannot be aimed at one engine: all engines of a class "
            "have one interrupt; did you mean 'vcs'?"});
  CHECK(wrong("hung_job", "delay_us = 3\n") ==
        Lines{"x.toml:8:12: error: faults.1.delay: hung_job does not read delay"});
  CHECK(wrong("hung_job", "factor = 3\n") ==
        Lines{"x.toml:8:10: error: faults.1.factor: hung_job does not read factor"});
  const std::string direct = "device.doorbell.route = \"direct\"\n";
  for (const fault::AimedKind& row : fault::kAimedKinds) {
    const std::string kind = explored(row.kind).place.name();
    CAPTURE(kind);
    const fault::OccasionRow& occasion = row_of(row.occasion);
    const auto is_good = [&](const std::string& key) { return wrong(kind, key, direct).empty(); };
    CHECK(is_good("client = \"c\"\n") == occasion.no_queue_because.empty());
    CHECK(is_good("queue = \"c.jobs\"\n") == occasion.no_queue_because.empty());
    CHECK(is_good("engine = \"rcs\"\n") == (occasion.engine_aims != fault::EngineAims::none));
    CHECK(is_good("delay_us = 1\n") == row.has_delay);
    CHECK(is_good("factor = 2\n") == row.has_factor);
  }
}

TEST_CASE("a doorbell cannot be torn where nothing reads its value", "[scenario]") {
  const Lines expected{
      "x.toml:7:8: error: faults.1.kind: nothing reads the value of a doorbell but an engine, with "
      "device.doorbell.route "
      "= \"direct\" and device.doorbell.value = \"write_index\""};
  CHECK(wrong("torn_doorbell", "") == expected);
  CHECK(wrong("torn_doorbell", "", "device.doorbell = { route = \"direct\", value = \"handle\" }\n").size() == 1);
  CHECK(wrong("torn_doorbell", "", "device.doorbell.route = \"direct\"\n").empty());
}

TEST_CASE("what a fault names has to be there", "[scenario]") {
  CHECK(wrong("hung_job", "client = \"cc\"\n") ==
        Lines{"x.toml:8:10: error: faults.1.client: there is no client 'cc'; did you mean 'c'?"});
  CHECK(wrong("hung_job", "queue = \"c.job\"\n") ==
        Lines{"x.toml:8:9: error: faults.1.queue: there is no queue 'c.job'; did you mean 'c.jobs'?"});
  CHECK(wrong("hung_job", "engine = \"rcs1\"\n") ==
        Lines{"x.toml:8:10: error: faults.1.engine: the device has no engine 'rcs1'; did you mean 'rcs0'?"});
  CHECK(wrong("hung_jbo", "") ==
        Lines{problems(kClient + "[[faults]]\nkind = \"hung_jbo\"\n")});  // and nothing more of it
  CHECK(wrong("hung_job", "until_us = 3\nfrom_us = 3\n") ==
        Lines{"x.toml:8:12: error: faults.1.until: until is not after from: it could never strike"});
}

TEST_CASE("of rings that clients share a fault names one", "[scenario]") {
  const std::string shared = "use.driver = \"v3d\"\nscheduler.component = \"drm_sched\"\n";
  const auto load = [&](const std::string& key) {
    return load_scenario_text(shared + kClient + "[[faults]]\nkind = \"hung_job\"\n" + key, "x.toml",
                              {.config_dir = test::kConfigs});
  };
  CHECK(load("queue = \"rcs0.ring\"\n").ok());
  const LoadResult client = load("client = \"c\"\n");
  REQUIRE(client.problems.size() == 1);
  CHECK(client.problems[0].text().find("clients share rings") != std::string::npos);
  const LoadResult queue = load("queue = \"c.jobs\"\n");
  REQUIRE(queue.problems.size() == 1);
  CHECK(queue.problems[0].text().find("there is no queue 'c.jobs' on a device whose rings") != std::string::npos);
}

TEST_CASE("a device reset that fails needs a driver that gives up", "[scenario]") {
  CHECK(wrong("failed_device_reset", "", "driver.reset_timeout_ms = 0\n") ==
        Lines{"x.toml:8:8: error: faults.1.kind: a driver with driver.reset_timeout = 0 would wait for the end of that "
              "reset for ever"});
}

TEST_CASE("faults that are written otherwise are errors", "[scenario]") {
  CHECK(problems(kClient + "[faults]\nkind = \"hung_job\"\n") ==
        Lines{"x.toml:6:2: error: faults are written as [[faults]], one after the other"});
  CHECK(problems(kClient + "[[faults]]\nnth = 2\n") == Lines{"x.toml:6:1: error: missing key 'faults.1.kind'"});
  CHECK(problems(kClient + "[[faults]]\nkind = \"hung_job\"\nnht = 2\n") ==
        Lines{"x.toml:8:1: error: unknown key 'faults.1.nht'; did you mean 'nth'?"});
}

TEST_CASE("a fault's key is set by its number", "[scenario]") {
  const std::string text = kClient + "[[faults]]\nkind = \"hung_job\"\n[[faults]]\nkind = \"slow_job\"\n";
  const LoadResult result = good_text(text, {.sets = {"faults.2.nth=5"}, .seed = {}});
  CHECK(result.spec->fault.aimed[0].nth == 1);
  CHECK(result.spec->fault.aimed[1].nth == 5);
  CHECK(problems(text, {.sets = {"faults.3.nth=5"}, .seed = {}}) ==
        Lines{"--set:1:8: error: there is no faults.3: the scenario has 2 of them"});
  CHECK(problems(text, {.sets = {"faults.nth=5"}, .seed = {}}) ==
        Lines{"--set:1:8: error: a key of the second of [[faults]] is set as faults.2.KEY"});
}

TEST_CASE("resolved.toml has the faults, and gives them again", "[scenario]") {
  const LoadResult first = good_text(kClient +
                                     "[[faults]]\nkind = \"hung_job\"\nclient = \"c\"\nnth = 2\n[[faults]]\nkind = "
                                     "\"link_error\"\ndelay_us = 3\n");
  std::ostringstream out;
  write_resolved_toml(out, first.resolved);
  const LoadResult second = good_text(out.str());
  REQUIRE(second.spec->fault.aimed.size() == 2);
  CHECK(second.spec->fault.aimed[0].client == "c");
  CHECK(second.spec->fault.aimed[0].nth == 2);
  CHECK(second.spec->fault.aimed[1].kind == fault::Kind::link_error);
  CHECK(second.spec->fault.aimed[1].delay == us(3));
}
