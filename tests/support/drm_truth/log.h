// SPDX-License-Identifier: MIT
// Event logs as the folder drm_sched_truth has them (its README, section 4), and their comparison.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gpusim::test::truth {

struct Line {
  std::int64_t time = 0;  ///< ns
  std::string event;
  std::string entity;
  std::string job;
  std::map<std::string, std::string> fields;

  [[nodiscard]] std::string text() const;
};

using Log = std::vector<Line>;

[[nodiscard]] Log parse_log(std::string_view text);
/// The lines of one kind, in words, for tests of a few events.
[[nodiscard]] std::string lines_of(const Log& log, std::string_view events);

/// A file's text; ".gz" is unpacked by gzip. Throws std::runtime_error.
[[nodiscard]] std::string read_text(const std::string& path);

/// The differences, in words; empty: none. Compared are, in their order: all lines of `mine` and of `reference` whose
/// event both may have (`events`, blank-separated), with all fields that `mine` gives. A log of kind `min` or `short`
/// leaves out what its README says, so that `mine` may have more.
[[nodiscard]] std::string compare(const Log& reference, const Log& mine, std::string_view kind,
                                  std::string_view events);

}  // namespace gpusim::test::truth
