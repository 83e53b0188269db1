// SPDX-License-Identifier: MIT
// A default stands in the spec it belongs to: the table, the loader and scenarios built in code all have it from there.
#include <set>
#include <string>
#include <string_view>

#include "sim/scenario/defaults.h"
#include "sim/scenario/loader.h"
#include "sim/scenario/parameter_table.h"
#include "tests/support/catch.h"
#include "tests/support/machine/scenarios.h"

using namespace gpusim;
using namespace gpusim::scenario;

namespace {

/// The smallest scenario with a client of that kind.
[[nodiscard]] ScenarioSpec load_smallest(WorkloadKind kind) {
  const std::string name{kWorkloadNames[static_cast<std::size_t>(kind)]};
  std::string text = "[[client]]\nname = \"c\"\nworkload = \"" + name + "\"\n";
  for (const Parameter& parameter : client_parameters()) {
    const bool is_work = parameter.type != Type::text && parameter.type != Type::name;
    if (parameter.is_required && parameter.kind == kind && is_work) text += parameter.key() + " = 1\n";
  }
  if (kind == WorkloadKind::wsim) text += "program = \"1.RCS.1.0.0\"\n";
  if (kind == WorkloadKind::steps) text += "program = \"sleep 1\"\n";
  if (kind == WorkloadKind::renderer) {
    text += "compositor = \"d\"\n[[client]]\nname = \"d\"\nworkload = \"compositor\"\nwork_us = 1\n";
  }
  LoadResult result = load_scenario_text(text, "smallest.toml");
  for (const Problem& problem : result.problems) UNSCOPED_INFO(problem.to_string());
  REQUIRE(result.ok());
  return *result.spec;
}

[[nodiscard]] Value fetch(const Parameter& parameter, ScenarioSpec& spec) { return parameter.fetch({&spec, nullptr}); }

}  // namespace

TEST_CASE("a scenario that says nothing is a default-constructed spec", "[scenario]") {
  ScenarioSpec loaded = load_smallest(WorkloadKind::loop);
  ScenarioSpec made = defaults();
  ScenarioSpec bare;
  for (const Parameter& parameter : parameters().subspan(1)) {
    if (parameter.fetch == nullptr || parameter.path == "name") continue;  // the file's name
    INFO(parameter.path);
    CHECK((fetch(parameter, loaded) == fetch(parameter, bare)));
    CHECK((fetch(parameter, made) == fetch(parameter, bare)));
    CHECK((parameter.fallback == fetch(parameter, bare)));
  }
}

TEST_CASE("a client that says nothing is its default-constructed spec", "[scenario]") {
  for (std::size_t i = 0; i < kWorkloadNames.size(); ++i) {
    const auto kind = static_cast<WorkloadKind>(i);
    ScenarioSpec loaded = load_smallest(kind);
    workload::ClientSpec bare;
    bare.workload = default_workload(kind);
    for (const Parameter& parameter : client_parameters()) {
      if (parameter.fetch == nullptr || parameter.is_required) continue;
      if (parameter.kind && parameter.kind != kind) continue;
      INFO(kWorkloadNames[i] << ' ' << parameter.path);
      CHECK((parameter.fetch({nullptr, &loaded.clients.front()}) == parameter.fetch({nullptr, &bare})));
      CHECK((parameter.fallback == parameter.fetch({nullptr, &bare})));
    }
  }
}

TEST_CASE("rows that are stored nowhere have no default", "[scenario]") {
  std::set<std::string_view> found;
  for (const std::span<const Parameter> table : {parameters().subspan(1), client_parameters()}) {
    for (const Parameter& parameter : table) {
      if (parameter.fetch != nullptr) continue;
      INFO(parameter.path);
      CHECK((parameter.fallback == Value{}));
      found.insert(parameter.path);
    }
  }
  CHECK((found == std::set<std::string_view>{"use.device", "use.driver", "use.host", "client.workload", "client.file",
                                             "client.program"}));
}

TEST_CASE("defaults() has each cost with its parameter", "[scenario]") {
  const ScenarioSpec spec = defaults();
  CHECK(spec.host.store_drain.parameter == parameter_at("host.store_drain").index);
  CHECK(spec.driver.exec.parameter == parameter_at("driver.exec").index);
  CHECK(spec.costs.put.parameter == parameter_at("scheduler.put").index);
  CHECK(spec.device.link.mmio_read_latency.parameter == parameter_at("device.link.mmio_read_latency").index);
}

TEST_CASE("on the ideal machine of the tests no step costs anything", "[scenario]") {
  ScenarioSpec spec = test::ideal_scenario();
  std::set<std::string_view> found;
  for (const Parameter& parameter : parameters().subspan(1)) {
    if (parameter.type == Type::duration && fetch(parameter, spec).number != 0) found.insert(parameter.path);
  }
  CHECK((found == std::set<std::string_view>{"host.timeslice", "driver.no_room_timeout", "driver.answer_timeout",
                                             "driver.reset_poll", "driver.reset_timeout", "driver.tick",
                                             "device.doorbell.poll", "device.firmware.tick", "fault.delay",
                                             "fault.stall", "scheduler.cancel_timeout", "scheduler.direct.hang_timeout",
                                             "scheduler.direct.poll_look", "scheduler.direct.restore"}));
}
