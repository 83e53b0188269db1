// SPDX-License-Identifier: MIT
#include "sim/app/list_command.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

#include "base/read_file.h"
#include "sim/app/build_info.h"
#include "sim/app/exit_code.h"
#include "sim/scenario/document.h"
#include "sim/scenario/presets.h"
#include "traces/report/json_writer.h"
#include "traces/report/text_table.h"

namespace gpusim::app {

namespace {

namespace fs = std::filesystem;

/// Its description or title; of a .wsim file the first sentence of the comment that it begins with.
[[nodiscard]] std::string description_of(const fs::path& file) {
  const std::string text = read_file(file).value_or("");
  if (file.extension() == ".toml") {
    std::vector<scenario::Problem> ignored;
    const auto document = scenario::parse_document(text, file.string(), ignored);
    if (!document) return {};
    for (const char* key : {"description", "title"}) {
      const scenario::Entry* entry = document->find(key);
      if (entry != nullptr) return scenario::in_one_line(entry->value.text);
    }
    return {};
  }
  if (!text.starts_with("# ")) return {};
  const std::string line = text.substr(2, text.find('\n') - 2);
  return scenario::in_one_line(line.substr(0, std::min(line.find(". "), line.find_last_not_of('.') + 1)));
}

[[nodiscard]] std::vector<std::string> shipped_files(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code code;
  for (const auto& entry : fs::directory_iterator{folder, code}) {
    if (entry.is_regular_file()) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// What there is of one kind.
struct Shipped {
  struct One {
    std::string name;
    std::string description;
  };
  std::string kind;
  std::vector<One> files;
};

[[nodiscard]] std::vector<Shipped> all_shipped() {
  const fs::path configs = scenario::default_config_dir();
  std::vector<Shipped> all;
  for (const char* kind :
       {"devices", "drivers", "hosts", "scenarios", "kunit", "reports", "workloads", "experiments", "explore"}) {
    all.push_back({kind, {}});
    for (const std::string& name : shipped_files(configs / kind)) {
      all.back().files.push_back({name, description_of(configs / kind / name)});
    }
  }
  return all;
}

constexpr std::array kComponents{"drm_dep", "drm_sched", "jobqueue", "direct"};

void write_list_text(std::ostream& out, const std::vector<Shipped>& all, const trace::PageForm& form) {
  for (const Shipped& shipped : all) {
    out << shipped.kind << ":\n";
    trace::TextTable table{trace::TextTable::Align::left};
    for (const Shipped::One& one : shipped.files) table.add({"  " + one.name, one.description});
    table.write(out, form);
  }
  out << "scheduler components:\n";
  for (const char* component : kComponents) out << "  " << component << '\n';
}

void write_list_table(std::ostream& out, const std::vector<Shipped>& all, const trace::PageForm& form) {
  trace::TextTable table{trace::TextTable::Align::left};
  table.add({"kind", "name", "what it is"});
  for (const Shipped& shipped : all) {
    for (const Shipped::One& one : shipped.files) table.add({shipped.kind, one.name, one.description});
  }
  for (const char* component : kComponents) table.add({"scheduler components", component});
  table.write(out, form);
}

void write_list_json(std::ostream& out, const std::vector<Shipped>& all) {
  trace::JsonWriter json{out};
  json.begin_object().key("schema").value("gpusim-list/1");
  trace::write_build(json, build_info());
  for (const Shipped& shipped : all) {
    json.key(shipped.kind).begin_array();
    for (const Shipped::One& one : shipped.files) {
      json.begin_object().key("name").value(one.name).key("description").value(one.description).end_object();
    }
    json.end_array();
  }
  json.key("components").begin_array();
  for (const char* component : kComponents) json.begin_object().key("name").value(component).end_object();
  json.end_array().end_object();
}

}  // namespace

std::vector<std::string> shipped_names(std::string_view kind) {
  std::vector<std::string> names;
  for (const std::string& file : shipped_files(scenario::default_config_dir() / kind))
    names.push_back(fs::path{file}.stem().string());
  return names;
}

int list_command(const PageOptions& page) {
  const std::vector<Shipped> all = all_shipped();
  print_page(
      page, [&](std::ostream& out) { write_list_json(out, all); },
      [&](std::ostream& out) {
        if (page.format == "markdown") {
          write_list_table(out, all, form_of(page));
        } else {
          write_list_text(out, all, form_of(page));
        }
      });
  return kGood;
}

}  // namespace gpusim::app
