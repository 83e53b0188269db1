// SPDX-License-Identifier: MIT
// What is written from the parameter table: the tables of docs/scenario.md, and the presets that say what the built-in
// defaults are. With GPUSIM_UPDATE=1 in the environment they are written anew instead of compared.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <span>
#include <sstream>
#include <string>
#include <string_view>

#include "base/read_file.h"
#include "sim/fault/aimed_kinds.h"
#include "sim/scenario/parameter_table.h"
#include "sim/scenario/values.h"
#include "tests/docs/markdown.h"
#include "tests/docs/marked_block.h"
#include "tests/docs/repository.h"
#include "tests/support/catch.h"

using namespace gpusim;
using namespace gpusim::scenario;
using gpusim::test::cell;

namespace {

[[nodiscard]] std::string type_text(const Parameter& parameter) {
  switch (parameter.type) {
    case Type::duration:
      return parameter.min == 0 ? "duration"
                                : "duration, " + value_text(parameter, {parameter.min, 0, {}}) + " or more";
    case Type::duration_range:
      return "duration or [min, max]";
    case Type::latency:
      return "duration or quantiles";
    case Type::engine:
      return "engine";
    case Type::integer: {
      if (parameter.max == INT64_MAX) return "integer, " + std::to_string(parameter.min) + " or more";
      return "integer, " + std::to_string(parameter.min) + ".." + std::to_string(parameter.max);
    }
    case Type::boolean:
    case Type::text:
    case Type::name:
    case Type::choice:
      break;
  }
  return expected(parameter, parameter.unit);
}

[[nodiscard]] std::string default_text(const Parameter& parameter) {
  if (parameter.is_required) return "required";
  const std::string text = value_text(parameter, parameter.fallback);
  return text.empty() ? "none" : text;
}

void write_table(std::ostream& out, std::span<const Parameter> rows, bool has_sources) {
  out << "| key | value | default |" << (has_sources ? " tag, source of the default | cause |" : "") << " meaning |\n"
      << "|---|---|---|" << (has_sources ? "---|---|" : "") << "---|\n";
  for (const Parameter& parameter : rows) {
    out << "| `" << parameter.key() << "` | " << cell(type_text(parameter)) << " | " << cell(default_text(parameter));
    if (has_sources) {
      out << " | " << parameter.tag << (parameter.source.empty() ? "" : ": ") << cell(parameter.source) << " | "
          << (parameter.cause ? trace::to_string(*parameter.cause) : "-");
    }
    out << " | " << cell(parameter.doc) << " |\n";
  }
  out << '\n';
}

// Calls function(rows) for each run of rows that stand in one section and belong to one kind of workload.
template <class Function>
void for_each_group(std::span<const Parameter> table, Function function) {
  while (!table.empty()) {
    const Parameter& first = table.front();
    const auto end = std::find_if(table.begin(), table.end(), [&](const Parameter& parameter) {
      return parameter.section() != first.section() || parameter.kind != first.kind;
    });
    const auto size = static_cast<std::size_t>(end - table.begin());
    function(table.first(size));
    table = table.subspan(size);
  }
}

void write_keys(std::ostream& out) {
  for_each_group(parameters().subspan(1), [&out](std::span<const Parameter> rows) {
    const std::string section{rows.front().section()};
    out << "### " << (section.empty() ? "Top level" : "`[" + section + "]`") << "\n\n";
    const bool has_sources = std::any_of(rows.begin(), rows.end(), [](const Parameter& row) { return row.tag != 'U'; });
    write_table(out, rows, has_sources);
  });
}

void write_clients(std::ostream& out) {
  for_each_group(client_parameters(), [&out](std::span<const Parameter> rows) {
    if (rows.front().kind) {
      out << "### `workload = \"" << kWorkloadNames[static_cast<std::size_t>(*rows.front().kind)] << "\"`\n\n";
    }
    write_table(out, rows, false);
  });
}

[[nodiscard]] std::string aims_of(const fault::OccasionRow& occasion) {
  std::string aims = occasion.no_queue_because.empty() ? "client, queue" : "";
  if (occasion.engine_aims == fault::EngineAims::none) return aims.empty() ? "-" : aims;
  aims += aims.empty() ? "" : ", ";
  return aims + (occasion.engine_aims == fault::EngineAims::classes ? "engine class" : "engine");
}

void write_faults(std::ostream& out) {
  write_table(out, fault_parameters(), false);
  out << "| kind | aimed at | reads | what goes wrong | what comes of it |\n|---|---|---|---|---|\n";
  for (const fault::AimedKind& row : fault::kAimedKinds) {
    out << "| `" << explored(row.kind).place.name() << "` | " << aims_of(row_of(row.occasion)) << " | "
        << (row.has_delay    ? "`delay`"
            : row.has_factor ? "`factor`"
                             : "-")
        << " | " << cell(row.what) << " | " << cell(row.consequence) << " |\n";
  }
  out << '\n';
}

/// configs/devices/default.toml and the like; `section` is "device", "driver" or "host".
void write_default_preset(std::ostream& out, std::string_view section) {
  out << "# Generated from the parameter table; holds the built-in defaults. Copy it to make a preset.\n"
      << "description = \"The defaults\"\n";
  for_each_group(parameters().subspan(1), [&](std::span<const Parameter> rows) {
    const std::string_view name = rows.front().section();
    if (name != section && !name.starts_with(std::string{section} + ".")) return;
    out << "\n[" << name << "]\n";
    for (const Parameter& parameter : rows) {
      const TomlText toml = toml_text(parameter, parameter.fallback);
      out << "# " << parameter.doc << '\n' << toml.key << " = ";
      if (parameter.tag == 'U') {
        out << toml.value << '\n';
        continue;
      }
      out << "{ v = " << toml.value << ", tag = \"" << parameter.tag << '"';
      if (!parameter.source.empty()) out << ", src = " << toml_string(parameter.source);
      out << " }\n";
    }
  });
}

template <class... Arguments>
[[nodiscard]] std::string text_of(void (*write)(std::ostream&, Arguments...), Arguments... arguments) {
  std::ostringstream out;
  write(out, arguments...);
  return out.str();
}

}  // namespace

TEST_CASE("docs/scenario.md is what the table says", "[docs]") {
  test::check_marked_block("docs/scenario.md", "keys", text_of(write_keys));
  test::check_marked_block("docs/scenario.md", "clients", text_of(write_clients));
  test::check_marked_block("docs/scenario.md", "faults", text_of(write_faults));
}

TEST_CASE("the default presets are what the table says", "[docs]") {
  for (const std::string_view section : {"device", "driver", "host"}) {
    const std::string file = "configs/" + std::string{section} + "s/default.toml";
    const std::string wanted = text_of<std::string_view>(write_default_preset, section);
    if (std::getenv("GPUSIM_UPDATE") != nullptr) std::ofstream{test::kRepository / file, std::ios::binary} << wanted;
    INFO(file << " is not what the table says; run this test once with GPUSIM_UPDATE=1 and look at the diff");
    CHECK((read_file(test::kRepository / file) == wanted));
  }
}
