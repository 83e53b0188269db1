// SPDX-License-Identifier: MIT
// Durations that may be distributions: how they are written, checked, shown and scaled.
#include <sstream>
#include <string>

#include "sim/scenario/explain.h"
#include "sim/scenario/loader.h"
#include "sim/scenario/resolved.h"
#include "sim/scenario/schema.h"
#include "tests/support/catch.h"

using namespace gpusim;
using namespace gpusim::scenario;

namespace {

const std::string kTimedClient = "[[client]]\nname = \"a\"\nworkload = \"loop\"\nwork_us = 1\n";

LoadResult load_host(const std::string& host, LoadOptions options = {}) {
  return load_scenario_text("[host]\n" + host + "\n" + kTimedClient, "x.toml", options);
}

os::HostSpec host(const std::string& text, LoadOptions options = {}) {
  const LoadResult result = load_host(text, std::move(options));
  for (const Problem& problem : result.problems) UNSCOPED_INFO(problem.to_string());
  REQUIRE(result.spec.has_value());
  return result.spec->host;
}

const std::vector<os::Quantile> kDrawn{{0, us(2)}, {5'000, us(4)}, {9'990, us(30)}, {10'000, us(60)}};

}  // namespace

TEST_CASE("a latency is a duration, or quantiles in any order", "[scenario][latency]") {
  CHECK(host("worker_wake_us = 8").worker_wake.quantiles.empty());
  CHECK(host("worker_wake_us = 8").worker_wake.value == us(8));
  const os::Latency drawn = host("worker_wake_us = { p50 = 4, p0 = 2, p100 = 60, p99_9 = 30 }").worker_wake;
  CHECK(drawn.quantiles == kDrawn);
  CHECK(drawn.value == us(4));
  CHECK(drawn.parameter == host("").worker_wake.parameter);
  CHECK(host("[host.worker_wake_ns]\np0 = 2_000\np50 = 4_000\np99_90 = 30_000\np100 = 60_000").worker_wake.quantiles ==
        kDrawn);
  CHECK(
      host(R"(worker_wake_us = { v = { p0 = 2, p50 = 4, p99_9 = 30, p100 = 60 }, tag = "E" })").worker_wake.quantiles ==
      kDrawn);
}

TEST_CASE("a constant can be set over a distribution, and the other way round", "[scenario][latency]") {
  CHECK(host("worker_wake_us = { p0 = 2, p50 = 4, p100 = 60 }", {.sets = {"host.worker_wake_us=8"}})
            .worker_wake.quantiles.empty());
  CHECK(host("worker_wake_us = 8", {.sets = {"host.worker_wake_us={p0=2,p50=4,p99_9=30,p100=60}"}})
            .worker_wake.quantiles == kDrawn);
}

TEST_CASE("what is no distribution is refused", "[scenario][latency]") {
  for (const char* value :
       {"{ p50 = 4 }", "{ p0 = 2, p100 = 60 }", "{ p0 = 2, p50 = 4 }", "{ p50 = 4, p90 = 5, p100 = 60 }",
        "{ p0 = 4, p50 = 2, p100 = 60 }", "{ p0 = 2, p50 = 4, p99_9 = 9, p99_90 = 9, p100 = 60 }",
        "{ p0 = 2, p50 = 4, p101 = 60 }", "{ p0 = 2, p50 = 4, p100_1 = 60 }",
        "{ p0 = 2, p50 = 4, p99_ = 5, p100 = 60 }", "{ p0 = 2, p50 = 4, p99_999 = 5, p100 = 60 }",
        "{ p0 = 2, p50 = 4, q75 = 5, p100 = 60 }", "{ p0 = -2, p50 = 4, p100 = 60 }",
        "{ p0 = 2, p50 = 4, p100 = 4_000_000_000 }", "[2, 60]", "{}"}) {
    CAPTURE(value);
    const LoadResult result = load_host(std::string{"worker_wake_us = "} + value);
    REQUIRE(result.problems.size() == 1);
    CHECK(result.problems[0].to_string().starts_with(
        "x.toml:2:18: error: host.worker_wake_us must be whole microseconds in 0..3600000000, or "
        "rising quantiles as { p0 = 2, p50 = 4, p99_9 = 30, p100 = 60 }, not "));
  }
  CHECK(load_host("worker_wake_us = { p0 = 2, p50 = 4, p100 = 60, tag = \"E\" }").problems.size() >= 1);
  CHECK(load_host("queue_work_ns = { p0 = 2, p50 = 4, p100 = 60 }").problems.size() >= 1);  // not a latency
}

TEST_CASE("resolved.toml gives the same distributions again", "[scenario][latency]") {
  const LoadResult first = load_host(
      "worker_wake_us = { p0 = 2, p50 = 4, p99_9 = 30, p99_99 = 31, p100 = 60 }\n"
      "task_wake_ns = { v = { p0 = 0, p50 = 1_500, p100 = 1_500 }, tag = \"E\" }");
  REQUIRE(first.ok());
  std::ostringstream text;
  write_resolved_toml(text, first.resolved);
  CHECK(text.str().find("worker_wake_us = { p0 = 2, p50 = 4, p99_9 = 30, p99_99 = 31, p100 = 60 }\n") !=
        std::string::npos);
  CHECK(text.str().find("task_wake_ns = { v = { p0 = 0, p50 = 1500, p100 = 1500 }, tag = \"E\" }\n") !=
        std::string::npos);
  const LoadResult second = load_scenario_text(text.str(), "resolved.toml");
  REQUIRE(second.spec.has_value());
  CHECK(second.spec->host.worker_wake.quantiles == first.spec->host.worker_wake.quantiles);
  CHECK(second.spec->host.task_wake.quantiles == first.spec->host.task_wake.quantiles);
  CHECK(second.spec->host.irq_delivery.quantiles == first.spec->host.irq_delivery.quantiles);
}

TEST_CASE("explain and the schema show distributions", "[scenario][latency]") {
  const LoadResult result = load_host("worker_wake_us = { p0 = 2, p50 = 4, p99_9 = 30, p100 = 60 }");
  REQUIRE(result.ok());
  std::ostringstream explained;
  write_explain(explained, result.resolved);
  CHECK(explained.str().find("p0 2, p50 4, p99_9 30, p100 60 us") != std::string::npos);
  std::ostringstream schema;
  write_schema_json(schema);
  CHECK(schema.str().find("^p(100|[0-9]{1,2}(_[0-9]{1,2})?)$") != std::string::npos);
}

TEST_CASE("by default wake-ups and interrupt delivery are distributions with a tail", "[scenario][latency]") {
  const os::HostSpec spec = host("");
  for (const os::Latency& latency : {spec.task_wake, spec.worker_wake, spec.irq_thread_wake, spec.irq_delivery}) {
    REQUIRE(!latency.quantiles.empty());
    CHECK(latency.quantiles.back().value > 4 * latency.value);
  }
}
