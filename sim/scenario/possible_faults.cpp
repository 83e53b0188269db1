// SPDX-License-Identifier: MIT
#include "sim/scenario/possible_faults.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include <fmt/core.h>

namespace gpusim::scenario {

namespace {

[[nodiscard]] bool stops_for_resets(const ScenarioSpec& spec) { return !is_jobqueue(spec, sched::jq::Shape::counter); }
[[nodiscard]] bool has_user_queues(const ScenarioSpec& spec) { return spec.component == Component::direct; }
[[nodiscard]] bool reads_doorbells(const ScenarioSpec& spec) {
  return abi::rings_engines(spec.device.descriptor) && spec.device.doorbell.value == hw::DoorbellValue::write_index;
}
[[nodiscard]] bool gives_up_resets(const ScenarioSpec& spec) { return spec.driver.reset_timeout.count() != 0; }

struct Row {
  fault::Kind kind;
  bool (*may_strike)(const ScenarioSpec& spec) = nullptr;  ///< none: whatever the machine is
  std::string_view because = {};                           ///< if not, why
  std::array<std::string_view, 2> asks = {};               ///< the keys that it asks
};

// One row for each kind, in the order of Kind.
constexpr std::array kRows{
    Row{fault::Kind::lost_interrupt},
    Row{fault::Kind::lost_doorbell},
    Row{fault::Kind::late_interrupt},
    Row{fault::Kind::duplicate_interrupt},
    Row{fault::Kind::delayed_doorbell},
    Row{fault::Kind::hung_job},
    Row{fault::Kind::slow_job},
    Row{fault::Kind::dropped_message},
    Row{fault::Kind::dropped_reply},
    Row{fault::Kind::firmware_stall},
    Row{fault::Kind::reset,
        &stops_for_resets,
        "a device reset stops and starts queues, which scheduler.jobqueue = \"counter\" does not have",
        {"scheduler.jobqueue", "scheduler.component"}},
    Row{fault::Kind::unplug},
    Row{fault::Kind::kill},
    Row{fault::Kind::evict,
        &has_user_queues,
        "only queues in user mode are evicted, which are there with scheduler.component = \"direct\" alone",
        {"scheduler.component"}},
    Row{fault::Kind::firmware_crash},
    Row{fault::Kind::failed_engine_reset},
    Row{fault::Kind::failed_device_reset,
        &gives_up_resets,
        "a driver with driver.reset_timeout = 0 would wait for the end of that reset for ever",
        {"driver.reset_timeout"}},
    Row{fault::Kind::delayed_message},
    Row{fault::Kind::corrupted_message},
    Row{fault::Kind::corrupted_reply},
    Row{fault::Kind::stuck_acknowledgement},
    Row{fault::Kind::lost_reply_interrupt},
    Row{fault::Kind::late_reply_interrupt},
    Row{fault::Kind::duplicate_reply_interrupt},
    Row{fault::Kind::link_error},
    Row{fault::Kind::page_fault},
    Row{fault::Kind::torn_doorbell,
        &reads_doorbells,
        "nothing reads the value of a doorbell but an engine, with device.doorbell.route = \"direct\" and "
        "device.doorbell.value = \"write_index\"",
        {"device.doorbell.route", "device.doorbell.value"}},
};
static_assert(kRows.size() == fault::kKinds);
static_assert(std::all_of(kRows.begin(), kRows.end(),
                          [](const Row& row) { return row.kind == kRows[static_cast<std::size_t>(row.kind)].kind; }));

[[nodiscard]] const Row& row_of_kind(fault::Kind kind) { return kRows[static_cast<std::size_t>(kind)]; }

void refuse(const Row& row, const Slot& fault, std::string_view key, const Settings& settings,
            std::vector<Problem>& problems) {
  const Slot* last = &fault;
  for (const std::string_view path : row.asks) {
    if (path.empty()) continue;
    const Slot& asked = settings.at(path);
    if (asked.is_broken) return;
    if (asked.layer > last->layer) last = &asked;
  }
  if (!fault.is_broken) problems.push_back({last->setting.place, fmt::format("{}: {}", key, row.because), {}});
}

}  // namespace

std::string_view why_impossible(fault::Kind kind, const ScenarioSpec& spec) {
  const Row& row = row_of_kind(kind);
  return row.may_strike == nullptr || row.may_strike(spec) ? std::string_view{} : row.because;
}

void refuse_impossible_faults(const Settings& settings, const ScenarioSpec& spec, std::vector<Problem>& problems) {
  for (const Row& row : kRows) {
    if (why_impossible(row.kind, spec).empty()) continue;
    const std::string path = fmt::format("fault.{}", explored(row.kind).place.name());
    for (const Parameter& parameter : parameters().subspan(1)) {
      const Slot& fault = settings.slots()[parameter.index];
      if (parameter.path == path && fault.setting.value.number != 0) refuse(row, fault, path, settings, problems);
    }
  }
  for (std::size_t i = 0; i < settings.faults().size(); ++i) {
    const FaultSettings& fault = settings.faults()[i];
    const Slot& kind = fault.at("faults.kind");
    if (!kind.is_given || kind.is_broken || why_impossible(spec.fault.aimed[i].kind, spec).empty()) continue;
    refuse(row_of_kind(spec.fault.aimed[i].kind), kind, fault.shown + ".kind", settings, problems);
  }
}

}  // namespace gpusim::scenario
