// SPDX-License-Identifier: MIT
#include "sim/scenario/settings.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/core.h>

#include "base/closest.h"
#include "base/invariant.h"
#include "sim/scenario/unit_hints.h"

namespace gpusim::scenario {

namespace {

[[nodiscard]] std::string join(const std::string& section, std::string_view key) {
  return section.empty() ? std::string{key} : fmt::format("{}.{}", section, key);
}

[[nodiscard]] std::string closest_key(std::string_view key, const std::vector<std::string>& keys) {
  const std::vector<std::string_view> candidates{keys.begin(), keys.end()};
  return gpusim::closest(key, candidates);
}

[[nodiscard]] std::vector<std::string_view> words_of(std::string_view key) {
  std::vector<std::string_view> words;
  while (!key.empty()) {
    const std::size_t end = std::min(key.find('_'), key.size());
    words.push_back(key.substr(0, end));
    key.remove_prefix(std::min(end + 1, key.size()));
  }
  return words;
}

// "dropped_message" of "message_lost": the key that has most letters in whole words of at least four in common.
[[nodiscard]] std::string with_same_words(std::string_view key, const std::vector<std::string>& keys) {
  constexpr std::size_t enough = 4;
  std::string found;
  std::size_t most = 0;
  for (const std::string& candidate : keys) {
    const std::vector<std::string_view> others = words_of(candidate);
    std::size_t letters = 0;
    for (const std::string_view word : words_of(key)) {
      const bool is_there = std::find(others.begin(), others.end(), word) != others.end();
      if (word.size() >= enough && is_there) letters += word.size();
    }
    if (letters <= most) continue;
    most = letters;
    found = candidate;
  }
  return found;
}

// "client.cycles" shown as "client.web.cycles", "faults.nth" as "faults.2.nth".
[[nodiscard]] std::string shown(const std::string& path, const std::string& shown_root) {
  return shown_root.empty() ? path : shown_root + path.substr(path.find('.'));
}

// The same key in another section, if there is exactly one.
[[nodiscard]] std::string elsewhere(std::span<const Parameter> table, std::string_view key) {
  std::string found;
  for (const Parameter& parameter : table) {
    if (parameter.path.empty() || parameter.kind ||
        !match_key({&parameter, 1}, join(std::string{parameter.section()}, key)).parameter) {
      continue;
    }
    if (!found.empty()) return {};
    found = join(std::string{parameter.section()}, key);
  }
  return found;
}

// "client.cycles" of "cycles", which stands in no table.
[[nodiscard]] std::string of_a_client(const std::string& section, std::string_view key) {
  const std::string path = join("client", key);
  return section.empty() && match_key(client_parameters(), path).parameter != nullptr ? path : "";
}

// "device.quantum_us" of "quantum", "work_us" of "work_sec": what is meant in a unit that we have, of several the one
// in the shortest section.
[[nodiscard]] std::string in_our_unit(std::span<const Parameter> table, const std::string& section,
                                      std::string_view key) {
  const Parameter* found = nullptr;
  for (const std::string_view name : {key, key.substr(0, key.rfind('_'))}) {
    for (const Parameter& parameter : table) {
      const bool is_it = !parameter.path.empty() && parameter.has_unit() &&
                         parameter.path.substr(parameter.path.rfind('.') + 1) == name;
      if (is_it && (found == nullptr || parameter.section().size() < found->section().size())) found = &parameter;
    }
    if (found != nullptr) break;
  }
  if (found == nullptr) return {};
  return found->section() == section ? found->key() : join(std::string{found->section()}, found->key());
}

// In our unit in this section, or with the same words in it, or in our unit elsewhere.
[[nodiscard]] std::string in_unit_or_words(std::span<const Parameter> table, const std::string& section,
                                           std::string_view key, const std::vector<std::string>& keys) {
  std::string in_unit = in_our_unit(table, section, key);
  const bool is_here = !in_unit.empty() && in_unit.find('.') == std::string::npos;
  if (is_here || section.empty()) return in_unit;
  std::string same = with_same_words(key, keys);
  return same.empty() ? in_unit : same;
}

// The section of the machine in which the key would be valid.
[[nodiscard]] std::string inside(std::string_view section, const std::string& key) {
  std::string path = join(std::string{section}, key);
  if (is_section(parameters(), path)) return path;
  path = elsewhere(parameters(), key);
  return path.starts_with(std::string{section} + ".") ? path : "";
}

}  // namespace

std::optional<WorkloadKind> ClientSettings::kind() const {
  const Slot& slot = at("client.workload");
  if (!slot.is_given || slot.is_broken) return std::nullopt;
  return static_cast<WorkloadKind>(slot.setting.value.number);
}

const Slot& ClientSettings::at(std::string_view path) const {
  const std::span<const Parameter> table = client_parameters();
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (table[i].path == path && (!table[i].kind || table[i].kind == kind())) return slots[i];
  }
  violate("parameter_table", fmt::format("there is no client parameter '{}' for this workload", path));
}

std::vector<Slot> default_slots(std::span<const Parameter> table) {
  std::vector<Slot> slots(table.size());
  for (std::size_t i = 0; i < table.size(); ++i) {
    slots[i].setting = {table[i].fallback, {}, table[i].tag, std::string{table[i].source}};
  }
  return slots;
}

Settings::Settings() : slots_{default_slots(parameters())} {}

void Settings::read_scenario(const Node& document, std::vector<Problem>& problems) {
  for (const Entry& entry : document.table) {
    if (entry.key == "client") {
      read_clients(entry, problems);
    } else if (entry.key == "faults") {
      read_faults(entry, problems);
    } else if (entry.key == "expect") {
      read_expectations(entry, expectations_, problems);
    } else {
      read_top(entry, Layer::scenario, problems);
    }
  }
}

void Settings::read_override(const Node& document, std::uint32_t number, std::vector<Problem>& problems) {
  for (const Entry& entry : document.table) {
    if (entry.key == "client") {
      override_clients(entry, command_line_layer(number), problems);
    } else if (entry.key == "faults") {
      override_faults(entry, command_line_layer(number), problems);
    } else if (entry.key == "expect") {
      override_expectations(entry, expectations_, problems);
    } else {
      read_top(entry, command_line_layer(number), problems);
    }
  }
}

// What a preset may have besides its own section: a device its driver, a driver what it passes to the scheduler.
static std::string_view companion(std::string_view section) {
  if (section == "device") return "use";
  return section == "driver" ? "scheduler" : "";
}

// What a preset says of itself.
static bool is_about_itself(const Entry& entry) { return entry.key == "description" || entry.key == "former_names"; }

static std::string sections_of(std::string_view section) {
  if (companion(section).empty()) return fmt::format("a description and [{}]", section);
  return fmt::format("a description, [{}] and [{}]", section, companion(section));
}

void Settings::read_preset(const Node& document, std::string_view section, std::vector<Problem>& problems) {
  for (const Entry& entry : document.table) {
    if (is_about_itself(entry)) {
      if (entry.value.kind != Node::Kind::text) {
        problems.push_back(
            {entry.value.place, fmt::format("{} must be a string, not {}", entry.key, describe(entry.value)), {}});
      }
    } else if (entry.key == section || entry.key == companion(section)) {
      read_top(entry, Layer::preset, problems);
    } else {
      problems.push_back({entry.place,
                          fmt::format("a {} preset has {}, not '{}'", section, sections_of(section), entry.key),
                          inside(section, entry.key)});
    }
  }
}

// Nothing but what a preset may have, and its own section.
static bool looks_like_preset(const Node& document, std::string_view section) {
  return document.find(section) != nullptr &&
         std::all_of(document.table.begin(), document.table.end(), [&](const Entry& entry) {
           return is_about_itself(entry) || entry.key == section || entry.key == companion(section);
         });
}

void Settings::set(std::string_view path, Setting setting, Layer layer) {
  Slot& slot = slots_[parameter_at(path).index];
  slot.setting = std::move(setting);
  slot.layer = layer;
  slot.is_given = true;
}

void Settings::read_top(const Entry& entry, Layer layer, std::vector<Problem>& problems) {
  Node single;
  single.kind = Node::Kind::table;
  single.table.push_back(entry);
  read_table(single, "", {parameters(), &slots_, std::nullopt, {}, layer, &problems});
}

void Settings::read_table(const Node& table, const std::string& section, const Reading& reading) {
  for (const Entry& entry : table.table) {
    const std::string path = join(section, entry.key);
    const KeyMatch match = match_key(reading.table, path, reading.kind);
    if (match.parameter != nullptr) {
      read_value(entry, match, shown(path, reading.shown_root), reading);
    } else if (!is_section(reading.table, path)) {
      unknown_key(entry, section, path, reading);
    } else if (entry.value.kind == Node::Kind::table) {
      read_table(entry.value, path, reading);
    } else {
      reading.problems->push_back({entry.value.place,
                                   fmt::format("{} must be a table, not {}", path, describe(entry.value)),
                                   path == "device" || path == "driver" || path == "host" ? "use." + path : ""});
    }
  }
}

void Settings::read_value(const Entry& entry, const KeyMatch& match, const std::string& shown, const Reading& reading) {
  Slot& slot = (*reading.slots)[static_cast<std::size_t>(match.parameter - reading.table.data())];
  if (slot.is_given && slot.layer == reading.layer) {
    reading.problems->push_back(
        {entry.place, fmt::format("'{}' says again what '{}' has said", entry.key, slot.unit_key), {}});
    return;
  }
  std::optional<Setting> setting = read_setting(entry.value, *match.parameter, match.unit, shown, *reading.problems);
  if (reading.layer == Layer::preset && setting) slot.of_preset = setting->value;
  if (slot.is_given && slot.layer > reading.layer) return;  // checked, and overridden
  slot.is_given = true;
  slot.is_broken = !setting.has_value();
  slot.layer = reading.layer;
  slot.unit_key = entry.key;
  if (setting) slot.setting = *std::move(setting);
}

void Settings::unknown_key(const Entry& entry, const std::string& section, const std::string& path,
                           const Reading& reading) {
  const std::string name = shown(path, reading.shown_root);
  std::vector<Problem>& problems = *reading.problems;
  for (const Parameter& parameter : reading.table) {
    if (parameter.path.empty()) continue;
    if (parameter.has_unit() && parameter.path == path &&
        (!reading.kind || !parameter.kind || parameter.kind == reading.kind)) {
      problems.push_back({entry.place, fmt::format("'{}' names no unit (_ps, _ns, _us or _ms)", name),
                          with_unit(parameter, entry.value)});
      return;
    }
  }
  if (reading.kind && match_key(reading.table, path).parameter != nullptr) {
    std::string kinds;
    for (std::size_t i = 0; i < kWorkloadNames.size(); ++i) {
      if (match_key(reading.table, path, static_cast<WorkloadKind>(i)).parameter == nullptr) continue;
      kinds += (kinds.empty() ? "" : ", ") + std::string{kWorkloadNames[i]};
    }
    problems.push_back({entry.place,
                        fmt::format("'{}' is a key of workload {}, not of {}", name, kinds,
                                    kWorkloadNames[static_cast<std::size_t>(*reading.kind)]),
                        {}});
    return;
  }
  std::vector<std::string> keys = keys_of(reading.table, section, reading.kind);
  if (section.empty()) keys.insert(keys.end(), {"client", "faults", "expect"});
  std::string suggestion = closest_key(entry.key, keys);
  if (suggestion.empty()) suggestion = elsewhere(reading.table, entry.key);
  if (suggestion.empty()) suggestion = of_a_client(section, entry.key);
  if (suggestion.empty()) suggestion = in_unit_or_words(reading.table, section, entry.key, keys);
  if (suggestion.empty()) suggestion = in_our_unit(parameters(), section, entry.key);
  problems.push_back({entry.place, fmt::format("unknown key '{}'", name), std::move(suggestion)});
}

void Settings::read_clients(const Entry& entry, std::vector<Problem>& problems) {
  names_clients_ = true;
  if (entry.value.kind != Node::Kind::list) {
    problems.push_back({entry.place, "clients are written as [[client]], one after the other", {}});
    return;
  }
  for (const Node& node : entry.value.list) {
    if (node.kind != Node::Kind::table) {
      problems.push_back({node.place, "a client must be a table, not " + describe(node), {}});
      continue;
    }
    ClientSettings client{node.place, "client", default_slots(client_parameters())};
    if (const Entry* name = node.find("name"); name != nullptr && name->value.kind == Node::Kind::text) {
      client.shown += "." + name->value.text;
    }
    // Its kind first: it says which keys there are.
    Node kind;
    Node rest;
    for (const Entry& key : node.table) (key.key == "workload" ? kind : rest).table.push_back(key);
    Reading reading{client_parameters(), &client.slots, std::nullopt, client.shown, Layer::scenario, &problems};
    read_table(kind, "client", reading);
    reading.kind = client.kind();
    read_table(rest, "client", reading);
    clients_.push_back(std::move(client));
  }
}

void Settings::override_clients(const Entry& entry, Layer layer, std::vector<Problem>& problems) {
  std::vector<std::string> names;
  names.reserve(clients_.size());
  for (const ClientSettings& client : clients_) names.push_back(client.at("client.name").setting.value.text);
  for (const Entry& named : entry.value.table) {
    const auto found = std::find(names.begin(), names.end(), named.key);
    if (found != names.end() && named.value.kind == Node::Kind::table) {
      override_client(clients_[static_cast<std::size_t>(found - names.begin())], named.value, layer, problems);
    } else if (clients_.size() == 1 && named.value.kind != Node::Kind::table) {
      override_client(clients_.front(), entry.value, layer, problems);
      return;
    } else if (named.value.kind != Node::Kind::table) {
      problems.push_back({named.place, "with several clients a key is set as client.NAME.KEY", {}});
    } else {
      problems.push_back(
          {named.place, fmt::format("there is no client '{}'", named.key), closest_key(named.key, names)});
    }
  }
  if (entry.value.table.empty()) problems.push_back({entry.place, "a client's key is set as client.NAME.KEY", {}});
}

void Settings::override_client(ClientSettings& client, const Node& keys, Layer layer, std::vector<Problem>& problems) {
  if (const Entry* kind = keys.find("workload")) {
    problems.push_back({kind->place, "the workload of a client cannot be set from outside of its scenario", {}});
    return;
  }
  read_table(keys, "client", {client_parameters(), &client.slots, client.kind(), client.shown, layer, &problems});
}

void Settings::check_complete(const std::string& file, const Node& document, std::vector<Problem>& problems) const {
  if (!names_clients_) {
    std::string what = "there is no [[client]]";
    for (const std::string_view section : {"device", "driver", "host"}) {
      if (!looks_like_preset(document, section)) continue;
      what += fmt::format("; if this is a preset, a scenario names it: use.{} = \"...\"", section);
    }
    problems.push_back({{file, 0, 0}, std::move(what), {}});
  }
  check_faults_complete(problems);
  const std::span<const Parameter> table = client_parameters();
  for (const ClientSettings& client : clients_) {
    for (std::size_t i = 0; i < table.size(); ++i) {
      if (!table[i].is_required || client.slots[i].is_given) continue;
      if (table[i].kind && table[i].kind != client.kind()) continue;
      problems.push_back({client.place, fmt::format("missing key '{}.{}'", client.shown, table[i].key()), {}});
    }
  }
}

}  // namespace gpusim::scenario
