// SPDX-License-Identifier: MIT
#include "sim/scenario/unread.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <fmt/core.h>

namespace gpusim::scenario {

namespace {

/// Keys by the reason for which they are not read, in the order in which they were found.
class Unread {
 public:
  void add(std::string key, std::string reason) {
    const auto same = [&](const Group& group) { return group.reason == reason; };
    auto group = std::find_if(groups_.begin(), groups_.end(), same);
    if (group == groups_.end()) group = groups_.insert(groups_.end(), Group{std::move(reason), {}});
    group->keys.push_back(std::move(key));
  }

  [[nodiscard]] std::vector<std::string> lines() const {
    std::vector<std::string> lines;
    for (const Group& group : groups_) {
      std::string text;
      for (std::size_t i = 0; i < group.keys.size(); ++i) {
        const bool is_last = i + 1 == group.keys.size();
        text += (i == 0 ? "" : is_last ? " and " : ", ") + group.keys[i];
      }
      lines.push_back(fmt::format("{} {} no effect: {}", text, group.keys.size() == 1 ? "has" : "have", group.reason));
    }
    return lines;
  }

 private:
  struct Group {
    std::string reason;
    std::vector<std::string> keys;
  };
  std::vector<Group> groups_;
};

/// What only jobs read that pass through the kernel, of keys for all components.
[[nodiscard]] bool is_of_kernel_jobs(std::string_view path) {
  static constexpr std::array<std::string_view, 15> kOfDriver{
      "driver.run_job",           "driver.timeout_clock", "driver.timeout_reads_seqno",
      "driver.reset_victims",     "driver.stop_way",      "driver.reset_limit",
      "driver.timeout_not_begun", "driver.timeout_stuck", "driver.timeout_retries",
      "scheduler.bypass",         "driver.credit_limit",  "driver.max_jobs",
      "driver.kill_way",          "driver.close_way",     "client.credits"};
  const bool is_cost = path.starts_with("scheduler.") && !path.starts_with("scheduler.fence_") &&
                       !path.starts_with("scheduler.direct.") && parameter_at(path).type == Type::duration;
  return is_cost || std::find(kOfDriver.begin(), kOfDriver.end(), path) != kOfDriver.end();
}

/// What only timedout_job() reads.
[[nodiscard]] bool is_of_timeouts(std::string_view path) {
  return path == "driver.timeout_not_begun" || path == "driver.timeout_reads_seqno" || path == "driver.timeout_stuck" ||
         path == "driver.timeout_retries" || path == "driver.stop_way";
}

}  // namespace

std::vector<std::string> unread_notices(const Settings& settings, const ScenarioSpec& spec) {
  Unread unread;
  ScenarioSpec read = spec;
  const std::string_view component =
      parameter_at("scheduler.component").names[static_cast<std::size_t>(spec.component)];
  const auto look = [&](const Parameter& parameter, const Slot& slot, const Target& target, std::string key) {
    if (parameter.fetch == nullptr || !slot.is_asked(parameter)) return;
    if (is_of_timeouts(parameter.path) && is_jobqueue(spec, sched::jq::Shape::counter)) {
      unread.add(std::move(key), "the counter JobQueue has no timeout");
    } else if (spec.component == Component::direct && is_of_kernel_jobs(parameter.path)) {
      unread.add(std::move(key), "scheduler.component is direct");
    } else if (parameter.component && *parameter.component != spec.component) {
      unread.add(std::move(key), fmt::format("scheduler.component is {}", component));
    } else if (parameter.is_read != nullptr && !parameter.is_read(target)) {
      unread.add(std::move(key), std::string{parameter.unread_because});
    }
  };
  for (const Parameter& parameter : parameters().subspan(1)) {
    look(parameter, settings.slots()[parameter.index], {&read, nullptr}, std::string{parameter.path});
  }
  const std::span<const Parameter> table = client_parameters();
  for (std::size_t client = 0; client < settings.clients().size(); ++client) {
    const ClientSettings& given = settings.clients()[client];
    for (std::size_t i = 0; i < table.size(); ++i) {
      if (table[i].kind && table[i].kind != given.kind()) continue;
      look(table[i], given.slots[i], {&read, &read.clients[client]},
           fmt::format("{}.{}", given.shown, table[i].path.substr(std::string_view{"client."}.size())));
    }
  }
  return unread.lines();
}

}  // namespace gpusim::scenario
