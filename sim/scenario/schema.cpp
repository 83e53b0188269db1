// SPDX-License-Identifier: MIT
#include "sim/scenario/schema.h"

#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "sim/scenario/parameter_table.h"
#include "sim/scenario/values.h"

namespace gpusim::scenario {

namespace {

using Json = nlohmann::ordered_json;

// Calls function(key, unit) for each key by which the parameter can be given.
template <class Function>
void for_each_key(const Parameter& parameter, Function function) {
  if (!parameter.has_unit()) {
    function(parameter.key(), parameter.unit);
    return;
  }
  Parameter in_unit = parameter;
  for (std::size_t unit = 0; unit < kUnitNames.size(); ++unit) {
    in_unit.unit = static_cast<Unit>(unit);
    function(in_unit.key(), in_unit.unit);
  }
}

[[nodiscard]] Json integer(const Parameter& parameter, std::int64_t scale) {
  return {{"type", "integer"}, {"minimum", (parameter.min + scale - 1) / scale}, {"maximum", parameter.max / scale}};
}

[[nodiscard]] Json plain(const Parameter& parameter, Unit unit) {
  const std::int64_t scale = kUnitPicoseconds[static_cast<std::size_t>(unit)];
  switch (parameter.type) {
    case Type::boolean:
      return {{"type", "boolean"}};
    case Type::integer:
      return integer(parameter, 1);
    case Type::duration:
      return integer(parameter, scale);
    case Type::text:
      return {{"type", "string"}};
    case Type::name:
      return {{"type", "string"}, {"pattern", "^[A-Za-z0-9_-]+$"}};
    case Type::engine:
      return {{"type", "string"}, {"pattern", "^(rcs|bcs|vcs|vecs|ccs)([0-9]|1[0-5])?$"}};
    case Type::choice:
      return {{"enum", parameter.names}};
    case Type::duration_range: {
      const Json one = integer(parameter, scale);
      const Json two{{"type", "array"}, {"minItems", 2}, {"maxItems", 2}, {"items", one}};
      return {{"anyOf", Json::array({one, two})}};
    }
    case Type::latency: {
      const Json one = integer(parameter, scale);
      const Json quantiles{{"type", "object"},
                           {"required", {"p0", "p50", "p100"}},
                           {"additionalProperties", false},
                           {"patternProperties", {{"^p(100|[0-9]{1,2}(_[0-9]{1,2})?)$", one}}}};
      return {{"anyOf", Json::array({one, quantiles})}};
    }
  }
  return {};
}

void add_properties(Json& properties, const Parameter& parameter) {
  for_each_key(parameter, [&](const std::string& key, Unit unit) {
    const Json value = plain(parameter, unit);
    const Json tagged{{"type", "object"},
                      {"additionalProperties", false},
                      {"required", {"v"}},
                      {"anyOf", Json::array({Json{{"required", {"tag"}}}, Json{{"required", {"preset"}}}})},
                      {"properties",
                       {{"v", value},
                        {"tag", {{"$ref", "#/definitions/tag"}}},
                        {"src", {{"type", "string"}}},
                        {"preset", {{"const", true}}}}}};
    properties[key] = {{"description", parameter.doc}, {"anyOf", Json::array({value, tagged})}};
  });
}

// The properties of a table.
[[nodiscard]] Json section(std::span<const Parameter> table, const std::string& path) {
  Json properties = Json::object();
  for (const Parameter& parameter : table) {
    if (!parameter.path.empty() && parameter.section() == path) add_properties(properties, parameter);
  }
  for (const std::string& key : keys_of(table, path)) {
    std::string below = path;
    below.append(path.empty() ? "" : ".").append(key);
    if (!is_section(table, below)) continue;
    properties[key] = {{"type", "object"}, {"additionalProperties", false}, {"properties", section(table, below)}};
  }
  return properties;
}

// One of the keys by which the parameter can be given.
[[nodiscard]] Json required(const Parameter& parameter) {
  Json keys = Json::array();
  for_each_key(parameter,
               [&keys](const std::string& key, Unit /*unit*/) { keys.push_back({{"required", Json::array({key})}}); });
  return {{"anyOf", keys}};
}

[[nodiscard]] Json client(WorkloadKind kind) {
  const std::string_view name = kWorkloadNames[static_cast<std::size_t>(kind)];
  Json properties = Json::object();
  Json all = Json::array();
  for (const Parameter& parameter : client_parameters()) {
    if (parameter.kind && parameter.kind != kind) continue;
    if (parameter.is_required) all.push_back(required(parameter));
    if (parameter.path == "client.workload") {
      properties["workload"] = {{"const", name}};
    } else {
      add_properties(properties, parameter);
    }
  }
  return {
      {"title", name}, {"type", "object"}, {"additionalProperties", false}, {"properties", properties}, {"allOf", all}};
}

[[nodiscard]] Json faults() {
  Json properties = Json::object();
  Json all = Json::array();
  for (const Parameter& parameter : fault_parameters()) {
    add_properties(properties, parameter);
    if (parameter.is_required) all.push_back(required(parameter));
  }
  return {{"type", "object"}, {"additionalProperties", false}, {"properties", properties}, {"allOf", all}};
}

[[nodiscard]] Json schema() {
  Json tags = Json::array();
  for (const char tag : kTags) tags.push_back(std::string{tag});
  Json clients = Json::array();
  for (std::size_t kind = 0; kind < kWorkloadNames.size(); ++kind) {
    clients.push_back(client(static_cast<WorkloadKind>(kind)));
  }
  Json properties = section(parameters(), "");
  properties["client"] = {
      {"description", "Who submits work."}, {"type", "array"}, {"minItems", 1}, {"items", {{"oneOf", clients}}}};
  properties["faults"] = {{"description", "What goes wrong, each aimed."}, {"type", "array"}, {"items", faults()}};
  const Json condition{{"anyOf", Json::array({{{"type", "string"}}, {{"type", "integer"}}})}};
  properties["expect"] = {
      {"description", "What gpusim check asks of a run, by metric: \"<= 50 us\", or a list of such conditions."},
      {"type", "object"},
      {"additionalProperties",
       {{"anyOf",
         Json::array({condition, {{"type", "array"}, {"items", condition}}, {{"$ref", "#/properties/expect"}}})}}}};
  return {{"$schema", "http://json-schema.org/draft-07/schema#"},
          {"title", "gpusim scenario"},
          {"definitions",
           {{"tag",
             {{"description", "S source code, D documentation, M measured, W weak source, C computed, E estimate"},
              {"enum", tags}}}}},
          {"type", "object"},
          {"required", Json::array({"client"})},
          {"additionalProperties", false},
          {"properties", properties}};
}

}  // namespace

void write_schema_json(std::ostream& out) { out << schema().dump(2) << "\n\n"; }

}  // namespace gpusim::scenario
