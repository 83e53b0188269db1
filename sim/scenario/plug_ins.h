// SPDX-License-Identifier: MIT
// The plug-ins of a scenario (sim/hw/plug_in.h): loads their shared objects and finds the modules that it names.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sim/hw/plug_in.h"
#include "sim/scenario/problem.h"
#include "sim/scenario/settings.h"

namespace gpusim::scenario {

struct LoadedPlugIn {
  std::filesystem::path file;  ///< absolute
  std::string text;            ///< "plug-in mine 1.0 (mine.so, hash 0123456789abcdef)": for results, which hang on it
  hw::Offers offers;
};

/// Those of `files` that can be used; for the others problems at `place`. What is loaded stays until the program ends;
/// loading it again is cheap.
[[nodiscard]] std::vector<LoadedPlugIn> load_plug_ins(const std::vector<std::filesystem::path>& files,
                                                      const Place& place, std::vector<Problem>& problems);

/// Finds what `modules` name, each once. A problem for a name that no plug-in offers, or more than one; a notice for a
/// plug-in of which nothing is used.
void choose_modules(const std::vector<LoadedPlugIn>& plug_ins, const Settings& settings, hw::DeviceModules& modules,
                    std::vector<Problem>& problems, std::vector<std::string>& notices);

}  // namespace gpusim::scenario
