// SPDX-License-Identifier: MIT
#include "sim/scenario/explain.h"

#include <algorithm>

#include "traces/report/json_writer.h"
#include "traces/report/text_table.h"

namespace gpusim::scenario {
namespace {

constexpr std::string_view kTagMeanings =
    "tags: S source code, D documentation, M measured, W weak source, C computed, E estimate, O one sample only, U the "
    "user's or a choice";

constexpr std::string_view kSettable =
    "--set takes each by its name here, but for the workload of a client, which only its scenario says";

[[nodiscard]] bool is_shown(const ResolvedParameter& row, const ExplainFilter& filter) {
  if (filter.only_changed && row.origin == "default") return false;
  return filter.tags.empty() || filter.tags.find(row.tag) != std::string::npos;
}

[[nodiscard]] std::vector<const ResolvedParameter*> shown_rows(const Resolved& resolved, const ExplainFilter& filter) {
  std::vector<const ResolvedParameter*> rows;
  const auto add = [&](const ResolvedParameter& row) {
    if (is_shown(row, filter)) rows.push_back(&row);
  };
  for (std::size_t i = 1; i < resolved.machine.size(); ++i) add(resolved.machine[i]);
  for (const std::vector<ResolvedParameter>& client : resolved.clients) {
    for (const ResolvedParameter& row : client) add(row);
  }
  for (const std::vector<ResolvedParameter>& fault : resolved.faults) {
    for (const ResolvedParameter& row : fault) add(row);
  }
  return rows;
}

}  // namespace

std::string set_key(const ResolvedParameter& row) {
  const std::size_t dot = row.path.rfind('.');
  return dot == std::string::npos ? row.toml.key : row.path.substr(0, dot + 1) + row.toml.key;
}

void write_explain(std::ostream& out, const Resolved& resolved, const ExplainFilter& filter,
                   const trace::PageForm& form) {
  trace::TextTable table{trace::TextTable::Align::left};
  table.add({"parameter", "value", "tag", "from", "cause", "source"});
  for (const ResolvedParameter* row : shown_rows(resolved, filter)) {
    table.add({set_key(*row), row->value.empty() ? "-" : row->value, std::string{row->tag}, row->origin,
               row->cause ? std::string{trace::to_string(*row->cause)} : "-", row->source});
  }
  table.write(out, form);
  out << '\n';
  trace::write_paragraph(out, kTagMeanings, form);
  trace::write_paragraph(out, kSettable, form);
}

void write_explain_json(std::ostream& out, const Resolved& resolved, const ExplainFilter& filter,
                        const BuildInfo& build) {
  trace::JsonWriter json{out};
  json.begin_object().key("schema").value("gpusim-parameters/1");
  trace::write_build(json, build);
  json.key("parameters").begin_array();
  for (const ResolvedParameter* row : shown_rows(resolved, filter)) {
    json.begin_object();
    json.key("name").value(set_key(*row));
    json.key("value").value(row->value);
    json.key("toml").value(row->toml.value);
    json.key("tag").value(std::string_view{&row->tag, 1});
    json.key("from").value(row->origin);
    json.key("cause");
    if (row->cause) {
      json.value(trace::to_string(*row->cause));
    } else {
      json.null();
    }
    json.key("source").value(row->source);
    json.end_object();
  }
  json.end_array().end_object();
}

}  // namespace gpusim::scenario
