// SPDX-License-Identifier: MIT
// One value: from a node of a file, checked against its parameter, and back to text in three forms.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/document.h"
#include "sim/scenario/parameter.h"
#include "sim/scenario/problem.h"

namespace gpusim::scenario {

/// A value and where it comes from.
struct Setting {
  Value value;
  Place place;  ///< of the value; none: the built-in default
  char tag = 'U';
  std::string source;
  bool is_of_preset = false;  ///< in resolved.toml: it describes a thing as it is, whatever the scenario is about
};

/// Source, documentation, measured, weak source, computed, estimate, one sample only.
inline constexpr std::string_view kTags = "SDMWCEO";

/// Reads a plain value or { v = ..., tag = "...", src = "...", preset = true }. None, and problems, when it is not what
/// the parameter holds. `shown` is the full key for messages, `unit` the one that the key names.
[[nodiscard]] std::optional<Setting> read_setting(const Node& node, const Parameter& parameter, Unit unit,
                                                  const std::string& shown, std::vector<Problem>& problems);

/// "an integer in 1..64", "one of hard, threaded": what the parameter holds, durations in `unit`.
[[nodiscard]] std::string expected(const Parameter& parameter, Unit unit);

/// For people: "300 ns", "400..600 us", "doorbell", "vcs1", "true".
[[nodiscard]] std::string value_text(const Parameter& parameter, const Value& value);

/// For files: the key without its section, and the value, as in `mmio_write_latency_ns` and `300`. Exact.
struct TomlText {
  std::string key;
  std::string value;
};
[[nodiscard]] TomlText toml_text(const Parameter& parameter, const Value& value);

/// "{ p0 = 2, p50 = 4, p100 = 128 }", in whole `unit`s.
[[nodiscard]] std::string quantiles_toml(const std::vector<os::Quantile>& quantiles, Picoseconds unit);

/// Letters, digits, '_' and '-', at least one.
[[nodiscard]] bool is_name(std::string_view text);

/// "text" as a basic string, quoted and escaped.
[[nodiscard]] std::string toml_string(std::string_view text);

}  // namespace gpusim::scenario
