// SPDX-License-Identifier: MIT
// Time on both sides of a socket. The Timeline may run ahead of SystemC's kernel (sim/hw/timeline_pump.h); by how far
// is the delay that each transaction carries, as with every initiator that is temporally decoupled. Integers both ways:
// the kernel's resolution is 1 ps.
#pragma once

#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "base/timeline.h"
#include "sim/hw/systemc.h"

namespace gpusim::hw {

/// sc_time::from_value() without its call into the library, which each transaction would make several times: the value
/// is a time's only member, so they have one address.
[[nodiscard]] inline sc_core::sc_time to_sc(Picoseconds d) {
  using Value = sc_core::sc_time::value_type;
  static_assert(std::is_standard_layout_v<sc_core::sc_time> && sizeof(sc_core::sc_time) == sizeof(Value));
  sc_core::sc_time time;
  reinterpret_cast<Value&>(time) = static_cast<Value>(d.count());
  return time;
}
[[nodiscard]] inline Picoseconds from_sc(const sc_core::sc_time& d) {
  return Picoseconds{static_cast<std::int64_t>(d.value())};
}
[[nodiscard]] inline SimTime sc_now() { return SimTime{from_sc(sc_core::sc_time_stamp())}; }

/// sc_now(), without asking SystemC while it lets entries run.
[[nodiscard]] inline SimTime kernel_now(const Timeline& timeline) {
  return timeline.kernel_time() != kNever ? timeline.kernel_time() : sc_now();
}

/// Somebody outside is to answer later, from a process that may not have been there before: it has its turn before the
/// next entry. For a module that spawns one, too.
inline void give_way(Timeline& timeline) { timeline.set_kernel_time(kNever); }

/// The kernel's time. Who calls from a process of its own finds the Timeline moved there.
[[nodiscard]] inline SimTime catch_up(Timeline& timeline) {
  const SimTime kernel = kernel_now(timeline);
  if (timeline.now() < kernel) timeline.move_to(kernel);
  return kernel;
}

/// The delay to send a transaction with that is issued now.
[[nodiscard]] inline sc_core::sc_time offset_of(Timeline& timeline) {
  const SimTime kernel = catch_up(timeline);
  return to_sc(timeline.now() - kernel);
}

/// When a transaction that comes with `delay` takes effect: never before timeline.now(), whatever a module between has
/// made of the delay.
[[nodiscard]] inline SimTime effect_of(Timeline& timeline, const sc_core::sc_time& delay) {
  const SimTime kernel = catch_up(timeline);
  return std::max(timeline.now(), kernel + from_sc(delay));
}

/// For a target of b_transport that does at once what it is asked: behind this it is timeline.now() when the
/// transaction takes effect. Our own initiators never wait here, since what they do is done now; a foreign one may,
/// and calls from a thread of its own, as b_transport demands.
inline void wait_until_effect(Timeline& timeline, sc_core::sc_time& delay) {
  while (effect_of(timeline, delay) > timeline.now()) {
    sc_core::wait(delay);
    delay = sc_core::SC_ZERO_TIME;
  }
}

}  // namespace gpusim::hw
