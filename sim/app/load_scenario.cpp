// SPDX-License-Identifier: MIT
#include "sim/app/load_scenario.h"

#include <iostream>
#include <sstream>

namespace gpusim::app {

scenario::LoadResult load_scenario(const std::string& name, const scenario::LoadOptions& options) {
  if (name != "-") return scenario::load_file(name, options);
  std::ostringstream text;
  text << std::cin.rdbuf();
  return scenario::load_scenario_text(text.str(), "stdin.toml", options);
}

}  // namespace gpusim::app
