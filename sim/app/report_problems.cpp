// SPDX-License-Identifier: MIT
#include "sim/app/report_problems.h"

#include <algorithm>
#include <cstddef>

#include <fmt/core.h>

#include "sim/app/exit_code.h"
#include "sim/app/log.h"

namespace gpusim::app {

int report_problems(const std::vector<scenario::Problem>& problems, const CommandLine& given) {
  constexpr std::size_t kMostShown = 20;
  SourceLines lines{given};
  for (std::size_t i = 0; i < std::min(problems.size(), kMostShown); ++i) {
    const std::string line = lines.shown(problems[i].place);
    log::error(problems[i].text() + (line.empty() ? "" : "\n" + line), problems[i].where());
  }
  if (problems.size() > kMostShown) log::error(fmt::format("and {} more", problems.size() - kMostShown));
  return kBadInput;
}

}  // namespace gpusim::app
