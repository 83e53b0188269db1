// SPDX-License-Identifier: MIT
#include "sim/scenario/resolved.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include <fmt/core.h>

#include "sim/fault/aimed_kinds.h"

namespace gpusim::scenario {

namespace {

[[nodiscard]] Picoseconds duration_of(const Parameter& parameter, const Value& value) {
  if (!parameter.has_unit()) return Picoseconds{0};
  return Picoseconds{parameter.type == Type::duration_range ? value.high : value.number};
}

[[nodiscard]] std::optional<Picoseconds> shortest_of(const Parameter& parameter, const Value& value) {
  if (parameter.type != Type::duration_range) return std::nullopt;
  return Picoseconds{value.number};
}

[[nodiscard]] ResolvedParameter resolve_one(const Parameter& parameter, const Slot& slot, std::string path) {
  const Setting& setting = slot.setting;
  return {.path = std::move(path),
          .value = value_text(parameter, setting.value),
          .origin = to_string(setting.place),
          .tag = setting.tag,
          .source = setting.source,
          .cause = parameter.cause,
          .is_of_preset = slot.is_of_preset() && setting.value != parameter.fallback,
          .section = std::string{parameter.section()},
          .duration = duration_of(parameter, setting.value),
          .shortest = shortest_of(parameter, setting.value),
          .quantiles = setting.value.quantiles,
          .toml = toml_text(parameter, setting.value)};
}

// In lines, so that it can be read.
[[nodiscard]] std::string program_toml(const std::string& text) {
  std::string quoted = "\"\"\"\n";
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string line = toml_string(text.substr(begin, end - begin));
    quoted += line.substr(1, line.size() - 2);
    if (end < text.size()) quoted += '\n';
    begin = end + 1;
  }
  return quoted + "\"\"\"";
}

[[nodiscard]] std::vector<ResolvedParameter> resolve_client(const ClientSettings& client, const ProgramText& program) {
  std::vector<ResolvedParameter> rows;
  const std::span<const Parameter> table = client_parameters();
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (table[i].kind && table[i].kind != client.kind()) continue;
    if (table[i].path == "client.file") continue;  // its text stands in its place
    const std::string path = client.shown + std::string{table[i].path.substr(std::string_view{"client"}.size())};
    ResolvedParameter row = resolve_one(table[i], client.slots[i], path);
    if (table[i].path == "client.program") {
      row.value = fmt::format("{} steps", program.steps);
      if (!program.file.empty()) {
        const Setting& file = client.at("client.file").setting;
        row.origin = program.file;
        row.tag = file.tag;
        row.source = file.source;
      }
      row.toml.value = program_toml(program.text);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

[[nodiscard]] bool is_read_by(const fault::AimedKind& kind, std::string_view path) {
  if (path == "faults.delay") return kind.has_delay;
  return path != "faults.factor" || kind.has_factor;
}

[[nodiscard]] std::vector<ResolvedParameter> resolve_fault(const FaultSettings& fault) {
  std::vector<ResolvedParameter> rows;
  const auto number = static_cast<std::size_t>(fault.at("faults.kind").setting.value.number);
  const std::span<const Parameter> table = fault_parameters();
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (!is_read_by(fault::kAimedKinds[number], table[i].path)) continue;
    const std::string path = fault.shown + std::string{table[i].path.substr(std::string_view{"faults"}.size())};
    rows.push_back(resolve_one(table[i], fault.slots[i], path));
  }
  return rows;
}

[[nodiscard]] bool names_a_preset(const ResolvedParameter& row) { return row.section == "use"; }

void write_expectations(std::ostream& out, std::vector<Expectation> expectations) {
  if (expectations.empty()) return;
  out << "\n[expect]\n";
  const auto by_metric = [](const Expectation& a, const Expectation& b) { return a.metric < b.metric; };
  std::sort(expectations.begin(), expectations.end(), by_metric);
  for (auto from = expectations.begin(); from != expectations.end();) {
    const auto to = std::upper_bound(from, expectations.end(), *from, by_metric);
    out << from->metric << " = [";
    for (auto one = from; one != to; ++one) out << (one == from ? "" : ", ") << toml_string(one->condition);
    out << "]\n";
    from = to;
  }
}

void write_row(std::ostream& out, const ResolvedParameter& row) {
  out << row.toml.key << " = ";
  if (row.tag == 'U' && !row.is_of_preset) {
    out << row.toml.value << '\n';
    return;
  }
  out << "{ v = " << row.toml.value;
  if (row.tag != 'U') out << ", tag = \"" << row.tag << '"';
  if (!row.source.empty()) out << ", src = " << toml_string(row.source);
  if (row.is_of_preset) out << ", preset = true";
  out << " }\n";
}

}  // namespace

Resolved resolve(const std::string& from, const Settings& settings, const std::vector<ProgramText>& programs) {
  Resolved resolved;
  resolved.from = from;
  resolved.machine.emplace_back();
  for (const Parameter& parameter : parameters().subspan(1)) {
    resolved.machine.push_back(resolve_one(parameter, settings.slots()[parameter.index], std::string{parameter.path}));
  }
  resolved.expectations = settings.expectations();
  for (std::size_t i = 0; i < settings.clients().size(); ++i) {
    resolved.clients.push_back(resolve_client(settings.clients()[i], programs[i]));
  }
  for (const FaultSettings& fault : settings.faults()) resolved.faults.push_back(resolve_fault(fault));
  return resolved;
}

void write_resolved_toml(std::ostream& out, const Resolved& resolved, const BuildInfo& build) {
  if (!build.version.empty()) out << "# " << build.text() << '\n';
  out << "# " << in_one_line(std::filesystem::path{resolved.from}.filename().string())
      << " with all that it uses; loads as it stands.\n";
  for (const ResolvedParameter& row : resolved.machine) {
    if (names_a_preset(row) && !row.value.empty()) out << "# " << row.path << " = " << row.toml.value << '\n';
  }
  std::string section;
  for (std::size_t i = 1; i < resolved.machine.size(); ++i) {
    const ResolvedParameter& row = resolved.machine[i];
    if (names_a_preset(row)) continue;
    if (row.section != section) {
      section = row.section;
      out << "\n[" << section << "]\n";
    }
    write_row(out, row);
  }
  write_expectations(out, resolved.expectations);
  for (const std::vector<ResolvedParameter>& client : resolved.clients) {
    out << "\n[[client]]\n";
    for (const ResolvedParameter& row : client) write_row(out, row);
  }
  for (const std::vector<ResolvedParameter>& fault : resolved.faults) {
    out << "\n[[faults]]\n";
    for (const ResolvedParameter& row : fault) write_row(out, row);
  }
}

std::vector<trace::ParameterCharge> charges_of(const Resolved& resolved, const std::vector<Picoseconds>& totals) {
  std::vector<trace::ParameterCharge> result;
  for (std::size_t i = 1; i < totals.size() && i < resolved.machine.size(); ++i) {
    if (totals[i].count() == 0) continue;
    const ResolvedParameter& parameter = resolved.machine[i];
    result.push_back({parameter.path, parameter.tag, parameter.cause, totals[i]});
  }
  // The work that the clients asked for: CostLedger's 0, and DeviceSpec::estimated_work.
  const auto add_work = [&](const char* name, char tag, std::size_t index) {
    if (index >= totals.size() || totals[index].count() == 0) return;
    result.push_back({name, tag, trace::Cause::work, totals[index]});
  };
  add_work("clients' work", 'U', 0);
  add_work("clients' work, estimated", 'E', resolved.machine.size());
  return result;
}

bool has_estimated_load(const Resolved& resolved) {
  const auto threads = std::find_if(resolved.machine.begin(), resolved.machine.end(),
                                    [](const ResolvedParameter& row) { return row.path == "host.background.threads"; });
  if (threads == resolved.machine.end() || threads->toml.value == "0") return false;
  return std::any_of(resolved.machine.begin(), resolved.machine.end(), [](const ResolvedParameter& row) {
    return row.path.starts_with("host.background.") && trace::is_uncertain(row.tag);
  });
}

}  // namespace gpusim::scenario
