// SPDX-License-Identifier: MIT
#include "traces/report/summary.h"

#include <algorithm>
#include <sstream>
#include <string>

#include "tests/support/catch.h"
#include "traces/report/json_writer.h"

using namespace gpusim;
using namespace gpusim::trace;

namespace {

void add_lives(Statistics& statistics, std::uint32_t clients, std::int64_t jobs_each) {
  for (std::uint32_t client = 0; client < clients; ++client) {
    for (std::int64_t i = 0; i < jobs_each; ++i) {
      JobLife life{.job = 1, .queue = 1, .client = client, .begin = at(us(i)), .end = at(us(i + 2))};
      life[Cause::syscall] = ns(500);
      life[Cause::work] = ns(1'500);
      statistics.on_job_life(life);
    }
  }
}

struct Example {
  Example() {
    names.clients = {"game", "video"};
    names.queues = {{}, {.name = "game.0.rcs"}};
    names.engines = {{.name = "rcs0", .class_name = "rcs"}};
    add_lives(statistics, 1, 4);
    DeviceWait::EngineTimes times{.busy = us(3), .switching = us(1), .idle = us(4)};
    statistics.finish(0, {times});
    run.scenario = "example";
    run.seed = 5;
    run.trace_hash = 0xabc;
    run.events = 100;
    run.end = at(us(8));
    run.wall_ns = 2'000'000;
    run.charges = {{"host.syscall", 'M', Cause::syscall, us(3)},
                   {"host.fault", 'E', Cause::syscall, us(1)},
                   {"host.misc", 'E', std::nullopt, us(9)}};
  }
  [[nodiscard]] std::string text() const {
    std::ostringstream out;
    write_summary_text(out, run, statistics, names);
    return out.str();
  }
  [[nodiscard]] std::string json() const {
    std::ostringstream out;
    write_summary_json(out, run, statistics, names);
    return out.str();
  }

  Names names;
  Statistics statistics;
  RunInfo run;
};

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("the text summary is a page of aligned columns") {
  CHECK(Example{}.text() ==
        "example, seed 5: finished at 8.000 us with 4 jobs done, 0 failed, 0 unfinished\n"
        "\n"
        "client  jobs  failed   elapsed    jobs/s       min       avg       p50       p99       max  misses\n"
        "game       4       0  5.000 us  800000.0  2.000 us  2.000 us  2.000 us  2.000 us  2.000 us       0\n"
        "\n"
        "engine   busy  switching   idle  jobs  switches\n"
        "rcs0    37.5%      12.5%  50.0%     0         0\n"
        "\n"
        "cause       total   share    mean/job  from estimates\n"
        "syscall  2.000 us   25.0%  500.000 ns           25.0%\n"
        "work     6.000 us   75.0%    1.500 us               -\n"
        "life     8.000 us  100.0%    2.000 us           25.0%\n"
        "\n"
        "trace 0000000000000abc, 100 events\n"
        "0.002 s of wall time, 2000 jobs/s\n");
}

TEST_CASE("a summary of very many clients, engines and causes still fits a screen") {
  Example example;
  for (std::uint32_t client = 0; client < 100; ++client) {
    JobLife life{.job = 1, .queue = 1, .client = client, .begin = at(us(0)), .end = at(us(17))};
    for (Picoseconds& part : life.causes) part = us(1);
    example.statistics.on_job_life(life);
  }
  example.names.engines.resize(60);
  const std::string text = example.text();
  CHECK(std::count(text.begin(), text.end(), '\n') <= 45);
  CHECK(has(text, "all 100 clients   104 "));
  CHECK(has(text, "and 55 more"));
}

TEST_CASE("a run without a job has a summary") {
  Statistics statistics;
  std::ostringstream text;
  write_summary_text(text, {.scenario = "empty", .outcome = Outcome::stalled, .notices = {"look here"}}, statistics,
                     {});
  CHECK(has(text.str(), "empty, seed 0: stalled at 0 ps with 0 jobs done"));
  CHECK(has(text.str(), "note: look here\n"));
  std::ostringstream json;
  write_summary_json(json, {}, statistics, {});
  CHECK(has(json.str(), "\"clients\": [],"));
}

TEST_CASE("the JSON summary holds picoseconds, and the wall clock only under host") {
  Example example;
  const std::string json = example.json();
  CHECK(json.rfind("{\n  \"schema\": \"gpusim-summary/1\",\n  \"scenario\": \"example\",\n  \"seed\": 5,\n", 0) == 0);
  CHECK(has(json, "\"trace_hash\": \"0000000000000abc\""));
  CHECK(has(json, "\"jobs_per_s\": 800000.000"));
  CHECK(has(json, "\"p99\": 2000000,"));
  CHECK(has(json, "\"busy_ps\": 3000000,"));
  CHECK(has(json,
            "\"name\": \"syscall\",\n      \"total_ps\": 2000000,\n      \"mean_ps\": 500000,\n"
            "      \"share_percent\": 25.0,\n      \"charged_ps\": 4000000,\n      \"estimated_ps\": 1000000\n"));
  CHECK(has(json, "\"name\": \"host.misc\",\n      \"tag\": \"E\",\n      \"cause\": null,\n"));
  example.run.wall_ns = 7;
  const std::string other = example.json();
  const std::size_t host = json.find("\"host\": {");
  REQUIRE(host != std::string::npos);
  CHECK(json.substr(0, host) == other.substr(0, host));
  CHECK(json.substr(host) != other.substr(host));
}

TEST_CASE("what was charged is split by cause and by estimate") {
  const auto charges = charges_by_cause(Example{}.run.charges);
  CHECK(charges[static_cast<std::size_t>(Cause::syscall)].total == 4'000'000);
  CHECK(charges[static_cast<std::size_t>(Cause::syscall)].estimated == 1'000'000);
  CHECK(charges[static_cast<std::size_t>(Cause::work)].total == 0);
}

TEST_CASE("JSON strings are escaped and brackets are closed on their own line") {
  std::ostringstream out;
  JsonWriter json{out};
  json.begin_object().key("a\"b\\c\n\x01").value("\xc3\xa9").key("list").begin_array().value(-1).value(2).end_array();
  json.key("none").begin_object().end_object().key("nothing").null().end_object();
  CHECK(out.str() ==
        "{\n  \"a\\\"b\\\\c\\n\\u0001\": \"\xc3\xa9\",\n  \"list\": [\n    -1,\n    2\n  ],\n  \"none\": {},\n"
        "  \"nothing\": null\n}\n");
}
