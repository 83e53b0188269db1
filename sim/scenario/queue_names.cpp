// SPDX-License-Identifier: MIT
#include "sim/scenario/queue_names.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>
#include <variant>

#include "sim/workload/wsim_plan.h"

namespace gpusim::scenario {

namespace {

using Roles = std::vector<std::string>;

/// What queues of each kind of workload are called: a queue's name is "<client>.<role>".
struct RolesOf {
  Roles operator()(const workload::LoopSpec& /*spec*/) const { return {"jobs"}; }
  Roles operator()(const workload::PoissonSpec& /*spec*/) const { return {"jobs"}; }
  Roles operator()(const workload::PipelineSpec& /*spec*/) const { return {"upload", "compute", "readback"}; }
  Roles operator()(const workload::FanSpec& spec) const {
    Roles roles{"ends"};
    for (std::uint32_t i = 0; i < spec.width; ++i) roles.push_back("branch" + std::to_string(i));
    return roles;
  }
  Roles operator()(const workload::WsimSpec& spec) const {
    Roles roles;
    for (const workload::PlannedQueue& queue : plan_wsim(spec.program).queues) roles.push_back(wsim_queue_role(queue));
    return roles;
  }
  Roles operator()(const workload::ChurnSpec& /*spec*/) const { return {"q0"}; }
  Roles operator()(const workload::StepsSpec& spec) const {
    Roles roles;
    for (const workload::EngineChoice& engine : engines_of(spec.program)) roles.push_back(to_text(engine));
    return roles;
  }
  Roles operator()(const workload::RendererSpec& /*spec*/) const { return {"frames"}; }
  Roles operator()(const workload::CompositorSpec& /*spec*/) const { return {"compose"}; }
};

[[nodiscard]] Roles roles_of(const workload::WorkloadSpec& workload) { return std::visit(RolesOf{}, workload); }

/// Decimal digits without zeros in front.
[[nodiscard]] std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_whole = error == std::errc{} && end == text.data() + text.size();
  return is_whole && text == std::to_string(value) ? std::optional{value} : std::nullopt;
}

[[nodiscard]] bool may_have_role(const workload::WorkloadSpec& workload, std::string_view role) {
  if (const auto* churn = std::get_if<workload::ChurnSpec>(&workload)) {
    const std::optional<std::uint64_t> cycle = role.starts_with('q') ? number_in(role.substr(1)) : std::nullopt;
    return cycle && *cycle < churn->cycles;
  }
  const std::size_t dot = role.rfind('.');
  const bool is_of_steps = std::holds_alternative<workload::StepsSpec>(workload);
  // After a `close` the queues are new ones: "rcs.1".
  if (is_of_steps && dot != std::string_view::npos && number_in(role.substr(dot + 1)).value_or(0) > 0) {
    role = role.substr(0, dot);
  }
  const Roles roles = roles_of(workload);
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

/// `name` without "<client>." in front; none if it is no queue of this client, or of one of its clones.
[[nodiscard]] std::optional<std::string_view> role_in(std::string_view name, const workload::ClientSpec& client) {
  const auto take = [&](std::string_view part) {
    if (!name.starts_with(part) || name.substr(part.size(), 1) != ".") return false;
    name.remove_prefix(part.size() + 1);
    return true;
  };
  if (!take(client.name)) return std::nullopt;
  if (client.clones == 1) return name;
  const std::string clone{name.substr(0, name.find('.'))};
  const std::optional<std::uint64_t> number = number_in(clone);
  return number && *number < client.clones && take(clone) ? std::optional{name} : std::nullopt;
}

[[nodiscard]] Roles ring_names(const ScenarioSpec& spec) {
  Roles names;
  if (spec.driver.rings == drv::Rings::own) return names;
  for (const std::string& engine : engine_names(spec)) names.push_back(engine + ".ring");
  return names;
}

}  // namespace

std::vector<std::string> engine_names(const ScenarioSpec& spec) {
  std::vector<std::string> names;
  for (std::uint32_t i = 0; i < spec.device.descriptor.engine_count; ++i) {
    const abi::EngineDescriptor& engine = spec.device.descriptor.engines[i];
    names.push_back(workload::to_text({engine.engine_class, static_cast<std::int32_t>(engine.instance)}));
  }
  return names;
}

bool may_have_queue(const ScenarioSpec& spec, std::string_view name) {
  const Roles rings = ring_names(spec);
  if (std::find(rings.begin(), rings.end(), name) != rings.end()) return true;
  return std::any_of(spec.clients.begin(), spec.clients.end(), [&](const workload::ClientSpec& client) {
    const std::optional<std::string_view> role = role_in(name, client);
    return role && may_have_role(client.workload, *role);
  });
}

std::vector<std::string> queue_names(const ScenarioSpec& spec) {
  std::vector<std::string> names = ring_names(spec);
  for (const workload::ClientSpec& client : spec.clients) {
    const std::string owner = client.clones == 1 ? client.name : client.name + ".0";
    for (const std::string& role : roles_of(client.workload)) names.push_back(owner + "." + role);
  }
  return names;
}

}  // namespace gpusim::scenario
