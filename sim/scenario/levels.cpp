// SPDX-License-Identifier: MIT
#include "sim/scenario/levels.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <variant>

#include <fmt/core.h>

namespace gpusim::scenario {

namespace {

using sched::drm::Priority;

constexpr std::array<std::string_view, 4> kNames{"kernel", "high", "normal", "low"};

[[nodiscard]] std::string_view name_of(Priority priority) { return kNames[static_cast<std::size_t>(priority)]; }

/// Keys of the client that say a level, with it. Steps of a .wsim program are not looked at.
[[nodiscard]] std::vector<std::pair<std::string_view, std::uint32_t>> levels_of(const workload::ClientSpec& client) {
  std::vector<std::pair<std::string_view, std::uint32_t>> levels;
  std::visit(
      [&](const auto& workload) {
        if constexpr (requires { workload.priority; }) levels.emplace_back("priority", workload.priority);
        if constexpr (requires { workload.changed_priority; }) {
          if (workload.change_cycle != 0) levels.emplace_back("changed_priority", workload.changed_priority);
        }
      },
      client.workload);
  return levels;
}

}  // namespace

std::vector<std::string> level_notices(const ScenarioSpec& spec) {
  std::vector<std::string> notices;
  if (spec.driver.rings != drv::Rings::shared || !spec.driver.client_levels ||
      spec.policy == sched::drm::Policy::single_entity) {
    return notices;
  }
  const auto last = static_cast<Priority>(spec.num_rqs - 1);
  for (const workload::ClientSpec& client : spec.clients) {
    for (const auto& [key, level] : levels_of(client)) {
      const Priority asked = sched::drm::priority_of(level);
      if (asked > last) {
        // drm_sched_entity_init() prints an error; drm_sched_entity_set_priority() says nothing.
        notices.push_back(
            fmt::format("client.{}.{} = {} is served as {}: with scheduler.num_rqs = {} there is no run "
                        "queue for {}",
                        client.name, key, level, name_of(last), spec.num_rqs, name_of(asked)));
      } else if (level > 0 && asked == sched::drm::priority_of(level - 1)) {
        notices.push_back(
            fmt::format("client.{}.{} = {} is served as {}: on rings that clients share there are three "
                        "levels for them, 0 high, 1 normal and 2 low",
                        client.name, key, level, level - 1));
      }
    }
  }
  return notices;
}

}  // namespace gpusim::scenario
