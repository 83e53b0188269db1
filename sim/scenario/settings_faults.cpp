// SPDX-License-Identifier: MIT
// [[faults]] of a scenario, and of the command line: faults.2.nth is a key of the second.
#include <charconv>
#include <utility>

#include <fmt/core.h>

#include "base/invariant.h"
#include "sim/fault/aimed_kinds.h"
#include "sim/scenario/settings.h"

namespace gpusim::scenario {

const Slot& FaultSettings::at(std::string_view path) const {
  const std::span<const Parameter> table = fault_parameters();
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (table[i].path == path) return slots[i];
  }
  violate("parameter_table", fmt::format("there is no fault parameter '{}'", path));
}

void Settings::read_faults(const Entry& entry, std::vector<Problem>& problems) {
  if (entry.value.kind != Node::Kind::list) {
    problems.push_back({entry.place, "faults are written as [[faults]], one after the other", {}});
    return;
  }
  for (const Node& node : entry.value.list) {
    FaultSettings fault{node.place, fmt::format("faults.{}", faults_.size() + 1), default_slots(fault_parameters())};
    if (node.kind == Node::Kind::table) {
      read_fault(fault, node, Layer::scenario, problems);
    } else {
      problems.push_back({node.place, fmt::format("{} must be a table, not {}", fault.shown, describe(node)), {}});
    }
    faults_.push_back(std::move(fault));
  }
}

void Settings::read_fault(FaultSettings& fault, const Node& keys, Layer layer, std::vector<Problem>& problems) {
  read_table(keys, "faults", {fault_parameters(), &fault.slots, std::nullopt, fault.shown, layer, &problems});
}

void Settings::override_faults(const Entry& entry, Layer layer, std::vector<Problem>& problems) {
  if (entry.value.kind != Node::Kind::table) {
    problems.push_back({entry.place, "a key of the second of [[faults]] is set as faults.2.KEY", {}});
    return;
  }
  for (const Entry& one : entry.value.table) {
    std::size_t number = 0;
    const char* const end = one.key.data() + one.key.size();
    const bool is_number = std::from_chars(one.key.data(), end, number).ptr == end && number > 0;
    if (!is_number || one.value.kind != Node::Kind::table) {
      problems.push_back({one.place, "a key of the second of [[faults]] is set as faults.2.KEY", {}});
    } else if (number > faults_.size()) {
      problems.push_back(
          {one.place, fmt::format("there is no faults.{}: the scenario has {} of them", number, faults_.size()), {}});
    } else {
      read_fault(faults_[number - 1], one.value, layer, problems);
    }
  }
}

void Settings::check_faults_complete(std::vector<Problem>& problems) const {
  for (const FaultSettings& fault : faults_) {
    if (!fault.at("faults.kind").is_given) {
      problems.push_back({fault.place, fmt::format("missing key '{}.kind'", fault.shown), {}});
    }
  }
}

}  // namespace gpusim::scenario
