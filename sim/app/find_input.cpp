// SPDX-License-Identifier: MIT
#include "sim/app/find_input.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>

#include <fmt/core.h>

#include "base/closest.h"
#include "base/read_file.h"
#include "sim/app/log.h"
#include "sim/scenario/presets.h"

namespace gpusim::app {

namespace {

namespace fs = std::filesystem;

constexpr std::array kPresets{"devices", "drivers", "hosts"};

[[nodiscard]] std::vector<std::string> files_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code none;
  for (const fs::directory_entry& entry : fs::directory_iterator{folder.empty() ? fs::path{"."} : folder, none}) {
    if (entry.path().extension() == ".toml" || entry.path().extension() == ".wsim") {
      names.push_back(entry.path().filename().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

[[nodiscard]] std::string closest_of(const std::string& name, const std::vector<std::string>& names) {
  std::vector<std::string> stems;
  for (const std::string& one : names) stems.push_back(fs::path{one}.stem().string());
  const std::string stem = fs::path{name}.stem().string();
  const std::string found = closest(stem, std::vector<std::string_view>{stems.begin(), stems.end()});
  const auto at = std::find(stems.begin(), stems.end(), found);
  return found.empty() ? "" : names[static_cast<std::size_t>(at - stems.begin())];
}

}  // namespace

std::vector<scenario::Problem> find_input(std::string& name, std::initializer_list<const char*> folders) {
  std::error_code none;
  const fs::path path{name};
  if (name == "-" || fs::exists(path, none)) return {};
  const fs::path configs = scenario::default_config_dir();
  std::string suggestion;
  if (fs::status(path, none).type() == fs::file_type::none) return {{{name}, why_not_read(path), {}}};  // it is there
  if (path.parent_path().empty()) {
    for (const char* folder : folders) {
      for (const char* extension : {"", ".toml", ".wsim"}) {
        const fs::path candidate = configs / folder / (name + extension);
        if (!fs::is_regular_file(candidate, none)) continue;
        log::info(fmt::format("{} is {}", name, candidate.string()));
        name = candidate.string();
        return {};
      }
      if (suggestion.empty()) suggestion = closest_of(name, files_in(configs / folder));
    }
    for (const char* kind : kPresets) {
      if (!fs::exists(configs / kind / (path.stem().string() + ".toml"), none)) continue;
      return {{{name},
               fmt::format("this is a preset, no scenario: one uses it by use.{0} = \"{1}\", or --set use.{0}={1}",
                           std::string_view{kind}.substr(0, std::string_view{kind}.size() - 1), path.stem().string()),
               {}}};
    }
  }
  if (const std::string near = closest_of(name, files_in(path.parent_path())); !near.empty()) {
    suggestion = (path.parent_path() / near).string();
  }
  return {{{name}, why_not_read(path), suggestion}};
}

}  // namespace gpusim::app
