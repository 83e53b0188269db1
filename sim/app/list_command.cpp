// SPDX-License-Identifier: MIT
#include "sim/app/list_command.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "base/read_file.h"
#include "sim/app/exit_code.h"
#include "sim/scenario/document.h"
#include "sim/scenario/presets.h"
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

[[nodiscard]] std::vector<std::string> files_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code code;
  for (const auto& entry : fs::directory_iterator{folder, code}) {
    if (entry.is_regular_file()) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

std::vector<std::string> shipped_names(std::string_view kind) {
  std::vector<std::string> names;
  for (const std::string& file : files_in(scenario::default_config_dir() / kind))
    names.push_back(fs::path{file}.stem().string());
  return names;
}

int list_command(const PageOptions& page) {
  const fs::path configs = scenario::default_config_dir();
  for (const char* kind : {"devices", "drivers", "hosts", "scenarios", "workloads", "experiments", "explore"}) {
    std::cout << kind << ":\n";
    trace::TextTable table{trace::TextTable::Align::left};
    for (const std::string& name : files_in(configs / kind))
      table.add({"  " + name, description_of(configs / kind / name)});
    table.write(std::cout, form_of(page));
  }
  std::cout << "scheduler components:\n  drm_dep\n  drm_sched\n  jobqueue\n  direct\n";
  return kGood;
}

}  // namespace gpusim::app
