// SPDX-License-Identifier: MIT
#include "sim/app/schedule_file.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <ostream>
#include <sstream>

#include <fmt/core.h>

#include "base/hash.h"
#include "base/read_file.h"
#include "sim/app/build_info.h"

namespace gpusim::app {

void write_schedule(std::ostream& out, const std::string& scenario, const system::ExploredRun& run) {
  out << "# " << build_info().text() << "\n# gpusim explore " << std::filesystem::path{scenario}.filename().string()
      << "\n# oracle: " << (run.survived() ? "none spoke" : run.oracle)
      << "\n# trace hash: " << hash_text(run.trace_hash) << "\n# kind place/instance count value\n";
  for (const Choice& choice : run.schedule) out << to_text(choice) << '\n';
}

std::vector<scenario::Problem> read_schedule(const std::string& path, Schedule& schedule) {
  const std::optional<std::string> text = read_file(path);
  if (!text) return {{{path}, why_not_read(path), {}}};
  std::istringstream file{*text};
  std::string line;
  for (std::uint32_t number = 1; std::getline(file, line); ++number) {
    line.erase(std::min(line.find('#'), line.size()));
    line.erase(line.find_last_not_of(" \t\r") + 1);
    if (line.empty()) continue;
    Choice choice;
    if (!parse_choice(line, choice)) {
      return {{{path, number, 1},
               fmt::format("'{}' is no choice; one looks like 'delay step/4 17 3': kind, place/instance, count, value",
                           line),
               {}}};
    }
    schedule.push_back(choice);
  }
  if (schedule.empty()) return {{{path}, "there is no choice in this schedule", {}}};
  return {};
}

}  // namespace gpusim::app
