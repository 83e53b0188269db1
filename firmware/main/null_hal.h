// SPDX-License-Identifier: MIT
// A machine on which nothing happens, to derive from: one that needs few of the HAL's functions declares these few.
#pragma once

#include "firmware/main/main.h"
#include "firmware/runlist/list_walk.h"
#include "firmware/runlist/tick_rotation.h"

namespace gpusim::fw {

struct NullHal {
  std::uint32_t read32(std::uint64_t) { return 0; }
  void write32(std::uint64_t, std::uint32_t) {}
  void raise_reply_interrupt() {}
  void watch(std::uint32_t, std::uint64_t, std::uint32_t) {}
  void unwatch(std::uint32_t) {}
  void start_idle_timer(std::uint32_t) {}
  void stop_idle_timer(std::uint32_t) {}
  void engine_run(std::uint32_t, const RunRequest&) {}
  void engine_extend(std::uint32_t, std::uint32_t) {}
  void engine_preempt(std::uint32_t) {}
  void engine_reset(std::uint32_t) {}
  void engine_renew(std::uint32_t) {}
  void renew_limits(std::uint32_t) {}
  void run_tick(bool) {}
  std::uint32_t outer_quantum() { return 10; }
  void start_preempt_timer(std::uint32_t, std::uint32_t, std::uint32_t) {}
  void stop_preempt_timer(std::uint32_t) {}
  bool takes_message(std::uint32_t, std::uint64_t) { return true; }
  bool sends_message(std::uint32_t) { return true; }
  void note_registered(std::uint32_t) {}
  void note_deregistered(std::uint32_t) {}
  void note_ready(std::uint32_t, std::uint32_t, bool) {}
  void note_slot(std::uint32_t, std::uint32_t, bool) {}
  void note_wait(std::uint32_t, bool) {}
  void note_reset_notify(std::uint32_t) {}
  void note_refused(std::uint32_t, abi::Refusal) {}
  bool next_event(Event&) { return false; }
  void clear_doorbell(std::uint32_t) {}
  void clear_notification() {}
  void notify_again() {}
  std::uint64_t channel_address() { return 0; }
  void note_step(Step, std::uint32_t, std::uint32_t) {}
};
static_assert(MainHal<NullHal>);
static_assert(Policy<RoundRobin, NullHal> && Policy<TickRotation, NullHal> && Policy<ListWalk, NullHal>);

}  // namespace gpusim::fw
