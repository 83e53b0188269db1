// SPDX-License-Identifier: MIT
#include "sim/scenario/schema.h"

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sim/scenario/parameter_table.h"
#include "sim/scenario/values.h"
#include "traces/report/json_writer.h"

namespace gpusim::scenario {

namespace {

class SchemaWriter {
 public:
  explicit SchemaWriter(std::ostream& out) : json_{out} {}

  void write() {
    json_.begin_object();
    json_.key("$schema").value("http://json-schema.org/draft-07/schema#");
    json_.key("title").value("gpusim scenario");
    json_.key("definitions").begin_object().key("tag").begin_object();
    json_.key("description").value("S source code, D documentation, M measured, W weak source, C computed, E estimate");
    json_.key("enum").begin_array();
    for (const char tag : kTags) json_.value(std::string{tag});
    json_.end_array().end_object().end_object();
    json_.key("type").value("object");
    json_.key("required").begin_array().value("client").end_array();
    closed();
    json_.key("properties").begin_object();
    section(parameters(), "");
    json_.key("client").begin_object();
    json_.key("description").value("Who submits work.");
    json_.key("type").value("array");
    json_.key("minItems").value(1);
    json_.key("items").begin_object().key("oneOf").begin_array();
    for (std::size_t kind = 0; kind < kWorkloadNames.size(); ++kind) client(static_cast<WorkloadKind>(kind));
    json_.end_array().end_object();
    json_.end_object();
    json_.end_object();
    json_.end_object();
  }

 private:
  // The properties of a table, without the brackets.
  void section(std::span<const Parameter> table, const std::string& path) {
    for (const Parameter& parameter : table) {
      if (!parameter.path.empty() && parameter.section() == path) property(parameter);
    }
    for (const std::string& key : keys_of(table, path)) {
      std::string below = path;
      below.append(path.empty() ? "" : ".").append(key);
      if (!is_section(table, below)) continue;
      json_.key(key).begin_object();
      json_.key("type").value("object");
      closed();
      json_.key("properties").begin_object();
      section(table, below);
      json_.end_object();
      json_.end_object();
    }
  }

  void client(WorkloadKind kind) {
    const std::string_view name = kWorkloadNames[static_cast<std::size_t>(kind)];
    json_.begin_object();
    json_.key("title").value(name);
    json_.key("type").value("object");
    closed();
    json_.key("properties").begin_object();
    for (const Parameter& parameter : client_parameters()) {
      if (parameter.kind && parameter.kind != kind) continue;
      if (parameter.path == "client.workload") {
        json_.key("workload").begin_object().key("const").value(name).end_object();
      } else {
        property(parameter);
      }
    }
    json_.end_object();
    json_.key("allOf").begin_array();
    for (const Parameter& parameter : client_parameters()) {
      if (parameter.is_required && (!parameter.kind || parameter.kind == kind)) required(parameter);
    }
    json_.end_array();
    json_.end_object();
  }

  // One of the keys by which the parameter can be given.
  void required(const Parameter& parameter) {
    json_.begin_object().key("anyOf").begin_array();
    for_each_key(parameter, [this](const std::string& key, Unit /*unit*/) {
      json_.begin_object().key("required").begin_array().value(key).end_array().end_object();
    });
    json_.end_array().end_object();
  }

  template <class Function>
  static void for_each_key(const Parameter& parameter, Function function) {
    Parameter in_unit = parameter;
    if (!parameter.has_unit()) {
      function(parameter.key(), parameter.unit);
      return;
    }
    for (std::size_t unit = 0; unit < kUnitNames.size(); ++unit) {
      in_unit.unit = static_cast<Unit>(unit);
      function(in_unit.key(), in_unit.unit);
    }
  }

  void property(const Parameter& parameter) {
    for_each_key(parameter, [&](const std::string& key, Unit unit) {
      json_.key(key).begin_object();
      json_.key("description").value(parameter.doc);
      json_.key("anyOf").begin_array();
      json_.begin_object();
      plain(parameter, unit);
      json_.end_object();
      tagged(parameter, unit);
      json_.end_array();
      json_.end_object();
    });
  }

  void tagged(const Parameter& parameter, Unit unit) {
    json_.begin_object();
    json_.key("type").value("object");
    closed();
    json_.key("required").begin_array().value("v").value("tag").end_array();
    json_.key("properties").begin_object();
    json_.key("v").begin_object();
    plain(parameter, unit);
    json_.end_object();
    json_.key("tag").begin_object().key("$ref").value("#/definitions/tag").end_object();
    json_.key("src").begin_object().key("type").value("string").end_object();
    json_.end_object();
    json_.end_object();
  }

  void plain(const Parameter& parameter, Unit unit) {
    switch (parameter.type) {
      case Type::boolean:
        json_.key("type").value("boolean");
        break;
      case Type::integer:
        integer(parameter, 1);
        break;
      case Type::duration:
        integer(parameter, kUnitPicoseconds[static_cast<std::size_t>(unit)]);
        break;
      case Type::text:
        json_.key("type").value("string");
        break;
      case Type::name:
        pattern("^[A-Za-z0-9_-]+$");
        break;
      case Type::engine:
        pattern("^(rcs|bcs|vcs|vecs|ccs)([0-9]|1[0-5])?$");
        break;
      case Type::choice:
        json_.key("enum").begin_array();
        for (const std::string_view name : parameter.names) json_.value(name);
        json_.end_array();
        break;
      case Type::duration_range: {
        const std::int64_t scale = kUnitPicoseconds[static_cast<std::size_t>(unit)];
        json_.key("anyOf").begin_array();
        json_.begin_object();
        integer(parameter, scale);
        json_.end_object().begin_object();
        json_.key("type").value("array").key("minItems").value(2).key("maxItems").value(2);
        json_.key("items").begin_object();
        integer(parameter, scale);
        json_.end_object().end_object().end_array();
        break;
      }
    }
  }

  void integer(const Parameter& parameter, std::int64_t scale) {
    json_.key("type").value("integer");
    json_.key("minimum").value((parameter.min + scale - 1) / scale);
    json_.key("maximum").value(parameter.max / scale);
  }

  void pattern(std::string_view expression) {
    json_.key("type").value("string");
    json_.key("pattern").value(expression);
  }

  // No other keys than those listed. `false` is written as JsonWriter writes ready-made numbers.
  void closed() { json_.key("additionalProperties").number_text("false"); }

  trace::JsonWriter json_;
};

}  // namespace

void write_schema_json(std::ostream& out) {
  SchemaWriter{out}.write();
  out << '\n';
}

}  // namespace gpusim::scenario
