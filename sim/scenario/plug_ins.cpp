// SPDX-License-Identifier: MIT
#include "sim/scenario/plug_ins.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include <fmt/core.h>

#include "base/closest.h"
#include "base/hash.h"
#include "base/read_file.h"

namespace gpusim::scenario {

namespace {

namespace fs = std::filesystem;

[[nodiscard]] std::string why_not_loaded() {
  const char* why = dlerror();
  return in_one_line(why == nullptr ? "the system does not say why" : why);
}

/// Lazily at first: a shared object for another build of the program may miss functions, which is not the news.
[[nodiscard]] const hw::PlugIn* open_plug_in(const fs::path& file, std::string& error) {
  const std::string name = file.filename().string();
  void* object = dlopen(file.c_str(), RTLD_LAZY | RTLD_LOCAL);
  if (object == nullptr) {
    error = fmt::format("plug-in '{}' cannot be loaded: {}", name, why_not_loaded());
    return nullptr;
  }
  const auto function = reinterpret_cast<hw::PlugInFunction>(dlsym(object, hw::kPlugInSymbol));
  if (function == nullptr) {
    error = fmt::format("'{}' is no plug-in of gpusim: it has no symbol {}", name, hw::kPlugInSymbol);
    return nullptr;
  }
  const hw::PlugIn* plug_in = function();
  if (plug_in->abi != hw::plug_in_abi()) {
    error = fmt::format("plug-in '{}' was built for {}, and this program is {}: build it again", name, plug_in->abi,
                        hw::plug_in_abi());
    return nullptr;
  }
  if (dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL) == nullptr) {
    error = fmt::format("plug-in '{}' cannot be loaded: {}", name, why_not_loaded());
    return nullptr;
  }
  return plug_in;
}

/// A module that is offered, and by whom.
template <class Make>
struct Found {
  const hw::Module<Make>* module = nullptr;
  std::size_t plug_in = 0;
};

/// One choice after the other.
class Chooser {
 public:
  Chooser(const std::vector<LoadedPlugIn>& plug_ins, const Settings& settings, std::vector<Problem>& problems)
      : plug_ins_{plug_ins}, settings_{settings}, problems_{problems}, used_(plug_ins.size()) {}

  template <class Make>
  void choose(std::string_view path, std::string_view kind, std::vector<hw::Module<Make>> hw::Offers::* offers,
              hw::Module<Make>& chosen) {
    if (chosen.name.empty()) return;
    std::vector<std::string_view> names;
    std::optional<Found<Make>> found;
    for (std::size_t i = 0; i < plug_ins_.size(); ++i) {
      for (const hw::Module<Make>& offered : plug_ins_[i].offers.*offers) {
        names.push_back(offered.name);
        if (offered.name != chosen.name) continue;
        if (found) return blame(path, fmt::format("{} '{}' is offered more than once", kind, in_one_line(chosen.name)));
        found = Found<Make>{&offered, i};
      }
    }
    if (!found) {
      const std::string none = plug_ins_.empty() ? "; there is no plug-in: plug_ins or --plug-in names its file" : "";
      return blame(path, fmt::format("no plug-in offers {} '{}'{}", kind, in_one_line(chosen.name), none),
                   closest(chosen.name, names));
    }
    chosen.make = found->module->make;
    used_[found->plug_in] = true;
  }

  [[nodiscard]] bool is_used(std::size_t plug_in) const { return used_[plug_in]; }

 private:
  void blame(std::string_view path, const std::string& what, std::string suggestion = {}) {
    problems_.push_back({settings_.at(path).setting.place, fmt::format("{}: {}", path, what), std::move(suggestion)});
  }

  const std::vector<LoadedPlugIn>& plug_ins_;
  const Settings& settings_;
  std::vector<Problem>& problems_;
  std::vector<bool> used_;  // by plug-in
};

constexpr std::array<std::string_view, abi::kEngineClasses> kEngineModules{
    "device.engines.rcs.module", "device.engines.bcs.module", "device.engines.vcs.module", "device.engines.vecs.module",
    "device.engines.ccs.module"};

}  // namespace

std::vector<LoadedPlugIn> load_plug_ins(const std::vector<fs::path>& files, const Place& place,
                                        std::vector<Problem>& problems) {
  std::vector<LoadedPlugIn> plug_ins;
  for (const fs::path& given : files) {
    const fs::path file = fs::absolute(given).lexically_normal();
    const auto is_same = [&](const LoadedPlugIn& other) { return other.file == file; };
    if (std::any_of(plug_ins.begin(), plug_ins.end(), is_same)) continue;
    std::string error;
    const std::optional<std::string> bytes = read_file(file);
    if (file.string().find(' ') != std::string::npos) {
      error = fmt::format("the path of a plug-in must be without blanks: '{}'", in_one_line(file.string()));
    } else if (!bytes) {
      error = fmt::format("plug-in '{}': {}", in_one_line(file.string()), why_not_read(file));
    } else if (const hw::PlugIn* plug_in = open_plug_in(file, error); plug_in != nullptr) {
      LoadedPlugIn& loaded = plug_ins.emplace_back();
      loaded.file = file;
      loaded.text = in_one_line(fmt::format("plug-in {} {} ({}, hash {})", plug_in->name, plug_in->version,
                                            file.filename().string(), hash_text(hash_bytes(*bytes))));
      plug_in->offer(loaded.offers);
    }
    if (!error.empty()) problems.push_back({place, std::move(error), {}});
  }
  return plug_ins;
}

void choose_modules(const std::vector<LoadedPlugIn>& plug_ins, const Settings& settings, hw::DeviceModules& modules,
                    std::vector<Problem>& problems, std::vector<std::string>& notices) {
  Chooser chooser{plug_ins, settings, problems};
  for (std::size_t i = 0; i < kEngineModules.size(); ++i) {
    chooser.choose(kEngineModules[i], "an engine", &hw::Offers::engines, modules.engines[i]);
  }
  chooser.choose("device.memory.module", "a memory", &hw::Offers::memories, modules.memory);
  chooser.choose("device.link.module", "a link", &hw::Offers::links, modules.link);
  chooser.choose("device.firmware.module", "a firmware core", &hw::Offers::cores, modules.core);
  for (std::size_t i = 0; i < plug_ins.size(); ++i) {
    if (!chooser.is_used(i)) notices.push_back(plug_ins[i].text + " has no effect: no module of it is named");
  }
}

}  // namespace gpusim::scenario
