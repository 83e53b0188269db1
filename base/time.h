// SPDX-License-Identifier: MIT
// Simulated time: integer picoseconds, 64 bits (106 days). There is no static now(): time comes only from a Timeline.
// No floating point touches time anywhere in the simulator, so that results are the same bits under every compiler.
#pragma once

#include <chrono>
#include <cstdint>
#include <ratio>
#include <string>

namespace gpusim {

using Picoseconds = std::chrono::duration<std::int64_t, std::pico>;

struct SimClock {
  using rep = std::int64_t;
  using period = std::pico;
  using duration = Picoseconds;
  using time_point = std::chrono::time_point<SimClock, Picoseconds>;
  static constexpr bool is_steady = true;
};

using SimTime = SimClock::time_point;

[[nodiscard]] constexpr Picoseconds ps(std::int64_t n) { return Picoseconds{n}; }
[[nodiscard]] constexpr Picoseconds ns(std::int64_t n) { return Picoseconds{n * 1'000}; }
[[nodiscard]] constexpr Picoseconds us(std::int64_t n) { return Picoseconds{n * 1'000'000}; }
[[nodiscard]] constexpr Picoseconds ms(std::int64_t n) { return Picoseconds{n * 1'000'000'000}; }

[[nodiscard]] constexpr SimTime at(Picoseconds since_start) { return SimTime{since_start}; }
[[nodiscard]] constexpr std::int64_t to_ps(SimTime t) { return t.time_since_epoch().count(); }

inline constexpr SimTime kNever = SimTime::max();

/// The last moment of any run, after 53 days: half of what SimTime holds, so that adding a duration to a moment of a
/// run cannot overflow.
inline constexpr SimTime kEndOfTime{Picoseconds{std::int64_t{1} << 62}};
/// Sums of durations stop growing here, after 26 days.
inline constexpr Picoseconds kLongestSum{std::int64_t{1} << 61};

/// "12.346 us": rounded to three digits after the point, in the largest unit that keeps the whole part above zero.
[[nodiscard]] std::string format_duration(Picoseconds d);

/// Seconds with `digits` decimals, as ftrace prints them: "0.000012345".
[[nodiscard]] std::string format_seconds(SimTime t, int digits);

}  // namespace gpusim
