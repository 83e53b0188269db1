// SPDX-License-Identifier: MIT
// Contradictions between a client and its device, driver or component.
#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <variant>

#include <fmt/core.h>

#include "sim/scenario/checks.h"
#include "sim/workload/wsim_placement.h"
#include "sim/workload/wsim_plan.h"

namespace gpusim::scenario {

namespace {

using workload::WsimEngine;

class ClientChecks {
 public:
  ClientChecks(const Settings& settings, const ScenarioSpec& spec, std::vector<Problem>& problems)
      : settings_{settings}, spec_{spec}, problems_{problems} {}

  void run() {
    const auto& clients = settings_.clients();
    for (std::size_t i = 0; i < clients.size(); ++i) {
      name(i);
      if (!clients[i].kind()) continue;
      if (device_is_known()) engines(clients[i], spec_.clients[i]);
      if (spec_.component == Component::direct) direct(clients[i], spec_.clients[i]);
      if (const auto* steps = std::get_if<workload::StepsSpec>(&spec_.clients[i].workload)) rings(clients[i], *steps);
      if (const auto* loop = std::get_if<workload::LoopSpec>(&spec_.clients[i].workload)) limits(clients[i], *loop);
      queues_ += queues(spec_.clients[i]) * spec_.clients[i].clones;
    }
    if (spec_.driver.rings == drv::Rings::shared) queues_ = spec_.device.descriptor.engine_count;
    const Slot& limit = settings_.at("device.max_queues");
    if (queues_ <= spec_.device.descriptor.max_queues || limit.is_broken) return;
    const Place& place = limit.layer > Layer::preset ? limit.setting.place : clients.back().place;
    problems_.push_back({place,
                         fmt::format("the {} need {} queues, but device.max_queues is {}",
                                     spec_.driver.rings == drv::Rings::shared ? "engines" : "clients", queues_,
                                     spec_.device.descriptor.max_queues),
                         {}});
  }

 private:
  [[nodiscard]] bool device_is_known() const {
    const auto& slots = settings_.slots();
    return std::none_of(parameters().begin(), parameters().end(), [&](const Parameter& parameter) {
      return parameter.path.starts_with("device.engines.") && slots[parameter.index].is_broken;
    });
  }

  void name(std::size_t client) {
    const Slot& mine = settings_.clients()[client].at("client.name");
    if (!mine.is_given || mine.is_broken) return;
    const auto [first, is_new] = lines_by_name_.emplace(mine.setting.value.text, mine.setting.place.line);
    if (is_new) return;
    problems_.push_back(
        {mine.setting.place,
         fmt::format("there is a client '{}' already, in line {}", mine.setting.value.text, first->second),
         {}});
  }

  [[nodiscard]] bool has(abi::EngineClass engine_class, std::int64_t instance) const {
    const abi::DeviceDescriptor& device = spec_.device.descriptor;
    return std::any_of(device.engines.begin(), device.engines.begin() + device.engine_count,
                       [&](const abi::EngineDescriptor& engine) {
                         return engine.engine_class == engine_class && (instance < 0 || engine.instance == instance);
                       });
  }

  [[nodiscard]] std::string missing(const std::string& engine) const {
    std::string engines;
    const abi::DeviceDescriptor& device = spec_.device.descriptor;
    for (std::uint32_t i = 0; i < device.engine_count; ++i) {
      engines += fmt::format("{}{}{}", i == 0 ? "" : ", ",
                             abi::kEngineClassNames[static_cast<std::size_t>(device.engines[i].engine_class)],
                             device.engines[i].instance);
    }
    return fmt::format("the device has no engine '{}', only {}", engine, engines);
  }

  void engines(const ClientSettings& settings, const workload::ClientSpec& client) {
    const std::span<const Parameter> table = client_parameters();
    for (std::size_t i = 0; i < table.size(); ++i) {
      if (table[i].type != Type::engine || table[i].kind != settings.kind() || settings.slots[i].is_broken) continue;
      const Setting& setting = settings.slots[i].setting;
      if (has(static_cast<abi::EngineClass>(setting.value.number), setting.value.high)) continue;
      problems_.push_back(
          {settings.slots[i].is_given ? setting.place : settings.place,
           fmt::format("{}.{}: {}", settings.shown, table[i].key(), missing(value_text(table[i], setting.value))),
           {}});
    }
    if (const auto* wsim = std::get_if<workload::WsimSpec>(&client.workload)) wsim_engines(settings, *wsim);
    if (const auto* steps = std::get_if<workload::StepsSpec>(&client.workload)) steps_engines(settings, *steps);
  }

  void direct(const ClientSettings& settings, const workload::ClientSpec& client) {
    if (const auto* wsim = std::get_if<workload::WsimSpec>(&client.workload)) wsim_dependencies(settings, *wsim);
    if (!std::holds_alternative<workload::CompositorSpec>(client.workload)) return;
    problems_.push_back({settings.at("client.workload").setting.place,
                         "workload = \"compositor\" needs dma_fences, which a flip waits for: with "
                         "scheduler.component = \"direct\" the end of a job is a value in memory",
                         {}});
  }

  // Where a client waits before it submits, what it would do behind that submission never comes.
  void wsim_dependencies(const ClientSettings& settings, const workload::WsimSpec& wsim) {
    const Slot& inline_text = settings.at("client.program");
    const auto report = [&](const workload::Step& step, const std::string& what) {
      const Place place =
          inline_text.is_given ? inline_text.setting.place : Place{wsim.program.file, step.line, step.column};
      problems_.push_back({place,
                           fmt::format("step {}: scheduler.component = \"direct\" waits for dependencies before it "
                                       "submits, and has no {}",
                                       step.index, what),
                           {}});
    };
    const auto is_endless = [&](const workload::StepRef& ref) {
      const auto* batch = std::get_if<workload::Batch>(&wsim.program.steps[ref.step].body);
      return batch != nullptr && batch->duration.unbounded;
    };
    const auto is_software = [&](const workload::StepRef& ref) {
      return std::holds_alternative<workload::SwFence>(wsim.program.steps[ref.step].body);
    };
    for (const workload::Step& step : wsim.program.steps) {
      const auto* batch = std::get_if<workload::Batch>(&step.body);
      if (batch == nullptr) continue;
      const auto any = [](const auto& refs, const auto& is) { return std::any_of(refs.begin(), refs.end(), is); };
      if (!batch->submit_deps.empty()) {
        report(step, "submit fences");
      } else if (any(batch->fence_deps, is_software)) {
        report(step, "batches behind a software fence of their own client");
      } else if (any(batch->data_deps, is_endless) || any(batch->fence_deps, is_endless) ||
                 (batch->duration.unbounded && !batch->set_deps.empty())) {
        report(step, "batches behind one that only a later step ends");
      }
    }
  }

  void wsim_engines(const ClientSettings& settings, const workload::WsimSpec& wsim) {
    const Slot& inline_text = settings.at("client.program");
    const workload::Placements placements{wsim.program};
    for (const workload::Step& step : wsim.program.steps) {
      const auto* batch = std::get_if<workload::Batch>(&step.body);
      if (batch == nullptr) continue;
      for (const WsimEngine engine : placements.place(*batch).allowed) {
        const auto [engine_class, instance] = physical(engine);
        if (has(engine_class, instance)) continue;
        const Place place =
            inline_text.is_given ? inline_text.setting.place : Place{wsim.program.file, step.line, step.column};
        problems_.push_back(
            {place,
             fmt::format("step {}: {}", step.index,
                         missing(fmt::format("{}{}", abi::kEngineClassNames[static_cast<std::size_t>(engine_class)],
                                             instance))),
             {}});
      }
    }
  }

  void steps_engines(const ClientSettings& settings, const workload::StepsSpec& steps) {
    const Place& place = settings.at("client.program").setting.place;
    for (std::size_t i = 0; i < steps.program.steps.size(); ++i) {
      const auto* submit = std::get_if<workload::SubmitStep>(&steps.program.steps[i]);
      if (submit == nullptr) continue;
      const auto look_for = [&](const workload::EngineChoice& engine) {
        if (has(engine.engine_class, engine.instance)) return;
        problems_.push_back({place, fmt::format("step {}: {}", i, missing(to_text(engine))), {}});
      };
      for (const workload::StepMember& member : submit->members) look_for(member.engine);
      look_for(submit->engine);
    }
  }

  void rings(const ClientSettings& settings, const workload::StepsSpec& steps) {
    if (spec_.driver.rings == drv::Rings::shared) return;
    const auto report = [&](std::size_t step, const char* what) {
      problems_.push_back({settings.at("client.program").setting.place, fmt::format("step {}: {}", step, what), {}});
    };
    for (std::size_t i = 0; i < steps.program.steps.size(); ++i) {
      const auto* submit = std::get_if<workload::SubmitStep>(&steps.program.steps[i]);
      if (submit == nullptr) continue;
      if (!submit->members.empty()) {
        report(i,
               "a gang needs driver.rings = \"shared\", as amdgpu's kernel rings are: of rings of a queue's own the "
               "firmware chooses which go to the engines");
      }
      if (submit->dont_pipeline) {
        report(i,
               "dont-pipeline needs driver.rings = \"shared\": jobs of queues with schedulers of their own wait for "
               "each other's end in any case");
      }
    }
  }

  void limits(const ClientSettings& settings, const workload::LoopSpec& loop) {
    if (spec_.driver.rings == drv::Rings::own || loop.limits_cycle == 0) return;
    problems_.push_back({settings.at("client.limits_cycle").setting.place,
                         "limits_cycle needs driver.rings = \"own\": of rings that clients share the device knows no "
                         "client's queue whose limits could change",
                         {}});
  }

  [[nodiscard]] static std::pair<abi::EngineClass, std::int64_t> physical(WsimEngine engine) {
    switch (engine) {
      case WsimEngine::bcs:
        return {abi::EngineClass::copy, 0};
      case WsimEngine::vcs:
      case WsimEngine::vcs1:
        return {abi::EngineClass::video, 0};
      case WsimEngine::vcs2:
        return {abi::EngineClass::video, 1};
      case WsimEngine::vecs:
        return {abi::EngineClass::video_enhance, 0};
      case WsimEngine::ccs:
        return {abi::EngineClass::compute, 0};
      case WsimEngine::default_engine:
      case WsimEngine::rcs:
        break;
    }
    return {abi::EngineClass::render, 0};
  }

  // Of one clone: those that it cannot do without. A churn client waits for a free id, or loses a cycle.
  [[nodiscard]] static std::uint64_t queues(const workload::ClientSpec& client) {
    if (std::holds_alternative<workload::ChurnSpec>(client.workload)) return 0;
    if (std::holds_alternative<workload::PipelineSpec>(client.workload)) return 3;
    if (const auto* fan = std::get_if<workload::FanSpec>(&client.workload)) return fan->width + std::uint64_t{1};
    if (const auto* steps = std::get_if<workload::StepsSpec>(&client.workload)) {
      return workload::engines_of(steps->program).size();
    }
    const auto* wsim = std::get_if<workload::WsimSpec>(&client.workload);
    if (wsim == nullptr) return 1;
    return workload::plan_wsim(wsim->program).queues.size();
  }

  const Settings& settings_;
  const ScenarioSpec& spec_;
  std::vector<Problem>& problems_;
  std::uint64_t queues_ = 0;
  std::map<std::string_view, std::uint32_t> lines_by_name_;  // the first client of each name
};

}  // namespace

void check_clients(const Settings& settings, const ScenarioSpec& spec, std::vector<Problem>& problems) {
  ClientChecks{settings, spec, problems}.run();
}

}  // namespace gpusim::scenario
