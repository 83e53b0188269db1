// SPDX-License-Identifier: MIT
#include "sim/cli/options.h"

#include <algorithm>

#include <fmt/core.h>

#include "sim/app/find_input.h"
#include "sim/app/load_scenario.h"
#include "sim/app/report_problems.h"

namespace gpusim::cli {

const CLI::Validator& whole_number() {
  static const CLI::Validator the_one{[](std::string& text) {
                                        const bool is_number =
                                            !text.empty() && std::all_of(text.begin(), text.end(),
                                                                         [](char c) { return c >= '0' && c <= '9'; });
                                        if (!is_number)
                                          return fmt::format("'{}' is no whole number of 0 or more", text);
                                        text.erase(0, std::min(text.find_first_not_of('0'), text.size() - 1));
                                        return std::string{};
                                      },
                                      "", "whole number"};
  return the_one;
}

CLI::Option* add_set(CLI::App& command, std::vector<std::string>& sets, const char* help) {
  CLI::Option* set = command.add_option("--set", sets, help)->type_name("KEY=VALUE")->expected(1)->take_all();
  // Behind --set, since options are read in the order in which they are defined.
  command
      .add_option_function<std::vector<std::string>>(
          "--plug-in", [&sets](const std::vector<std::string>& files) { sets.push_back(app::set_of_plug_ins(files)); },
          "load a shared object with modules of others, in place of the scenario's plug_ins; may be repeated")
      ->type_name("FILE")
      ->expected(1)
      ->take_all();
  return set;
}

CLI::Option* add_jobs(CLI::App& command, std::uint32_t& processes, const char* help) {
  return command.add_option("-j,--jobs", processes, help)
      ->transform(whole_number())
      ->check(CLI::Range(1, 256))
      ->type_name("P");
}

CLI::Option* add_trace(CLI::App& command, std::vector<std::string>& kinds, const char* help) {
  const auto once = [&kinds](const std::vector<std::string>& given) {
    for (const std::string& kind : given) {
      if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) kinds.push_back(kind);
    }
  };
  return command.add_option_function<std::vector<std::string>>("--trace", once, help)
      ->delimiter(',')
      ->check(CLI::IsMember({"text", "perfetto", "events", "vcd"}))
      ->type_name("KIND");
}

int with_inputs(const std::vector<std::string*>& names, std::initializer_list<const char*> folders,
                const std::function<int()>& execute) {
  for (std::string* name : names) {
    if (name->empty()) continue;
    if (const auto problems = app::find_input(*name, folders); !problems.empty()) return app::report_problems(problems);
  }
  return execute();
}

void refuse_empty_values(CLI::App& command) {
  for (CLI::Option* option : command.get_options()) {
    if (option->get_items_expected_max() == 0) continue;  // a flag
    option->check([](const std::string& text) { return std::string{text.empty() ? "the value is empty" : ""}; });
  }
}

}  // namespace gpusim::cli
