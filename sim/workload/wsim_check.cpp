// SPDX-License-Identifier: MIT
#include "sim/workload/wsim_check.h"

#include <algorithm>
#include <map>
#include <utility>
#include <variant>

#include <fmt/core.h>

#include "sim/workload/wsim_ends.h"
#include "sim/workload/wsim_placement.h"

namespace gpusim::workload {

namespace {

class Checker {
 public:
  Checker(const WsimProgram& program, const std::vector<bool>& unreadable, WsimFindings& findings)
      : program_(program), unreadable_(unreadable), findings_(findings), placements_(program), ends_(program) {
    first_unreadable_ =
        static_cast<std::size_t>(std::find(unreadable.begin(), unreadable.end(), true) - unreadable.begin());
  }

  void run() {
    each<WorkingSet>([this](const Step& step, const WorkingSet& set) { unique_set(step, set); });
    each<EngineMap>([this](const Step& step, const EngineMap& map) { map_once(step, map); });
    each<Balance>([this](const Step& step, const Balance& balance) { map_before_balance(step, balance); });
    each<Bond>([this](const Step& step, const Bond& bond) { balance_before_bond(step, bond); });
    each<AddressSpace>([this](const Step& step, const AddressSpace& space) { unique_space(step, space); });
    each<AssignAddressSpace>([this](const Step& step, const AssignAddressSpace& assign) {
      if (!spaces_.contains(assign.id) && !any_unreadable())
        findings_.error(step, step.column, fmt::format("there is no address space {}", assign.id));
    });
    each<Throttle>([this](const Step& step, const Throttle& throttle) {
      if (throttle.steps > program_.steps.size())
        findings_.error(step, step.column,
                        fmt::format("throttle reaches back {} steps, but a loop has only {}", throttle.steps,
                                    program_.steps.size()));
    });
    each<Batch>([this](const Step& step, const Batch& batch) {
      sets_exist(step, batch);
      engine_allowed(step, batch);
      if (batch.duration.unbounded) ends(step, batch);
      if (batch.wait) fences_can_end(step, step.index);
    });
    each<Sync>([this](const Step& step, const Sync& sync) {
      sync_can_end(step, sync);
      fences_can_end(step, sync.target.step);
    });
    each<SliceMask>([this](const Step& step, const SliceMask&) { not_modelled(step, "slice masks"); });
    each<Bond>([this](const Step& step, const Bond&) { not_modelled(step, "engine bonds"); });
    each<AddressSpace>([this](const Step& step, const AddressSpace&) { not_modelled(step, "address spaces"); });
  }

 private:
  template <typename Body, typename Function>
  void each(Function function) {
    for (const Step& step : program_.steps)
      if (const auto* body = std::get_if<Body>(&step.body); body != nullptr && !unreadable_[step.index])
        function(step, *body);
  }

  [[nodiscard]] bool any_unreadable() const { return first_unreadable_ < unreadable_.size(); }

  void not_modelled(const Step& step, const std::string& what) {
    if (noticed_.insert({what, step.index}).second) findings_.notice(step, what + " are accepted, not modelled");
  }

  void unique_set(const Step& step, const WorkingSet& set) {
    const auto [found, fresh] = sets_.insert({set.id, step.index});
    if (!fresh)
      findings_.error(step, step.column + 2,
                      fmt::format("working set {} exists already (step {})", set.id, found->second));
  }

  void unique_space(const Step& step, const AddressSpace& space) {
    const auto [found, fresh] = spaces_.insert({space.id, step.index});
    if (!fresh)
      findings_.error(step, step.column + 2,
                      fmt::format("address space {} exists already (step {})", space.id, found->second));
  }

  void map_once(const Step& step, const EngineMap& map) {
    const auto [found, fresh] = maps_.insert({map.context, step.index});
    if (!fresh)
      findings_.error(step, step.column + 2,
                      fmt::format("context {} has an engine map already (step {})", map.context, found->second));
  }

  void map_before_balance(const Step& step, const Balance& balance) {
    const auto map = maps_.find(balance.context);
    if (map != maps_.end() && map->second < step.index)
      balanced_.insert({balance.context, step.index});
    else if (!unreadable_before(step))
      findings_.error(step, step.column + 2,
                      fmt::format("load balancing needs an engine map of context {} before it", balance.context),
                      fmt::format("M.{}.VCS", balance.context));
  }

  void balance_before_bond(const Step& step, const Bond& bond) {
    const auto balance = balanced_.find(bond.context);
    if (balance == balanced_.end() || balance->second > step.index) {
      if (!any_unreadable())
        findings_.error(step, step.column + 2,
                        fmt::format("an engine bond needs load balancing of context {} before it", bond.context),
                        fmt::format("B.{}", bond.context));
      return;
    }
    const std::vector<WsimEngine>& map = placements_.expanded_map(bond.context);
    for (const WsimEngine sibling : bond.siblings)
      if (std::find(map.begin(), map.end(), sibling) == map.end())
        findings_.error(
            step, step.column + 2,
            fmt::format("{} is not in the engine map of context {}", wsim_engine_name(sibling), bond.context));
  }

  // Could an unreadable step before this one be the missing one?
  [[nodiscard]] bool unreadable_before(const Step& step) const { return first_unreadable_ < step.index; }

  void sets_exist(const Step& step, const Batch& batch) {
    for (const WorkingSetDep& dep : batch.set_deps) {
      const auto found = sets_.find(dep.set);
      if (found == sets_.end()) {
        if (!any_unreadable()) findings_.error(step, dep.column, fmt::format("there is no working set {}", dep.set));
        continue;
      }
      const auto& set = std::get<WorkingSet>(program_.steps[found->second].body);
      if (dep.last >= set.object_count())
        findings_.error(
            step, dep.column,
            fmt::format("working set {} has objects 0 to {}, not {}", dep.set, set.object_count() - 1, dep.last));
    }
  }

  void engine_allowed(const Step& step, const Batch& batch) {
    const Placement placement = placements_.place(batch);
    const std::string context = fmt::format("context {}", batch.context);
    const std::string_view engine = wsim_engine_name(batch.engine);
    const std::string hint = any_unreadable() ? std::string() : fmt::format("B.{}", batch.context);
    const auto column = step.column + static_cast<std::uint32_t>(fmt::format("{}.", batch.context).size());
    if (placement.fault == PlacementFault::not_in_map && !any_unreadable())
      findings_.error(step, column, fmt::format("{} is not in the engine map of {}", engine, context));
    if (placement.fault == PlacementFault::names_a_class && !any_unreadable())
      findings_.error(
          step, column,
          fmt::format("{} names no single engine, and {} has an engine map without load balancing", engine, context),
          hint);
    if (placement.foreign_name && foreign_.insert({batch.context, step.index}).second)
      findings_.notice(step, fmt::format("{} is not in the engine map of balanced {}: the batch goes to the virtual "
                                         "engine, as with gem_wsim",
                                         engine, context));
  }

  void ends(const Step& step, const Batch& batch) {
    if (ends_.terminated_at(step.index) == program_.steps.size())
      findings_.notice(step, "nothing terminates this unbounded batch: only a reset will end it");
    else if (batch.wait)
      findings_.notice(step, "the client waits here for a batch that only a later step of its own ends");
  }

  void sync_can_end(const Step& step, const Sync& sync) {
    const auto* batch = std::get_if<Batch>(&program_.steps[sync.target.step].body);
    if (batch == nullptr || !batch->duration.unbounded) return;
    const std::size_t end = ends_.terminated_at(sync.target.step);
    if (end != program_.steps.size() && end > step.index)
      findings_.notice(step, "the client waits here for a batch that only a later step of its own ends");
  }

  void fences_can_end(const Step& step, std::size_t target) {
    if (!any_unreadable() && ends_.needs_signal(target, step.index))
      findings_.notice(step, "the client waits here for a software fence that no step of its own before this signals");
  }

  const WsimProgram& program_;
  const std::vector<bool>& unreadable_;
  WsimFindings& findings_;
  Placements placements_;
  WsimEnds ends_;
  std::size_t first_unreadable_ = 0;
  // From an id to the step that defines it; `noticed_` and `foreign_` keep notices to one per subject.
  std::map<std::uint32_t, std::size_t> sets_, maps_, balanced_, spaces_, foreign_;
  std::map<std::string, std::size_t> noticed_;
};

}  // namespace

void WsimFindings::error(const Step& step, std::uint32_t column, std::string message, std::string suggestion) {
  problems.push_back({file, step.line, column, step.index, std::move(message), std::move(suggestion)});
}

void WsimFindings::notice(const Step& step, std::string message) {
  notices.push_back({step.index, step.line, step.column, std::move(message)});
}

void check_program(const WsimProgram& program, const std::vector<bool>& unreadable, WsimFindings& findings) {
  Checker(program, unreadable, findings).run();
}

}  // namespace gpusim::workload
