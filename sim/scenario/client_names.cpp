// SPDX-License-Identifier: MIT
#include "sim/scenario/client_names.h"

#include <algorithm>
#include <vector>

#include "base/closest.h"

namespace gpusim::scenario {

namespace {

[[nodiscard]] bool is_client_or_clone(const workload::ClientSpec& client, std::string_view name) {
  if (client.name == name) return true;
  const std::string prefix = client.name + ".";
  if (client.clones == 1 || !name.starts_with(prefix)) return false;
  for (std::uint32_t clone = 0; clone < client.clones; ++clone) {
    if (name == prefix + std::to_string(clone)) return true;
  }
  return false;
}

}  // namespace

bool has_client(const ScenarioSpec& spec, std::string_view name) {
  return std::any_of(spec.clients.begin(), spec.clients.end(),
                     [&](const workload::ClientSpec& client) { return is_client_or_clone(client, name); });
}

std::string closest_client(const ScenarioSpec& spec, std::string_view name) {
  std::vector<std::string_view> candidates;
  for (const workload::ClientSpec& client : spec.clients) candidates.push_back(client.name);
  return closest(name, candidates);
}

}  // namespace gpusim::scenario
