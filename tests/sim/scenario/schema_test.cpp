// SPDX-License-Identifier: MIT
// The schema that is written from the parameter table, and the order of the table.
#include <algorithm>
#include <set>
#include <sstream>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "sim/scenario/parameter_table.h"
#include "sim/scenario/schema.h"
#include "tests/support/catch.h"

using namespace gpusim::scenario;
using nlohmann::json;

namespace {

[[nodiscard]] json schema() {
  std::ostringstream out;
  write_schema_json(out);
  return json::parse(out.str());
}

// The properties of the table `section` ("device.link").
[[nodiscard]] const json& properties(const json& root, std::string_view section) {
  const json* table = &root;
  while (!section.empty()) {
    const std::size_t dot = std::min(section.find('.'), section.size());
    table = &table->at("properties").at(std::string{section.substr(0, dot)});
    section.remove_prefix(std::min(dot + 1, section.size()));
  }
  return table->at("properties");
}

}  // namespace

TEST_CASE("the schema has every key of the machine", "[scenario]") {
  const json root = schema();
  CHECK(root.at("$schema") == "http://json-schema.org/draft-07/schema#");
  for (const Parameter& parameter : parameters().subspan(1)) {
    INFO(parameter.path);
    const json& table = properties(root, parameter.section());
    REQUIRE(table.contains(parameter.key()));
    CHECK(table.at(parameter.key()).at("description") == parameter.doc);
    if (parameter.type == Type::duration) {
      CHECK(table.contains(std::string{parameter.path.substr(parameter.path.rfind('.') + 1)} + "_ps"));
    }
  }
  CHECK(root.at("properties").at("device").at("additionalProperties") == false);
}

TEST_CASE("the schema has every key of a fault", "[scenario]") {
  const json root = schema();
  const json& fault = root.at("properties").at("faults").at("items");
  for (const Parameter& parameter : fault_parameters()) {
    INFO(parameter.path);
    REQUIRE(fault.at("properties").contains(parameter.key()));
    CHECK(fault.at("properties").at(parameter.key()).at("description") == parameter.doc);
  }
  CHECK(fault.at("additionalProperties") == false);
  CHECK(fault.at("allOf").size() == 1);  // kind
}

TEST_CASE("the schema has every key of every workload", "[scenario]") {
  const json root = schema();
  const json& kinds = root.at("properties").at("client").at("items").at("oneOf");
  REQUIRE(kinds.size() == kWorkloadNames.size());
  for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
    CHECK(kinds[kind].at("properties").at("workload").at("const") == kWorkloadNames[kind]);
    for (const Parameter& parameter : client_parameters()) {
      INFO(kWorkloadNames[kind] << ' ' << parameter.path);
      const bool belongs = !parameter.kind || *parameter.kind == static_cast<WorkloadKind>(kind);
      if (belongs) CHECK(kinds[kind].at("properties").contains(parameter.key()));
    }
  }
}

TEST_CASE("sections of the table stand together, and no key is there twice", "[scenario]") {
  std::set<std::string_view> paths;
  std::set<std::string_view> finished;
  std::string_view section;
  for (const Parameter& parameter : parameters().subspan(1)) {
    INFO(parameter.path);
    CHECK(paths.insert(parameter.path).second);
    CHECK(parameter.fallback.number >= parameter.min);
    if (parameter.section() == section) continue;
    CHECK(finished.insert(section).second);
    section = parameter.section();
    CHECK_FALSE(finished.contains(section));
  }
}
