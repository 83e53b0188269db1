// SPDX-License-Identifier: MIT
#include "sim/scenario/values.h"

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

[[nodiscard]] std::optional<Value> read_engine(std::string_view text) {
  for (std::size_t i = 0; i < abi::kEngineClassNames.size(); ++i) {
    if (!text.starts_with(abi::kEngineClassNames[i])) continue;
    const std::string_view digits = text.substr(std::string_view{abi::kEngineClassNames[i]}.size());
    const auto engine_class = static_cast<std::int64_t>(i);
    if (digits.empty()) return Value{engine_class, -1, {}};
    for (std::int64_t instance = 0; instance < std::int64_t{abi::kMaxEngines}; ++instance) {
      if (digits == std::to_string(instance)) return Value{engine_class, instance, {}};
    }
  }
  return std::nullopt;
}

[[nodiscard]] bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
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

[[nodiscard]] std::string nearest(const Node& node, const Parameter& parameter) {
  if (node.kind != Node::Kind::text) return {};
  if (parameter.type == Type::choice) return closest(node.text, parameter.names);
  if (parameter.type == Type::engine) {
    return closest(node.text,
                   std::vector<std::string_view>{abi::kEngineClassNames.begin(), abi::kEngineClassNames.end()});
  }
  return {};
}

[[nodiscard]] Unit exact_unit(const Parameter& parameter, const Value& value) {
  if (value.number == 0 && value.high == 0) return parameter.unit;
  for (std::size_t unit = kUnitNames.size(); unit-- > 1;) {
    if (value.number % kUnitPicoseconds[unit] == 0 && value.high % kUnitPicoseconds[unit] == 0) {
      return static_cast<Unit>(unit);
    }
  }
  return Unit::ps;
}

}  // namespace

std::optional<Setting> read_setting(const Node& node, const Parameter& parameter, Unit unit, const std::string& shown,
                                    std::vector<Problem>& problems) {
  Setting setting{{}, node.place, 'U', {}};
  const Node* plain = &node;
  if (node.kind == Node::Kind::table) {
    const std::size_t before = problems.size();
    const Entry* value = node.find("v");
    const Entry* tag = node.find("tag");
    for (const Entry& entry : node.table) {
      if (entry.key == "v") continue;
      if (entry.key != "tag" && entry.key != "src") {
        problems.push_back({entry.place, fmt::format("a tagged value has v, tag and src, not '{}'", entry.key), {}});
      } else if (entry.value.kind != Node::Kind::text) {
        problems.push_back(
            {entry.value.place, fmt::format("{} must be a string, not {}", entry.key, describe(entry.value)), {}});
      } else if (entry.key == "src") {
        setting.source = entry.value.text;
      } else if (entry.value.text.size() != 1 || kTags.find(entry.value.text) == std::string_view::npos) {
        problems.push_back(
            {entry.value.place, fmt::format("tag must be one of S, D, M, W, C, E, not '{}'", entry.value.text), {}});
      } else {
        setting.tag = entry.value.text.front();
      }
    }
    if (value == nullptr || tag == nullptr) {
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
                        nearest(*plain, parameter)});
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
    case Type::duration:
      break;
    case Type::engine: {
      const std::string_view name = abi::kEngineClassNames[static_cast<std::size_t>(value.number)];
      return value.high < 0 ? std::string{name} : fmt::format("{}{}", name, value.high);
    }
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
    case Type::duration_range:
      break;
  }
  if (value.number == value.high) return {in_unit.key(), std::to_string(value.number / scale)};
  return {in_unit.key(), fmt::format("[{}, {}]", value.number / scale, value.high / scale)};
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
