// SPDX-License-Identifier: MIT
// A run to its end, by the errors of its jobs.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "base/errno.h"
#include "scheduler/submission.h"
#include "tests/support/machine/scenarios.h"

namespace gpusim::test {

struct Outcome {
  Recording recording;
  std::map<std::string, std::vector<Errno>> errors;  ///< of the finished fences of each client

  template <class Kind>
  [[nodiscard]] std::size_t count() const {
    return recording.all<Kind>().size();
  }
  [[nodiscard]] std::vector<sched::TimeoutVerdict> verdicts() const;
  [[nodiscard]] std::size_t failed() const;
  [[nodiscard]] std::size_t jobs() const;
};

/// A [[client]] with these lines.
[[nodiscard]] std::string client_text(const std::string& name, const std::string& workload, const std::string& lines);
/// The same of a loop on the render engine.
[[nodiscard]] inline std::string loop_text(const std::string& name, const std::string& lines) {
  return client_text(name, "loop", "engine = \"rcs\"\n" + lines);
}

/// The scenario `text` with that component and the values of `sets`, with all oracles. Checks that it finishes.
[[nodiscard]] Outcome run_to_end(const std::string& text, const std::string& component,
                                 std::vector<std::string> sets = {});

}  // namespace gpusim::test
