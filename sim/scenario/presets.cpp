// SPDX-License-Identifier: MIT
#include "sim/scenario/presets.h"

#include <algorithm>
#include <sstream>
#include <system_error>

#include <fmt/core.h>

#include "base/closest.h"
#include "base/read_file.h"
#include "sim/scenario/document.h"

namespace gpusim::scenario {

namespace {

namespace fs = std::filesystem;

[[nodiscard]] bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

// Names of the presets in these folders, sorted.
[[nodiscard]] std::vector<std::string> presets_in(const std::vector<fs::path>& folders) {
  std::vector<std::string> names;
  for (const fs::path& folder : folders) {
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator{folder, error}) {
      if (entry.path().extension() == ".toml") names.push_back(entry.path().stem().string());
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

[[nodiscard]] std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 20;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kMost); ++i) text += (i == 0 ? "" : ", ") + names[i];
  return names.size() > kMost ? text + ", ..." : text;
}

// Whether the file says that the preset was once called so. What is wrong with it is of no interest here.
[[nodiscard]] bool was_called(const fs::path& file, const std::string& name) {
  std::vector<Problem> ignored;
  const std::optional<Node> document = parse_document(read_file(file).value_or(""), file.generic_string(), ignored);
  const Entry* const former = document ? document->find("former_names") : nullptr;
  if (former == nullptr || former->value.kind != Node::Kind::text) return false;
  std::istringstream words{former->value.text};
  for (std::string word; words >> word;) {
    if (word == name) return true;
  }
  return false;
}

}  // namespace

fs::path default_config_dir() {
  std::error_code none;
  const fs::path program = fs::read_symlink("/proc/self/exe", none);
  if (const fs::path installed = program.parent_path().parent_path() / "share/gpusim";
      fs::is_directory(installed, none)) {
    return installed;
  }
#ifdef GPUSIM_CONFIG_DIR
  return GPUSIM_CONFIG_DIR;
#else
  return {};
#endif
}

std::optional<fs::path> find_preset(std::string_view section, const std::string& name, const fs::path& folder,
                                    const fs::path& config_dir, const Place& place, std::vector<Problem>& problems) {
  if (name.ends_with(".toml")) {
    fs::path path = (folder / name).lexically_normal();
    if (is_file(path)) return path;
    problems.push_back({place, fmt::format("there is no file '{}'", path.generic_string()), {}});
    return std::nullopt;
  }
  const std::string kind = std::string{section} + "s";
  std::vector<fs::path> folders{(folder / ".." / kind).lexically_normal()};
  if (!config_dir.empty()) folders.push_back((config_dir / kind).lexically_normal());
  for (const fs::path& candidate : folders) {
    fs::path path = candidate / (name + ".toml");
    if (is_file(path)) return path;
  }
  const std::vector<std::string> names = presets_in(folders);
  for (const fs::path& candidate : folders) {
    for (const std::string& other : names) {
      fs::path path = candidate / (other + ".toml");
      if (is_file(path) && was_called(path, name)) return path;
    }
  }
  const std::vector<std::string_view> candidates{names.begin(), names.end()};
  std::string what = fmt::format("there is no {} preset '{}'", section, name);
  for (const std::string_view other : {"device", "driver", "host"}) {
    if (other != section && is_file(config_dir / (std::string{other} + "s") / (name + ".toml"))) {
      what += fmt::format("; {} is a {} preset", name, other);
    }
  }
  std::string suggestion = closest(name, candidates);
  if (suggestion.empty() && !names.empty()) what += "; there are: " + listed(names);
  problems.push_back({place, std::move(what), std::move(suggestion)});
  return std::nullopt;
}

bool is_former_name(const std::string& name, const fs::path& path) {
  return !name.ends_with(".toml") && path.stem() != name;
}

std::optional<fs::path> hidden_preset(std::string_view section, const std::string& name, const fs::path& path,
                                      const fs::path& config_dir) {
  if (config_dir.empty() || name.ends_with(".toml")) return std::nullopt;
  fs::path own = (config_dir / (std::string{section} + "s") / (name + ".toml")).lexically_normal();
  if (!is_file(own) || read_file(own) == read_file(path)) return std::nullopt;
  return own;
}

}  // namespace gpusim::scenario
