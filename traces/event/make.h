// SPDX-License-Identifier: MIT
// One struct for each kind of event, with its fields by name and type (kinds.def): what emitters make and listeners
// read.
//
//   recorder.emit(trace::ring_write{.queue = queue, .job = job, .index = 7, .free = 3, .capacity = 64});
//   const auto written = trace::ring_write::from(event);  // event.kind must be ring_write
//
// Each has the members time, cpu and thread as well. The recorder sets the time; an os::Context sets CPU and thread.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <type_traits>

#include "base/errno.h"
#include "base/ids.h"
#include "base/time.h"
#include "traces/event/event.h"
#include "traces/event/pick_rule.h"

namespace gpusim::trace {

/// A value of an enumeration of another room, which this one does not know.
class Code {
 public:
  constexpr Code() = default;
  template <class T>
    requires std::integral<T> || std::is_enum_v<T>
  constexpr Code(T value) : value_{static_cast<std::uint64_t>(value)} {}
  template <class T>
  [[nodiscard]] constexpr T as() const {
    return static_cast<T>(value_);
  }
  friend constexpr bool operator==(Code, Code) = default;

 private:
  std::uint64_t value_ = 0;
};

namespace detail {

template <class T>
[[nodiscard]] constexpr std::uint64_t to_word(T value) {
  if constexpr (requires { value.value(); }) {
    return value.value();
  } else if constexpr (requires { value.count(); }) {
    return static_cast<std::uint64_t>(value.count());
  } else if constexpr (std::same_as<T, Code>) {
    return value.template as<std::uint64_t>();
  } else {
    return static_cast<std::uint64_t>(value);
  }
}

template <class T>
[[nodiscard]] constexpr T from_word(std::uint64_t word) {
  if constexpr (requires { typename T::rep; }) {  // a StrongId, or a duration
    return T{static_cast<typename T::rep>(word)};
  } else {
    return static_cast<T>(word);
  }
}

template <Slot slot>
constexpr void put(Event& event, std::uint64_t word) {
  if constexpr (slot == Slot::queue) event.queue = static_cast<std::uint32_t>(word);
  if constexpr (slot == Slot::unit) event.unit = static_cast<std::uint32_t>(word);
  if constexpr (slot == Slot::job) event.job = word;
  if constexpr (slot == Slot::a) event.a_ = word;
  if constexpr (slot == Slot::b) event.b_ = word;
  if constexpr (slot == Slot::c) event.c_ = word;
  if constexpr (slot == Slot::c_high) event.c_ |= word << 32;
  if constexpr (slot == Slot::c_low) event.c_ |= word;
  if constexpr (slot == Slot::b_high) event.b_ |= word << 32;
  if constexpr (slot == Slot::b_low) event.b_ |= word;
}

}  // namespace detail

#define FIELD(slot, type, name, meaning) type name{};
#define EVENT(kind_, fields, ...)                                 \
  struct kind_ {                                                  \
    static constexpr EventKind kKind = EventKind::kind_;          \
    SimTime time{};                                               \
    std::uint16_t cpu = kNoCpu;                                   \
    std::uint32_t thread = 0;                                     \
    fields constexpr operator Event() const;                      \
    [[nodiscard]] static constexpr kind_ from(const Event& raw_); \
  };
#include "traces/event/kinds.def"

#define FIELD(slot, type, name, meaning) detail::put<Slot::slot>(raw_, detail::to_word(name));
#define EVENT(kind_, fields, ...)           \
  constexpr kind_::operator Event() const { \
    Event raw_{kKind, time, cpu, thread};   \
    fields return raw_;                     \
  }
#include "traces/event/kinds.def"

#define FIELD(slot, type, name, meaning) .name = detail::from_word<type>(word(raw_, Slot::slot)),
#define EVENT(kind_, fields, ...)                                               \
  constexpr kind_ kind_::from(const Event& raw_) {                              \
    return {.time = raw_.time, .cpu = raw_.cpu, .thread = raw_.thread, fields}; \
  }
#include "traces/event/kinds.def"

/// The event by its names if it is of that kind.
template <class Kind>
[[nodiscard]] constexpr std::optional<Kind> as(const Event& event) {
  if (event.kind != Kind::kKind) return std::nullopt;
  return Kind::from(event);
}

}  // namespace gpusim::trace
