// SPDX-License-Identifier: MIT
#include "sim/scenario/sharing.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>
#include <variant>

#include <fmt/core.h>

#include "base/closest.h"
#include "sim/scenario/client_names.h"
#include "sim/scenario/values.h"

namespace gpusim::scenario {

namespace {

using workload::CompositorSpec;
using workload::RendererSpec;
using workload::StepsSpec;
using workload::WsimSpec;

class SharingChecks {
 public:
  SharingChecks(const Settings& settings, const ScenarioSpec& spec, std::vector<Problem>& problems)
      : settings_{settings}, spec_{spec}, problems_{problems} {}

  void run() {
    names();
    victim();
    for (std::size_t i = 0; i < spec_.clients.size(); ++i) {
      const ClientSettings& client = settings_.clients()[i];
      if (const auto* renderer = std::get_if<RendererSpec>(&spec_.clients[i].workload)) check(client, *renderer);
      if (const auto* compositor = std::get_if<CompositorSpec>(&spec_.clients[i].workload)) {
        check(client, spec_.clients[i], *compositor);
      }
      if (const auto* wsim = std::get_if<WsimSpec>(&spec_.clients[i].workload)) check(i, *wsim);
    }
  }

 private:
  void add(const Slot& slot, std::string what, std::string suggestion = {}) {
    if (!slot.is_broken) problems_.push_back({slot.setting.place, std::move(what), std::move(suggestion)});
  }

  void names() {
    std::set<std::string_view> seen;
    const std::array<std::pair<std::string_view, const std::vector<std::string>*>, 3> lists{
        {{"share.buffers", &spec_.share.buffers},
         {"share.timelines", &spec_.share.timelines},
         {"share.fences", &spec_.share.fences}}};
    for (const auto& [key, list] : lists) {
      for (const std::string& name : *list) {
        if (!is_name(name))
          add(settings_.at(key), fmt::format("{}: '{}' is no name of letters, digits, '_' and '-'", key, name));
        if (!seen.insert(name).second) add(settings_.at(key), fmt::format("{}: '{}' is named twice", key, name));
      }
    }
  }

  void victim() {
    const Slot& who = settings_.at("fault.kill_client");
    const Slot& when = settings_.at("fault.kill");
    const std::string& name = spec_.fault.kill_client;
    if (name.empty()) {
      if (spec_.fault.kill.count() != 0) add(when, "fault.kill names a time, but fault.kill_client no client");
      return;
    }
    if (spec_.fault.kill.count() == 0) add(who, "fault.kill_client names a client, but fault.kill no time");
    if (has_client(spec_, name)) return;
    add(who, fmt::format("fault.kill_client: there is no client '{}'", name), closest_client(spec_, name));
  }

  void check(const ClientSettings& settings, const RendererSpec& renderer) {
    const Slot& slot = settings.at("client.compositor");
    if (!slot.is_given) return;
    std::vector<std::string_view> candidates;
    for (const workload::ClientSpec& client : spec_.clients) {
      if (!std::holds_alternative<CompositorSpec>(client.workload)) continue;
      if (client.name == renderer.compositor) return;
      candidates.push_back(client.name);
    }
    add(slot, fmt::format("{}.compositor: no client '{}' is a compositor", settings.shown, renderer.compositor),
        closest(renderer.compositor, candidates));
  }

  void check(const ClientSettings& settings, const workload::ClientSpec& client, const CompositorSpec& compositor) {
    if (client.clones > 1) {
      add(settings.at("client.clones"), fmt::format("{} is a compositor: it has no clones", settings.shown));
    }
    // Whichever of the two was given, and above the other.
    const auto later = [&](std::string_view one, std::string_view other) -> const Slot& {
      const Slot& first = settings.at(one);
      const Slot& second = settings.at(other);
      return second.layer > first.layer ? second : first;
    };
    if (compositor.lead > compositor.period) {
      add(later("client.lead", "client.period"),
          fmt::format("{}.lead is longer than its period: it would compose two pictures at a time", settings.shown));
    }
    if (compositor.flip > compositor.lead) {
      add(later("client.flip", "client.lead"),
          fmt::format("{}.flip is longer than its lead: no picture would ever be in time", settings.shown));
    }
  }

  // Sets of one id and one name are one set.
  void check(std::size_t number, const WsimSpec& wsim) {
    if (wsim.shared_sets.empty()) return;
    for (std::size_t earlier = 0; earlier < number; ++earlier) {
      const auto* other = std::get_if<WsimSpec>(&spec_.clients[earlier].workload);
      if (other == nullptr || other->shared_sets != wsim.shared_sets) continue;
      for (const workload::Step& step : wsim.program.steps) {
        const auto* mine = std::get_if<workload::WorkingSet>(&step.body);
        if (mine == nullptr || !mine->shared) continue;
        for (const workload::Step& its : other->program.steps) {
          const auto* set = std::get_if<workload::WorkingSet>(&its.body);
          if (set == nullptr || !set->shared || set->id != mine->id || set->object_count() == mine->object_count())
            continue;
          add(settings_.clients()[number].at("client.shared_sets"),
              fmt::format("{} and {} share W.{}, of {} and of {} objects", settings_.clients()[earlier].shown,
                          settings_.clients()[number].shown, mine->id, set->object_count(), mine->object_count()));
          return;
        }
      }
    }
  }

  const Settings& settings_;
  const ScenarioSpec& spec_;
  std::vector<Problem>& problems_;
};

}  // namespace

void check_sharing(const Settings& settings, const ScenarioSpec& spec, std::vector<Problem>& problems) {
  SharingChecks{settings, spec, problems}.run();
}

std::vector<std::string> sharing_notices(const ScenarioSpec& spec) {
  std::vector<std::string> lines;
  std::set<std::uint32_t> buffers;
  std::set<std::uint32_t> signalled;
  std::set<std::uint32_t> awaited;
  std::set<std::string> rendered_for;
  for (const workload::ClientSpec& client : spec.clients) {
    if (const auto* renderer = std::get_if<RendererSpec>(&client.workload)) rendered_for.insert(renderer->compositor);
    const auto* steps = std::get_if<StepsSpec>(&client.workload);
    if (steps == nullptr) continue;
    for (const std::uint32_t buffer : used_by(steps->program)) buffers.insert(buffer);
    for (const std::uint32_t syncobj : awaited_by(steps->program)) awaited.insert(syncobj);
    for (const std::uint32_t syncobj : signalled_by(steps->program)) {
      signalled.insert(syncobj);
      if (client.clones > 1 && syncobj < spec.share.timelines.size()) {
        lines.push_back(fmt::format("all {} clones of client {} signal the same points of timeline {}", client.clones,
                                    client.name, spec.share.syncobj_name(syncobj)));
      }
    }
  }
  for (std::uint32_t i = 0; i < spec.share.buffers.size(); ++i) {
    if (!buffers.contains(i)) lines.push_back(fmt::format("no client uses the buffer {}", spec.share.buffers[i]));
  }
  for (std::uint32_t i = 0; i < spec.share.timelines.size() + spec.share.fences.size(); ++i) {
    const std::string& name = spec.share.syncobj_name(i);
    if (!signalled.contains(i) && awaited.contains(i)) lines.push_back(fmt::format("no client ever signals {}", name));
    if (!signalled.contains(i) && !awaited.contains(i)) lines.push_back(fmt::format("no client uses {}", name));
  }
  for (const workload::ClientSpec& client : spec.clients) {
    if (!std::holds_alternative<CompositorSpec>(client.workload) || rendered_for.contains(client.name)) continue;
    lines.push_back(fmt::format("nobody renders for the compositor {}", client.name));
  }
  return lines;
}

}  // namespace gpusim::scenario
