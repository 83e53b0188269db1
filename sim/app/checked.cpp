// SPDX-License-Identifier: MIT
#include "sim/app/checked.h"

#include <algorithm>
#include <cstddef>

#include <fmt/core.h>
#include <pugixml.hpp>

#include "base/hash.h"
#include "base/printable.h"
#include "traces/report/json_writer.h"
#include "traces/report/text_table.h"

namespace gpusim::app {

namespace {

using experiment::Check;
using experiment::Shortfall;
using experiment::Status;

[[nodiscard]] std::string said(const Check& check) { return check.metric + " " + check.condition; }

/// With the stored figure, which the condition does not name.
[[nodiscard]] std::string said_in_full(const Check& check) {
  return check.of_baseline ? fmt::format("{} ({})", said(check), check.of_baseline->shown) : said(check);
}

[[nodiscard]] std::string in_words(const Shortfall& shortfall) {
  return fmt::format("expected {}, seen {}{}{}", said_in_full(shortfall.check), shortfall.seen,
                     shortfall.by.empty() ? "" : ", by ", shortfall.by);
}

[[nodiscard]] const Shortfall* find(const Checked& checked, const Check& check) {
  const auto found = std::find_if(checked.shortfalls.begin(), checked.shortfalls.end(), [&](const Shortfall& one) {
    return one.check.metric == check.metric && one.check.condition == check.condition;
  });
  return found == checked.shortfalls.end() ? nullptr : &*found;
}

/// What became of its run, in a word.
[[nodiscard]] std::string_view to_string(Status status) {
  switch (status) {
    case Status::good:
      return "ended";
    case Status::not_run:
      return "interrupted";
    case Status::stalled:
      return "stalled";
    case Status::broken:
      break;
  }
  return "broken";
}

struct Tally {
  explicit Tally(const std::vector<Checked>& all) : scenarios{all.size()} {
    for (const Checked& checked : all) {
      good += checked.is_good() ? 1 : 0;
      not_ended += checked.status == Status::good ? 0 : 1;
      interrupted += checked.status == Status::not_run ? 1 : 0;
      checks += checked.checks.size();
      not_met += checked.shortfalls.size();
    }
  }
  /// Of the table.
  [[nodiscard]] std::size_t rows() const { return not_met + not_ended; }
  [[nodiscard]] std::string text() const {
    const std::string end = interrupted == 0 ? "" : fmt::format("; interrupted before {} of them had run", interrupted);
    return fmt::format("{} of {} scenarios as expected, {} checks, {} not met{}", good, scenarios, checks, not_met,
                       end);
  }

  std::size_t scenarios;
  std::size_t good = 0;
  std::size_t not_ended = 0;
  std::size_t interrupted = 0;
  std::size_t checks = 0;
  std::size_t not_met = 0;
};

[[nodiscard]] trace::TextTable table_of(const std::vector<Checked>& all) {
  trace::TextTable table{trace::TextTable::Align::left};
  table.repeat_second();
  table.add({"scenario", "expected", "seen", "by"});
  for (const Checked& checked : all) {
    if (checked.status != Status::good) {
      table.add({checked.shown(), "a run to its end", std::string{to_string(checked.status)}});
      table.alarm();
    }
    for (const Shortfall& shortfall : checked.shortfalls) {
      table.add({checked.shown(), said_in_full(shortfall.check), shortfall.seen, shortfall.by});
      table.alarm();
    }
  }
  return table;
}

void write_check(trace::JsonWriter& json, const Checked& checked, std::size_t index) {
  const Check& check = checked.checks[index];
  json.begin_object();
  json.key("metric").value(check.metric).key("condition").value(check.condition);
  if (check.of_baseline) json.key("stored").value(check.of_baseline->shown);
  if (checked.status == Status::good) {
    const Shortfall* shortfall = find(checked, check);
    json.key("met").value(shortfall == nullptr);
    if (index < checked.seen.size()) json.key("seen").value(checked.seen[index]);
    if (shortfall != nullptr) json.key("by").value(shortfall->by);
  }
  json.end_object();
}

void write_scenario(trace::JsonWriter& json, const Checked& checked) {
  json.begin_object();
  json.key("file").value(checked.shown()).key("seed").value(checked.seed);
  json.key("run").value(to_string(checked.status));
  if (checked.status == Status::good) json.key("trace_hash").value(hash_text(checked.trace_hash));
  if (!checked.error.empty()) json.key("error").value(checked.error);
  json.key("as_expected").value(checked.is_good());
  json.key("checks").begin_array();
  for (std::size_t i = 0; i < checked.checks.size(); ++i) write_check(json, checked, i);
  json.end_array();
  json.key("notices").value(checked.notices);
  json.end_object();
}

void add_case(pugi::xml_node& suite, const Checked& checked, const std::string& name, const char* kind,
              const std::string& message) {
  pugi::xml_node test = suite.append_child("testcase");
  test.append_attribute("classname") = checked.shown().c_str();
  test.append_attribute("name") = name.c_str();
  if (kind == nullptr) return;
  pugi::xml_node failure = test.append_child(kind);
  const std::string text = printable(message, "\n");  // XML has no control characters, escaped or not
  failure.append_attribute("message") = text.substr(0, text.find('\n')).c_str();
  failure.text() = text.c_str();
}

void add_properties(pugi::xml_node& suite, const Checked& checked, const BuildInfo& build) {
  pugi::xml_node properties = suite.append_child("properties");
  const auto add = [&](const char* name, const std::string& value) {
    pugi::xml_node property = properties.append_child("property");
    property.append_attribute("name") = name;
    property.append_attribute("value") = value.c_str();
  };
  add("version", build.version);
  add("compiler", build.compiler);
  add("build_type", build.build_type);
  add("seed", std::to_string(checked.seed));
  if (checked.status == Status::good) add("trace_hash", hash_text(checked.trace_hash));
}

/// What a workflow command may hold: %, and line breaks as escapes.
[[nodiscard]] std::string escaped(const std::string& text, bool is_property) {
  std::string result;
  for (const char c : text) {
    const bool is_special = c == '%' || c == '\r' || c == '\n' || (is_property && (c == ':' || c == ','));
    result += is_special ? fmt::format("%{:02X}", static_cast<unsigned char>(c)) : std::string{c};
  }
  return result;
}

/// `level`: "error" or "warning".
void write_annotation(std::ostream& out, std::string_view level, const scenario::Place& place,
                      const std::string& text) {
  if (place.file.starts_with("--")) {  // an option is no file
    out << "::" << level << "::" << escaped(to_string(place) + ": " + text, false) << '\n';
    return;
  }
  out << "::" << level << " file=" << escaped(printable(place.file), true);
  if (place.line != 0) out << ",line=" << place.line << ",col=" << place.column;
  out << "::" << escaped(text, false) << '\n';
}

}  // namespace

void write_checked_text(std::ostream& out, const std::vector<Checked>& all, const trace::PageForm& form) {
  const Tally tally{all};
  if (tally.rows() > 0) {
    table_of(all).write(out, form);
    out << '\n';
  }
  bool has_notes = false;
  for (const Checked& checked : all) {
    for (const std::string& notice : checked.notices) {
      trace::write_paragraph(out, fmt::format("note: {}: {}", checked.shown(), notice), form);
      has_notes = true;
    }
  }
  if (has_notes) out << '\n';
  trace::write_paragraph(out, tally.text(), form);
}

void write_checked_json(std::ostream& out, const std::vector<Checked>& all, const BuildInfo& build) {
  const Tally tally{all};
  trace::JsonWriter json{out};
  json.begin_object();
  json.key("schema").value("gpusim-check/1");
  trace::write_build(json, build);
  json.key("scenarios").value(tally.scenarios).key("as_expected").value(tally.good);
  json.key("checks").value(tally.checks).key("not_met").value(tally.not_met);
  json.key("interrupted").value(tally.interrupted > 0);
  json.key("results").begin_array();
  for (const Checked& checked : all) write_scenario(json, checked);
  json.end_array();
  json.end_object();
}

void write_junit(std::ostream& out, const std::vector<Checked>& all, const BuildInfo& build) {
  pugi::xml_document document;
  pugi::xml_node declaration = document.append_child(pugi::node_declaration);
  declaration.append_attribute("version") = "1.0";
  declaration.append_attribute("encoding") = "UTF-8";
  pugi::xml_node suites = document.append_child("testsuites");
  suites.append_attribute("name") = "gpusim check";
  for (const Checked& checked : all) {
    const bool is_run = checked.status == Status::good;
    pugi::xml_node suite = suites.append_child("testsuite");
    suite.append_attribute("name") = checked.shown().c_str();
    suite.append_attribute("tests") = static_cast<unsigned>(is_run ? checked.checks.size() : 1);
    suite.append_attribute("failures") = static_cast<unsigned>(checked.shortfalls.size());
    suite.append_attribute("errors") = is_run ? 0U : 1U;
    add_properties(suite, checked, build);
    if (!is_run) {
      add_case(suite, checked, "run", "error", checked.error);
      continue;
    }
    for (const Check& check : checked.checks) {
      const Shortfall* shortfall = find(checked, check);
      add_case(suite, checked, said(check), shortfall == nullptr ? nullptr : "failure",
               shortfall == nullptr ? std::string{} : in_words(*shortfall));
    }
  }
  document.save(out, "  ");
}

void write_annotations(std::ostream& out, const std::vector<Checked>& all) {
  for (const Checked& checked : all) {
    if (checked.status != Status::good) write_annotation(out, "error", {checked.file, 0, 0}, checked.error);
    for (const Shortfall& shortfall : checked.shortfalls) {
      const scenario::Place& place = shortfall.check.place;
      const bool is_in_file = place.file == checked.file;
      write_annotation(out, "error", is_in_file ? place : scenario::Place{checked.file, 0, 0}, in_words(shortfall));
    }
    for (const std::string& notice : checked.notices) {
      write_annotation(out, "warning", {checked.file, 0, 0}, notice);
    }
  }
}

void write_annotations(std::ostream& out, const std::vector<scenario::Problem>& problems) {
  for (const scenario::Problem& problem : problems) write_annotation(out, "error", problem.place, problem.text());
}

}  // namespace gpusim::app
