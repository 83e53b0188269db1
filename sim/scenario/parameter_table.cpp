// SPDX-License-Identifier: MIT
#include "sim/scenario/parameter_table.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "base/invariant.h"

namespace gpusim::scenario {

namespace {

// "drm_dep: ..." says that only that component reads it.
[[nodiscard]] std::optional<Component> component_of(std::string_view doc) {
  if (doc.starts_with("drm_dep: ")) return Component::drm_dep;
  if (doc.starts_with("drm_sched: ")) return Component::drm_sched;
  if (doc.starts_with("jobqueue: ")) return Component::jobqueue;
  if (doc.starts_with("direct: ")) return Component::direct;
  return std::nullopt;
}

[[nodiscard]] std::vector<Parameter> machine_table(std::vector<std::vector<Parameter>> parts) {
  ScenarioSpec spec;
  std::vector<Parameter> table(1);
  for (std::vector<Parameter>& part : parts) {
    for (Parameter& parameter : part) {
      parameter.index = static_cast<std::uint16_t>(table.size());
      if (parameter.fetch != nullptr) parameter.fallback = parameter.fetch({&spec, nullptr});
      parameter.component = component_of(parameter.doc);
      table.push_back(std::move(parameter));
    }
  }
  return table;
}

[[nodiscard]] std::vector<Parameter> client_table(std::vector<Parameter> table) {
  for (Parameter& parameter : table) {
    workload::ClientSpec client;
    if (parameter.kind) client.workload = default_workload(*parameter.kind);
    if (parameter.fetch != nullptr) parameter.fallback = parameter.fetch({nullptr, &client});
  }
  return table;
}

[[nodiscard]] std::vector<Parameter> fault_table(std::vector<Parameter> table) {
  for (Parameter& parameter : table) {
    fault::AimedFault fault;
    if (parameter.fetch != nullptr) parameter.fallback = parameter.fetch({nullptr, nullptr, &fault});
  }
  return table;
}

[[nodiscard]] bool applies(const Parameter& parameter, std::optional<WorkloadKind> kind) {
  return !kind || !parameter.kind || *parameter.kind == *kind;
}

// What is left of `path` below `section`; nothing if it is not below it.
[[nodiscard]] std::optional<std::string_view> below(std::string_view path, std::string_view section) {
  if (section.empty()) return path;
  if (!path.starts_with(section) || path.size() <= section.size() || path[section.size()] != '.') return std::nullopt;
  return path.substr(section.size() + 1);
}

}  // namespace

std::string_view Parameter::section() const {
  const std::size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? std::string_view{} : path.substr(0, dot);
}

std::string Parameter::key() const {
  const std::string_view name = section().empty() ? path : path.substr(section().size() + 1);
  if (!has_unit()) return std::string{name};
  return std::string{name} + "_" + std::string{kUnitNames[static_cast<std::size_t>(unit)]};
}

std::span<const Parameter> parameters() {
  static const std::vector<Parameter> table =
      machine_table({scenario_rows(), device_rows(), driver_rows(), host_rows()});
  return table;
}

std::span<const Parameter> client_parameters() {
  static const std::vector<Parameter> table = client_table(client_rows());
  return table;
}

std::span<const Parameter> fault_parameters() {
  static const std::vector<Parameter> table = fault_table(aimed_fault_rows());
  return table;
}

const Parameter& parameter_at(std::string_view path) {
  for (const Parameter& parameter : parameters()) {
    if (!path.empty() && parameter.path == path) return parameter;
  }
  violate("parameter_table", "there is no parameter '" + std::string{path} + "'");
}

KeyMatch match_key(std::span<const Parameter> table, std::string_view key, std::optional<WorkloadKind> kind) {
  for (const Parameter& parameter : table) {
    if (parameter.path.empty() || !applies(parameter, kind)) continue;
    if (!parameter.has_unit()) {
      if (key == parameter.path) return {&parameter, parameter.unit};
      continue;
    }
    if (!key.starts_with(parameter.path)) continue;
    const std::string_view suffix = key.substr(parameter.path.size());
    for (std::size_t unit = 0; unit < kUnitNames.size(); ++unit) {
      if (suffix.size() == 3 && suffix.front() == '_' && suffix.substr(1) == kUnitNames[unit]) {
        return {&parameter, static_cast<Unit>(unit)};
      }
    }
  }
  return {};
}

bool is_section(std::span<const Parameter> table, std::string_view path) {
  return std::any_of(table.begin(), table.end(), [&](const Parameter& parameter) {
    return !parameter.path.empty() && below(parameter.path, path).has_value();
  });
}

std::vector<std::string> keys_of(std::span<const Parameter> table, std::string_view section,
                                 std::optional<WorkloadKind> kind) {
  std::vector<std::string> keys;
  for (const Parameter& parameter : table) {
    if (parameter.path.empty() || !applies(parameter, kind)) continue;
    const std::optional<std::string_view> rest = below(parameter.path, section);
    if (!rest) continue;
    const std::size_t dot = rest->find('.');
    std::string key = dot == std::string_view::npos ? parameter.key() : std::string{rest->substr(0, dot)};
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(std::move(key));
  }
  return keys;
}

}  // namespace gpusim::scenario
