// SPDX-License-Identifier: MIT
// How the rows of the parameter table are written: one function for each type. The template arguments are the way from
// the struct at the root to the field: members, and indices of arrays. Included by the parameters_*.cpp files only.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "sim/scenario/parameter.h"

namespace gpusim::scenario::rows {

inline constexpr std::int64_t kLongest = 3'600'000'000'000'000;  // ps: an hour

/// For what the loader reads itself: presets, before anything is stored, and what has problems of its own to report.
inline void store_nothing(const Target& /*target*/, const Parameter& /*parameter*/, const Value& /*value*/) {}

// What several files' rows are read beside.
[[nodiscard]] inline bool has_own_rings(const Target& target) { return target.spec->driver.rings == drv::Rings::own; }
[[nodiscard]] inline bool has_host_slots(const Target& target) {
  return target.spec->device.descriptor.policy == abi::RunPolicy::host_slots;
}
inline constexpr std::string_view kNoHostSlots = "device.firmware.policy is not host_slots";
[[nodiscard]] inline bool has_quanta(const Target& target) {
  return abi::has_quanta(target.spec->device.descriptor.policy);
}

template <class Member>
struct ClassOf;
template <class Class, class Field>
struct ClassOf<Field Class::*> {
  using type = Class;
};

/// The struct that a way begins at, found by the class of its first member.
template <class Root>
[[nodiscard]] Root& root(const Target& target) {
  if constexpr (std::same_as<Root, ScenarioSpec>) {
    return *target.spec;
  } else if constexpr (std::same_as<Root, workload::ClientSpec>) {
    return *target.client;
  } else if constexpr (std::same_as<Root, fault::AimedFault>) {
    return *target.fault;
  } else {
    return std::get<Root>(target.client->workload);
  }
}

template <auto Step, auto... Rest, class Object>
[[nodiscard]] auto& reach(Object& object) {
  auto& next = [&object]() -> auto& {
    if constexpr (std::is_member_object_pointer_v<decltype(Step)>) {
      return object.*Step;
    } else {
      return object[Step];
    }
  }();
  if constexpr (sizeof...(Rest) == 0) {
    return next;
  } else {
    return reach<Rest...>(next);
  }
}

/// What stands between blanks.
[[nodiscard]] inline std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words(1);
  for (const char c : text) {
    if (c != ' ' && c != '\t' && c != '\n' && c != '\r') {
      words.back() += c;
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

template <class Field>
void assign(Field& field, const Parameter& parameter, const Value& value) {
  if constexpr (std::same_as<Field, Cost>) {
    field = {Picoseconds{value.number}, parameter.index};
  } else if constexpr (std::same_as<Field, os::Latency>) {
    field = value.quantiles.empty() ? os::Latency{Cost{Picoseconds{value.number}, parameter.index}}
                                    : os::Latency{value.quantiles, parameter.index};
  } else if constexpr (std::same_as<Field, Picoseconds>) {
    field = Picoseconds{value.number};
  } else if constexpr (std::same_as<Field, std::optional<Picoseconds>>) {
    field.reset();  // a duration of 0 says "none"
    if (value.number > 0) field = Picoseconds{value.number};
  } else if constexpr (std::same_as<Field, workload::Work>) {
    field = {Picoseconds{value.number}, Picoseconds{value.high}};
  } else if constexpr (std::same_as<Field, workload::EngineChoice>) {
    field = {static_cast<abi::EngineClass>(value.number), static_cast<std::int32_t>(value.high)};
  } else if constexpr (std::same_as<Field, std::string>) {
    field = value.text;
  } else if constexpr (std::same_as<Field, std::vector<std::string>>) {
    field = words_of(value.text);
  } else {
    field = static_cast<Field>(value.number);
  }
}

template <auto First, auto... Rest>
void store(const Target& target, const Parameter& parameter, const Value& value) {
  using Root = typename ClassOf<decltype(First)>::type;
  assign(reach<First, Rest...>(root<Root>(target)), parameter, value);
}

/// The other way round.
template <class Field>
[[nodiscard]] Value value_of(const Field& field) {
  if constexpr (std::same_as<Field, Cost>) {
    return {field.value.count(), 0, {}};
  } else if constexpr (std::same_as<Field, os::Latency>) {
    return {field.value.count(), 0, {}, field.quantiles};
  } else if constexpr (std::same_as<Field, Picoseconds>) {
    return {field.count(), 0, {}};
  } else if constexpr (std::same_as<Field, std::optional<Picoseconds>>) {
    return {field.value_or(Picoseconds{0}).count(), 0, {}};
  } else if constexpr (std::same_as<Field, workload::Work>) {
    return {field.min.count(), field.max.count(), {}};
  } else if constexpr (std::same_as<Field, workload::EngineChoice>) {
    return {static_cast<std::int64_t>(field.engine_class), field.instance, {}};
  } else if constexpr (std::same_as<Field, std::string>) {
    return {0, 0, field};
  } else if constexpr (std::same_as<Field, std::vector<std::string>>) {
    std::string text;
    for (const std::string& word : field) text += (text.empty() ? "" : " ") + word;
    return {0, 0, text};
  } else {
    return {static_cast<std::int64_t>(field), 0, {}};
  }
}

template <auto First, auto... Rest>
[[nodiscard]] Value fetch(const Target& target) {
  using Root = typename ClassOf<decltype(First)>::type;
  return value_of(reach<First, Rest...>(root<Root>(target)));
}

template <auto First, auto... Rest>
[[nodiscard]] Parameter row(std::string_view path, Type type, std::string_view doc) {
  return {.path = path, .type = type, .store = &store<First, Rest...>, .fetch = &fetch<First, Rest...>, .doc = doc};
}

template <auto... Way>
[[nodiscard]] Parameter boolean(std::string_view path, std::string_view doc) {
  return row<Way...>(path, Type::boolean, doc);
}

template <auto... Way>
[[nodiscard]] Parameter integer(std::string_view path, std::int64_t min, std::int64_t max, std::string_view doc) {
  Parameter parameter = row<Way...>(path, Type::integer, doc);
  parameter.min = min;
  parameter.max = max;
  return parameter;
}

template <auto... Way>
[[nodiscard]] Parameter text(std::string_view path, std::string_view doc) {
  return row<Way...>(path, Type::text, doc);
}

/// `names` in the order of the enum's values.
template <auto... Way>
[[nodiscard]] Parameter choice(std::string_view path, std::vector<std::string_view> names, std::string_view doc) {
  Parameter parameter = row<Way...>(path, Type::choice, doc);
  parameter.names = std::move(names);
  return parameter;
}

/// Documented in `unit`, which is that of `least`, too.
template <auto... Way>
[[nodiscard]] Parameter duration(std::string_view path, Unit unit, std::string_view doc, std::int64_t least = 0) {
  Parameter parameter = row<Way...>(path, Type::duration, doc);
  parameter.min = least * kUnitPicoseconds[static_cast<std::size_t>(unit)];
  parameter.max = kLongest;
  parameter.unit = unit;
  return parameter;
}

template <auto... Way>
[[nodiscard]] Parameter latency(std::string_view path, Unit unit, std::string_view doc) {
  Parameter parameter = row<Way...>(path, Type::latency, doc);
  parameter.max = kLongest;
  parameter.unit = unit;
  return parameter;
}

/// Time between jobs, in microseconds; `least` in ps.
template <auto... Way>
[[nodiscard]] Parameter pause(std::string_view path, std::string_view doc, std::int64_t least = 0) {
  Parameter parameter = row<Way...>(path, Type::duration_range, doc);
  parameter.min = least;
  parameter.max = kLongest;
  parameter.unit = Unit::us;
  return parameter;
}

/// Time of work: required.
template <auto First, auto... Rest>
[[nodiscard]] Parameter work(std::string_view path, std::string_view doc) {
  const auto mark = [](const Target& target) {
    reach<First, Rest...>(root<typename ClassOf<decltype(First)>::type>(target)).is_estimate = true;
  };
  return pause<First, Rest...>(path, doc).required().marked_by(mark);
}

template <auto... Way>
[[nodiscard]] Parameter engine(std::string_view path, std::string_view doc) {
  return row<Way...>(path, Type::engine, doc);
}

}  // namespace gpusim::scenario::rows
