// SPDX-License-Identifier: MIT
#include "sim/scenario/values.h"
#include "sim/scenario/unit_hints.h"

#include "base/closest.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include <fmt/core.h>

namespace gpusim::scenario {

namespace {

constexpr std::array<std::string_view, 4> kUnitWords{"picoseconds", "nanoseconds", "microseconds", "milliseconds"};

[[nodiscard]] std::int64_t factor(Unit unit) { return kUnitPicoseconds[static_cast<std::size_t>(unit)]; }

[[nodiscard]] std::string joined(const std::vector<std::string_view>& names) {
  std::string text;
  for (const std::string_view name : names) text += (text.empty() ? "" : ", ") + std::string{name};
  return text;
}

// Whole units to ps, within the parameter's range.
[[nodiscard]] std::optional<std::int64_t> in_range(const Node& node, const Parameter& parameter, std::int64_t scale) {
  if (node.kind != Node::Kind::integer) return std::nullopt;
  if (node.integer < 0 || node.integer > parameter.max / scale) return std::nullopt;
  const std::int64_t value = node.integer * scale;
  return value < parameter.min ? std::nullopt : std::optional{value};
}

[[nodiscard]] std::optional<Value> read_range(const Node& node, const Parameter& parameter, std::int64_t scale) {
  if (node.kind == Node::Kind::integer) {
    const std::optional<std::int64_t> both = in_range(node, parameter, scale);
    return both ? std::optional{Value{*both, *both, {}}} : std::nullopt;
  }
  if (node.kind != Node::Kind::list || node.list.size() != 2) return std::nullopt;
  const std::optional<std::int64_t> low = in_range(node.list[0], parameter, scale);
  const std::optional<std::int64_t> high = in_range(node.list[1], parameter, scale);
  if (!low || !high || *low > *high) return std::nullopt;
  return Value{*low, *high, {}};
}

// The share of "p99_9", of 10,000.
[[nodiscard]] std::optional<std::uint16_t> read_share(std::string_view key) {
  if (!key.starts_with('p')) return std::nullopt;
  const std::size_t point = std::min(key.find('_'), key.size());
  const std::string_view whole = key.substr(1, point - 1);
  const std::string_view decimals = key.substr(std::min(point + 1, key.size()));
  const auto is_number = [](std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  if (whole.empty() || whole.size() > 3 || !is_number(whole)) return std::nullopt;
  if (decimals.size() > 2 || !is_number(decimals) || (point != key.size() && decimals.empty())) return std::nullopt;
  std::uint32_t share = 0;
  for (const char digit : whole) share = share * 10 + static_cast<std::uint32_t>(digit - '0');
  for (std::size_t i = 0; i < 2; ++i) {
    share = share * 10 + (i < decimals.size() ? static_cast<std::uint32_t>(decimals[i] - '0') : 0U);
  }
  return share <= os::kAllDraws ? std::optional{static_cast<std::uint16_t>(share)} : std::nullopt;
}

[[nodiscard]] std::string share_name(std::uint16_t share) {
  std::string name = fmt::format("p{}", share / 100);
  if (share % 100 != 0)
    name += share % 10 == 0 ? fmt::format("_{}", share % 100 / 10) : fmt::format("_{:02}", share % 100);
  return name;
}

[[nodiscard]] std::optional<Value> read_latency(const Node& node, const Parameter& parameter, std::int64_t scale) {
  if (node.kind == Node::Kind::integer) {
    const std::optional<std::int64_t> number = in_range(node, parameter, scale);
    return number ? std::optional{Value{*number, 0, {}}} : std::nullopt;
  }
  if (node.kind != Node::Kind::table) return std::nullopt;
  Value value;
  for (const Entry& entry : node.table) {
    const std::optional<std::uint16_t> share = read_share(entry.key);
    const std::optional<std::int64_t> number = in_range(entry.value, parameter, scale);
    if (!share || !number) return std::nullopt;
    value.quantiles.push_back({*share, Picoseconds{*number}});
    if (*share == os::kAllDraws / 2) value.number = *number;
  }
  std::vector<os::Quantile>& all = value.quantiles;
  std::sort(all.begin(), all.end(), [](const os::Quantile& a, const os::Quantile& b) { return a.share < b.share; });
  const auto falls = [](const os::Quantile& a, const os::Quantile& b) {
    return a.share == b.share || a.value > b.value;
  };
  const auto is_median = [](const os::Quantile& quantile) { return quantile.share == os::kAllDraws / 2; };
  if (all.size() < 3 || all.front().share != 0 || all.back().share != os::kAllDraws ||
      std::none_of(all.begin(), all.end(), is_median) ||
      std::adjacent_find(all.begin(), all.end(), falls) != all.end()) {
    return std::nullopt;
  }
  return value;
}

[[nodiscard]] std::optional<Value> read_engine(std::string_view text) {
  const std::optional<workload::EngineChoice> engine = workload::read_engine_choice(text);
  if (!engine) return std::nullopt;
  return Value{static_cast<std::int64_t>(engine->engine_class), engine->instance, {}};
}

[[nodiscard]] std::optional<Value> read_value(const Node& node, const Parameter& parameter, Unit unit) {
  const bool is_text = node.kind == Node::Kind::text;
  switch (parameter.type) {
    case Type::boolean:
      return node.kind == Node::Kind::boolean ? std::optional{Value{node.integer, 0, {}}} : std::nullopt;
    case Type::integer: {
      const std::optional<std::int64_t> number = in_range(node, parameter, 1);
      return number ? std::optional{Value{*number, 0, {}}} : std::nullopt;
    }
    case Type::duration: {
      const std::optional<std::int64_t> number = in_range(node, parameter, factor(unit));
      return number ? std::optional{Value{*number, 0, {}}} : std::nullopt;
    }
    case Type::duration_range:
      return read_range(node, parameter, factor(unit));
    case Type::latency:
      return read_latency(node, parameter, factor(unit));
    case Type::text:
      return is_text ? std::optional{Value{0, 0, node.text}} : std::nullopt;
    case Type::name:
      return is_text && is_name(node.text) ? std::optional{Value{0, 0, node.text}} : std::nullopt;
    case Type::engine:
      return is_text ? read_engine(node.text) : std::nullopt;
    case Type::choice: {
      const auto found = std::find(parameter.names.begin(), parameter.names.end(), node.text);
      if (!is_text || found == parameter.names.end()) return std::nullopt;
      return Value{found - parameter.names.begin(), 0, {}};
    }
  }
  return std::nullopt;
}

[[nodiscard]] std::string nearest(const Node& node, const Parameter& parameter, Unit unit) {
  if (parameter.has_unit()) return other_duration(parameter, unit, node);
  if (node.kind != Node::Kind::text) return {};
  if (parameter.type == Type::choice) return closest(node.text, parameter.names);
  if (parameter.type == Type::engine) {
    return closest(node.text,
                   std::vector<std::string_view>{abi::kEngineClassNames.begin(), abi::kEngineClassNames.end()});
  }
  return {};
}

[[nodiscard]] Unit exact_unit(const Parameter& parameter, const Value& value) {
  const auto all = [&value](auto holds) {
    return holds(value.number) && holds(value.high) &&
           std::all_of(value.quantiles.begin(), value.quantiles.end(),
                       [&](const os::Quantile& quantile) { return holds(quantile.value.count()); });
  };
  if (all([](std::int64_t number) { return number == 0; })) return parameter.unit;
  for (std::size_t unit = kUnitNames.size(); unit-- > 1;) {
    if (all([unit](std::int64_t number) { return number % kUnitPicoseconds[unit] == 0; })) {
      return static_cast<Unit>(unit);
    }
  }
  return Unit::ps;
}

// "p0 2, p50 4, p100 128" or, in TOML, "p0 = 2, p50 = 4, p100 = 128".
[[nodiscard]] std::string quantiles_text(const std::vector<os::Quantile>& quantiles, std::int64_t scale,
                                         std::string_view between) {
  std::string text;
  for (const os::Quantile& quantile : quantiles) {
    text += fmt::format("{}{}{}{}", text.empty() ? "" : ", ", share_name(quantile.share), between,
                        quantile.value.count() / scale);
  }
  return text;
}

// { v = ..., tag = ... } as against { p0 = ..., p50 = ... }.
[[nodiscard]] bool is_tagged(const Node& node, const Parameter& parameter) {
  if (node.kind != Node::Kind::table) return false;
  return parameter.type != Type::latency || node.find("v") != nullptr || node.find("tag") != nullptr;
}

}  // namespace

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

std::optional<Setting> read_setting(const Node& node, const Parameter& parameter, Unit unit, const std::string& shown,
                                    std::vector<Problem>& problems) {
  Setting setting{{}, node.place, 'U', {}};
  const Node* plain = &node;
  if (is_tagged(node, parameter)) {
    const std::size_t before = problems.size();
    const Entry* value = node.find("v");
    const Entry* tag = node.find("tag");
    for (const Entry& entry : node.table) {
      if (entry.key == "v") continue;
      if (entry.key == "preset" && entry.value.kind == Node::Kind::boolean) {
        setting.is_of_preset = entry.value.integer != 0;
        continue;
      }
      if (entry.key != "tag" && entry.key != "src") {
        problems.push_back({entry.place, fmt::format("a tagged value has v, tag and src, not '{}'", entry.key), {}});
      } else if (entry.value.kind != Node::Kind::text) {
        problems.push_back(
            {entry.value.place, fmt::format("{} must be a string, not {}", entry.key, describe(entry.value)), {}});
      } else if (entry.key == "src") {
        setting.source = entry.value.text;
      } else if (entry.value.text.size() != 1 || kTags.find(entry.value.text) == std::string_view::npos) {
        problems.push_back(
            {entry.value.place, fmt::format("tag must be one of S, D, M, W, C, E, O, not '{}'", entry.value.text), {}});
      } else {
        setting.tag = entry.value.text.front();
      }
    }
    if (value == nullptr || (tag == nullptr && !setting.is_of_preset)) {
      problems.push_back({node.place,
                          fmt::format(R"({} must be {}, or {{ v = that, tag = "...", src = "..." }})", shown,
                                      expected(parameter, unit)),
                          {}});
      return std::nullopt;
    }
    if (setting.tag != 'U' && setting.tag != 'E' && setting.source.empty()) {
      problems.push_back(
          {node.place, fmt::format("a value with tag {} has to name its source in src", setting.tag), {}});
    }
    if (problems.size() != before) return std::nullopt;
    plain = &value->value;
    setting.place = plain->place;
  }
  std::optional<Value> value = read_value(*plain, parameter, unit);
  if (!value) {
    problems.push_back({plain->place,
                        fmt::format("{} must be {}, not {}", shown, expected(parameter, unit), describe(*plain)),
                        nearest(*plain, parameter, unit)});
    return std::nullopt;
  }
  setting.value = *std::move(value);
  return setting;
}

std::string expected(const Parameter& parameter, Unit unit) {
  const auto range = [&] {
    const std::int64_t scale = parameter.has_unit() ? factor(unit) : 1;
    return fmt::format("{}..{}", (parameter.min + scale - 1) / scale, parameter.max / scale);
  };
  const std::string_view units{kUnitWords[static_cast<std::size_t>(unit)]};
  switch (parameter.type) {
    case Type::boolean:
      return "true or false";
    case Type::integer:
      return "an integer in " + range();
    case Type::text:
      return "a string";
    case Type::name:
      return "a string of letters, digits, '_' and '-'";
    case Type::choice:
      return (parameter.names.size() == 1 ? "" : "one of ") + joined(parameter.names);
    case Type::duration:
      return fmt::format("whole {} in {}", units, range());
    case Type::duration_range:
      return fmt::format("whole {} in {}, or two of them as [min, max]", units, range());
    case Type::latency:
      return fmt::format("whole {} in {}, or rising quantiles as {{ p0 = 2, p50 = 4, p99_9 = 30, p100 = 60 }}", units,
                         range());
    case Type::engine:
      return "an engine (rcs, bcs, vcs, vecs, ccs, or one of a class, as vcs1)";
  }
  return {};
}

std::string value_text(const Parameter& parameter, const Value& value) {
  const auto unit = static_cast<std::size_t>(exact_unit(parameter, value));
  const std::int64_t scale = kUnitPicoseconds[unit];
  switch (parameter.type) {
    case Type::boolean:
      return value.number != 0 ? "true" : "false";
    case Type::integer:
      return std::to_string(value.number);
    case Type::text:
    case Type::name:
      return value.text;
    case Type::choice:
      return std::string{parameter.names[static_cast<std::size_t>(value.number)]};
    case Type::duration_range:
      if (value.number == value.high) break;
      return fmt::format("{}..{} {}", value.number / scale, value.high / scale, kUnitNames[unit]);
    case Type::latency:
      if (value.quantiles.empty()) break;
      return fmt::format("{} {}", quantiles_text(value.quantiles, scale, " "), kUnitNames[unit]);
    case Type::duration:
      break;
    case Type::engine:
      return workload::to_text({static_cast<abi::EngineClass>(value.number), static_cast<std::int32_t>(value.high)});
  }
  return fmt::format("{} {}", value.number / scale, kUnitNames[unit]);
}

TomlText toml_text(const Parameter& parameter, const Value& value) {
  Parameter in_unit = parameter;
  in_unit.unit = exact_unit(parameter, value);
  const std::int64_t scale = factor(in_unit.unit);
  switch (parameter.type) {
    case Type::boolean:
    case Type::integer:
      return {parameter.key(), value_text(parameter, value)};
    case Type::text:
    case Type::name:
    case Type::choice:
    case Type::engine:
      return {parameter.key(), toml_string(value_text(parameter, value))};
    case Type::duration:
      return {in_unit.key(), std::to_string(value.number / scale)};
    case Type::latency:
      if (value.quantiles.empty()) return {in_unit.key(), std::to_string(value.number / scale)};
      return {in_unit.key(), quantiles_toml(value.quantiles, Picoseconds{scale})};
    case Type::duration_range:
      break;
  }
  if (value.number == value.high) return {in_unit.key(), std::to_string(value.number / scale)};
  return {in_unit.key(), fmt::format("[{}, {}]", value.number / scale, value.high / scale)};
}

std::string quantiles_toml(const std::vector<os::Quantile>& quantiles, Picoseconds unit) {
  return fmt::format("{{ {} }}", quantiles_text(quantiles, unit.count(), " = "));
}

std::string toml_string(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += std::string{'\\', c};
    } else if (c == '\n') {
      quoted += "\\n";
    } else if (byte < 0x20 || byte == 0x7f) {
      quoted += fmt::format("\\u{:04x}", byte);
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

}  // namespace gpusim::scenario
