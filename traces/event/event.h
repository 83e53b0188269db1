// SPDX-License-Identifier: MIT
// What a trace is made of: one fixed-size event. kinds.def says what each kind is called, what its words mean and how
// it is printed and drawn. Models and folds make and read events by the named structs of make.h; only sinks, which
// treat all kinds alike, look at words. Events carry stable numbers only (never addresses, ranks or anything that
// construction order could change), so their bytes are the same in every run of a scenario.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace gpusim::trace {

/// All kinds, in the order of kinds.def.
enum class EventKind : std::uint16_t {
#define EVENT(kind, ...) kind,
#include "traces/event/kinds.def"
};

// NOLINTNEXTLINE(bugprone-macro-parentheses): a term of the sum below
#define EVENT(kind, ...) +1
inline constexpr std::size_t kEventKindCount = 0
#include "traces/event/kinds.def"
    ;

inline constexpr std::uint16_t kNoCpu = 0xffff;

/// Where a field of a kind lies in an Event; see kinds.def.
enum class Slot : std::uint8_t { queue, unit, job, a, b, c, c_high, c_low, b_high, b_low };

struct Event;
namespace detail {
template <Slot slot>
constexpr void put(Event& event, std::uint64_t word);
}

struct Event {
  constexpr Event() = default;
  constexpr Event(EventKind of, SimTime when, std::uint16_t on_cpu, std::uint32_t by_thread)
      : time{when}, kind{of}, cpu{on_cpu}, thread{by_thread} {}

  SimTime time{};
  EventKind kind{};
  std::uint16_t cpu = kNoCpu;  ///< host CPU on which it happened; kNoCpu: on the device or in flight
  std::uint32_t thread = 0;  ///< host thread (ThreadNumber) on whose behalf; 0: none (device, hard IRQ on an idle CPU)
  std::uint32_t queue = 0;   ///< QueueId, 0: none
  std::uint32_t unit = 0;    ///< engine, vector, doorbell or slot, by kind
  std::uint64_t job = 0;     ///< JobId, 0: none

 private:
  template <Slot slot>
  friend constexpr void detail::put(Event& event, std::uint64_t word);
  friend constexpr std::uint64_t word(const Event& event, Slot slot);

  std::uint64_t a_ = 0;  // by kind
  std::uint64_t b_ = 0;
  std::uint64_t c_ = 0;
};

[[nodiscard]] constexpr std::uint64_t word(const Event& event, Slot slot) {
  switch (slot) {
    case Slot::queue:
      return event.queue;
    case Slot::unit:
      return event.unit;
    case Slot::job:
      return event.job;
    case Slot::a:
      return event.a_;
    case Slot::b:
      return event.b_;
    case Slot::c:
      return event.c_;
    case Slot::c_high:
      return event.c_ >> 32;
    case Slot::c_low:
      return event.c_ & 0xffff'ffffU;
    case Slot::b_high:
      return event.b_ >> 32;
    case Slot::b_low:
      return event.b_ & 0xffff'ffffU;
  }
  return 0;
}

using EventSet = std::bitset<kEventKindCount>;

}  // namespace gpusim::trace
