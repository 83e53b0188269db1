// SPDX-License-Identifier: MIT
#include "sim/scenario/reference.h"

#include <algorithm>
#include <string>

#include "sim/scenario/parameter_table.h"
#include "sim/scenario/values.h"

namespace gpusim::scenario {

namespace {

constexpr std::string_view kIntroduction = R"(# Scenario files

Generated from the parameter table (`sim/scenario/parameters_*.cpp`). Do not edit it by hand: change the table, then run
the component tests once with `GPUSIM_UPDATE=1` in the environment.

A scenario is a TOML file: which machine, which clients, when to stop. Everything has a default but the clients.

```toml
description = "Two players share a small device"
seed = 7
use = { device = "xe_like", host = "loaded" }  # presets

[device.link]
mmio_write_latency_ns = 400  # over what the preset says

[[client]]
name = "player"
clones = 2
workload = "loop"
engine = "vcs"
work_us = [400, 600]
cycles = 100
```

## Values

* **Durations** are whole numbers; the key ends in its unit: `_ps`, `_ns`, `_us` or `_ms`. The tables below show one of
  the four; any of them is good: `wait_us = 1_500`, `wait_ms = 2`. The longest is one hour.
* **Times of work** are a duration or `[min, max]`, from which each job draws, both ends included.
* **Engines** are a class (`rcs` render, `bcs` copy, `vcs` video, `vecs` video enhancement, `ccs` compute), which stands
  for any engine of it, or one engine of a class: `vcs1` is the second.
* Any value can say how well it is known: `mmio_write_latency_ns = { v = 400, tag = "M", src = "own measurement" }`.
  Tags: S source code, D documentation, M measured, W weak source, C computed, E estimate; all but E have to name a
  source. A plain value is the user's (U). `gpusim explain SCENARIO` prints what is used and where it comes from.

## Presets

`use.device = "xe_like"` takes the file `../devices/xe_like.toml`, seen from the scenario's folder, or else
`devices/xe_like.toml` in the program's own folder of presets. A name that ends in `.toml` is a path relative to the
scenario. A preset has a `description` and one table, `[device]`, `[driver]` or `[host]`, with the keys that the
scenario may have there, too; what it leaves out keeps its default. Presets named `default` say all the defaults.

The order is: defaults, presets, the scenario, `--set key.path=value` (a client's: `--set client.NAME.cycles=10`; the
name can be left out if there is one client), `--seed`.

)";

// For a cell of a table.
[[nodiscard]] std::string cell(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '|') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

[[nodiscard]] std::string type_text(const Parameter& parameter) {
  switch (parameter.type) {
    case Type::duration:
      return "duration";
    case Type::duration_range:
      return "duration or [min, max]";
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

}  // namespace

void write_reference_md(std::ostream& out) {
  out << kIntroduction
      << "## Keys\n\nThe cause is the part of a job's life that a cost belongs to; a cost without one is "
      << "shared by several, or by none.\n\n";
  for_each_group(parameters().subspan(1), [&out](std::span<const Parameter> rows) {
    const std::string section{rows.front().section()};
    out << "### " << (section.empty() ? "Top level" : "`[" + section + "]`") << "\n\n";
    const bool has_sources = std::any_of(rows.begin(), rows.end(), [](const Parameter& row) { return row.tag != 'U'; });
    write_table(out, rows, has_sources);
  });
  out << "## Clients\n\nAt least one `[[client]]`.\n\n";
  for_each_group(client_parameters(), [&out](std::span<const Parameter> rows) {
    if (rows.front().kind) {
      out << "### `workload = \"" << kWorkloadNames[static_cast<std::size_t>(*rows.front().kind)] << "\"`\n\n";
    }
    write_table(out, rows, false);
  });
}

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

}  // namespace gpusim::scenario
