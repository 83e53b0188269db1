// SPDX-License-Identifier: MIT
// What must hold for any scenario: it ends as the program says that runs end, no rule of the model is broken, a second
// machine that is built and run in another way gives the same trace, and its resolved form is the same scenario.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gpusim::test {

struct Trial {
  enum class Result : std::uint8_t {
    good,
    refused,     ///< no valid scenario; `what` is the first problem
    unfinished,  ///< too long for a test: stopped after so many events
    finding,     ///< `kind` is what does not hold, `what` says it in full
  };
  Result result = Result::good;
  std::string kind;
  std::string what;
};

/// Runs it twice, and explores it once where it is short. Never throws.
[[nodiscard]] Trial try_scenario(const std::vector<std::string>& lines);

/// As few lines as possible that still give a finding of that kind.
[[nodiscard]] std::vector<std::string> smallest(std::vector<std::string> lines, const std::string& kind);

}  // namespace gpusim::test
