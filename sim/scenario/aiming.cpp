// SPDX-License-Identifier: MIT
#include "sim/scenario/aiming.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "base/closest.h"
#include "sim/fault/aimed_kinds.h"
#include "sim/scenario/client_names.h"
#include "sim/scenario/queue_names.h"

namespace gpusim::scenario {

namespace {

class Aiming {
 public:
  Aiming(const FaultSettings& settings, const ScenarioSpec& spec, fault::AimedFault& fault,
         std::vector<Problem>& problems)
      : settings_{settings},
        spec_{spec},
        fault_{fault},
        kind_{*fault::aimed_kind(fault.kind)},
        occasion_{row_of(kind_.occasion)},
        problems_{problems} {}

  void check() {
    if (!fault_.client.empty()) client();
    if (!fault_.queue.empty()) queue();
    if (!fault_.engine.empty()) engine();
    if (fault_.until.count() != 0 && fault_.until <= fault_.from) {
      add("until", "until is not after from: it could never strike");
    }
    if (settings_.at("faults.delay").is_given && !kind_.has_delay) add("delay", does_not_take("delay"));
    if (settings_.at("faults.factor").is_given && !kind_.has_factor) add("factor", does_not_take("factor"));
  }

 private:
  void add(std::string_view key, std::string what, std::string suggestion = {}) {
    const Slot& slot = settings_.at(fmt::format("faults.{}", key));
    if (slot.is_broken) return;
    const Place place = slot.is_given ? slot.setting.place : settings_.place;
    problems_.push_back({place, fmt::format("{}.{}: {}", settings_.shown, key, what), std::move(suggestion)});
  }

  [[nodiscard]] std::string_view name() const { return explored(fault_.kind).place.name(); }
  [[nodiscard]] std::string does_not_take(std::string_view key) const {
    return fmt::format("{} does not read {}", name(), key);
  }
  [[nodiscard]] std::string cannot(std::string_view aim, std::string_view because) const {
    return fmt::format("{} cannot be aimed at {}: {}", name(), aim, because);
  }
  [[nodiscard]] bool has_shared_rings() const { return spec_.driver.rings != drv::Rings::own; }

  void client() {
    if (!occasion_.no_queue_because.empty()) return add("client", cannot("a client", occasion_.no_queue_because));
    if (has_shared_rings()) {
      return add("client", cannot("a client",
                                  "clients share rings (driver.rings), and the device knows no others; a "
                                  "ring is named as queue"));
    }
    if (has_client(spec_, fault_.client)) return;
    add("client", fmt::format("there is no client '{}'", fault_.client), closest_client(spec_, fault_.client));
  }

  void queue() {
    if (!occasion_.no_queue_because.empty()) return add("queue", cannot("a queue", occasion_.no_queue_because));
    std::vector<std::string> names = queue_names(spec_);
    const auto is_unknown = [](const std::string& name) { return !name.ends_with(".ring"); };
    if (has_shared_rings()) std::erase_if(names, is_unknown);
    const bool exists = has_shared_rings() ? std::find(names.begin(), names.end(), fault_.queue) != names.end()
                                           : may_have_queue(spec_, fault_.queue);
    if (!exists) {
      const std::vector<std::string_view> candidates{names.begin(), names.end()};
      return add("queue",
                 fmt::format("there is no queue '{}'{}", fault_.queue,
                             has_shared_rings() ? " on a device whose rings clients share (driver.rings)" : ""),
                 closest(fault_.queue, candidates));
    }
    if (!fault_.client.empty() && !fault_.queue.starts_with(fault_.client + ".")) {
      add("queue", fmt::format("'{}' is no queue of client '{}'", fault_.queue, fault_.client));
    }
  }

  void engine() {
    if (occasion_.engine_aims == fault::EngineAims::none) {
      return add("engine", cannot("an engine", occasion_.no_engine_because));
    }
    const abi::DeviceDescriptor& device = spec_.device.descriptor;
    const std::vector<std::string> engines = engine_names(spec_);
    std::vector<std::string_view> candidates{engines.begin(), engines.end()};
    std::uint64_t found = 0;
    std::uint64_t vectors = 0;
    for (std::uint32_t i = 0; i < device.engine_count; ++i) {
      const abi::EngineClass engine_class = device.engines[i].engine_class;
      const std::string_view class_name = abi::kEngineClassNames[static_cast<std::size_t>(engine_class)];
      candidates.push_back(class_name);
      const bool is_class = fault_.engine == class_name;
      if (!is_class && fault_.engine != engines[i]) continue;
      if (!is_class && occasion_.engine_aims == fault::EngineAims::classes) {
        return add("engine", cannot("one engine", occasion_.no_engine_because), std::string{class_name});
      }
      found |= std::uint64_t{1} << i;
      vectors |= std::uint64_t{1} << abi::completion_vector(engine_class);
    }
    if (found == 0) {
      return add("engine", fmt::format("the device has no engine '{}'", fault_.engine),
                 closest(fault_.engine, candidates));
    }
    fault_.units = occasion_.engine_aims == fault::EngineAims::classes ? vectors : found;
  }

  const FaultSettings& settings_;
  const ScenarioSpec& spec_;
  fault::AimedFault& fault_;
  const fault::AimedKind& kind_;
  const fault::OccasionRow& occasion_;
  std::vector<Problem>& problems_;
};

}  // namespace

void aim_faults(const Settings& settings, ScenarioSpec& spec, std::vector<Problem>& problems) {
  for (std::size_t i = 0; i < settings.faults().size(); ++i) {
    const Slot& kind = settings.faults()[i].at("faults.kind");
    if (!kind.is_given || kind.is_broken) continue;
    Aiming{settings.faults()[i], spec, spec.fault.aimed[i], problems}.check();
  }
}

}  // namespace gpusim::scenario
