// SPDX-License-Identifier: MIT
// An experiment: variants of one scenario by overrides, axes along which all of them are swept, what is measured, and
// on which metric they are judged. Plain data; the reader of experiment files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/document.h"
#include "sim/scenario/problem.h"

namespace gpusim::experiment {

/// A text and where the user wrote it.
struct Placed {
  std::string text;
  scenario::Place place;
};

struct Variant {
  std::string name;  ///< letters, digits, '_' and '-'
  scenario::Place place;
  std::vector<Placed> sets;  ///< "key.path=value", as after --set
};

/// One axis: every value is given to all `keys`, for all variants.
struct Sweep {
  std::string name;  ///< over its column; default: the first key
  std::vector<Placed> keys;
  std::vector<Placed> values;  ///< as TOML
  std::vector<Placed> sets;    ///< for this axis only
};

struct Verdict {
  Placed metric{"latency_p50", {}};
  bool lower_is_better = true;  ///< of the metric, unless somebody says otherwise
};

struct Ratio {
  std::int64_t part = 1;
  std::int64_t whole = 1;
};

struct Experiment {
  std::string name;                ///< the file's name without its extension
  std::filesystem::path scenario;  ///< as it can be opened from where the program runs
  scenario::Place scenario_place;
  std::string title;
  std::string question;
  std::uint32_t seeds = 1;
  std::vector<Placed> sets;       ///< for all variants
  std::vector<Variant> variants;  ///< the first is the baseline
  std::vector<Sweep> sweeps;
  std::vector<Placed> metrics;  ///< in the tables; empty: all
  bool shows_others = true;     ///< beside `metrics` the tables have causes and clients
  std::vector<Placed> lead;     ///< of a table before them, a row for each value of the first sweep and variant
  Verdict verdict;
  Ratio estimates_from{1, 2};  ///< the range in which an estimate is believed, as factors of its value
  Ratio estimates_to{2, 1};
};

inline constexpr std::int64_t kMaxSeeds = 1'000;

/// Reads an experiment file's text; `file` names it in messages, its folder is where `scenario` begins. Adds everything
/// that is wrong to `problems`; no problem stops the reading.
[[nodiscard]] Experiment parse_experiment(std::string_view text, const std::filesystem::path& file,
                                          std::vector<scenario::Problem>& problems);

/// "NAME:KEY=VALUE,KEY=VALUE" or "NAME" as after --variant; `number` counts from 1 and stands in places. A comma inside
/// of brackets or quotes belongs to the value.
[[nodiscard]] Variant parse_variant(std::string_view text, std::uint32_t number,
                                    std::vector<scenario::Problem>& problems);

/// Letters, digits, '_' and '-', at least one.
[[nodiscard]] bool is_variant_name(std::string_view text);

/// "2", "1/2": a factor above zero. None if it is not of that form.
[[nodiscard]] std::optional<Ratio> parse_ratio(std::string_view text);

/// The checks that hold for a file and for a command line: at least one variant, names used once.
void check_variants(const std::vector<Variant>& variants, const scenario::Place& place,
                    std::vector<scenario::Problem>& problems);

/// The metrics that it asks for by name: for the verdict, in tables.
[[nodiscard]] std::vector<std::string> metrics_asked_by(const Experiment& experiment);

/// For a verdict about which nobody says it: what direction.h knows, and lower where nobody can know.
[[nodiscard]] bool is_lower_better(std::string_view metric);

void check_metric(const Placed& metric, std::vector<scenario::Problem>& problems);

}  // namespace gpusim::experiment
