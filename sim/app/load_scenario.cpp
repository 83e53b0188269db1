// SPDX-License-Identifier: MIT
#include "sim/app/load_scenario.h"

#include <iostream>
#include <sstream>

#include "sim/scenario/values.h"

namespace gpusim::app {

namespace {

[[nodiscard]] const std::string& text_of_stdin() {
  static const std::string kText = [] {
    std::ostringstream text;
    text << std::cin.rdbuf();
    return text.str();
  }();
  return kText;
}

}  // namespace

scenario::LoadResult load_scenario(const std::string& name, const scenario::LoadOptions& options) {
  if (name != "-") return scenario::load_file(name, options);
  return scenario::load_scenario_text(text_of_stdin(), "stdin.toml", options);
}

std::string set_of_plug_ins(const std::vector<std::string>& files) {
  std::string list;
  for (const std::string& file : files) list += (list.empty() ? "" : " ") + file;
  return "plug_ins=" + scenario::toml_string(list);
}

}  // namespace gpusim::app
