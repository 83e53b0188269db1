// SPDX-License-Identifier: MIT
// Everything that the run-list processor needs of the machine it runs on. A handler reads when it starts; what it
// writes or orders takes effect when its service time is over. The HAL sees to that, not the firmware.
#pragma once

#include <concepts>
#include <cstdint>

#include "firmware/runlist/records.h"

namespace gpusim::fw {

template <class H>
concept Hal =
    requires(H hal, std::uint64_t address, std::uint32_t word, const RunRequest& request, abi::Refusal reason) {
      // Host memory, 32-bit words.
      { hal.read32(address) } -> std::same_as<std::uint32_t>;
      hal.write32(address, word);
      hal.raise_reply_interrupt();

      // A watch for each queue: on_wait_over() when the word there has come to the value, at once if it has already.
      hal.watch(word, address, word);  // queue
      hal.unwatch(word);

      // A timer for each queue: on_idle_timer() when it has expired. Started again it begins anew.
      hal.start_idle_timer(word);
      hal.stop_idle_timer(word);

      // Engines, by index.
      hal.engine_run(word, request);  // restore the queue's context if needed, work from read to write index
      hal.engine_extend(word, word);  // engine, write index: the queue it runs has more entries
      hal.engine_preempt(word);       // give the queue up at the next arbitration point, save its context, report
      hal.engine_reset(word);         // stop whatever it does; the context of the queue it has is lost

      hal.engine_renew(word);  // the queue that it runs has a new quantum

      // A queue has other abi::ContextLimits: what counts by them goes by the new ones, from where it has begun.
      hal.renew_limits(word);

      // on_tick() each period of the device, from a period after this on; or no more.
      hal.run_tick(true);

      // Quanta of an engine that make an outer one, for a policy that has both.
      { hal.outer_quantum() } -> std::same_as<std::uint32_t>;

      // Timer of an engine: on_preempt_timeout() when it expires.
      hal.start_preempt_timer(word, word, word);  // engine, queue, run
      hal.stop_preempt_timer(word);

      // For fault injection; real firmware answers yes.
      { hal.takes_message(word, address) } -> std::same_as<bool>;  // queue, where the message stands
      { hal.sends_message(word) } -> std::same_as<bool>;

      // For traces; real firmware leaves them empty.
      hal.note_registered(word);
      hal.note_deregistered(word);
      hal.note_ready(word, word, true);  // queue, write index, holds a slot
      hal.note_slot(word, word, true);   // queue, slot, granted or evicted
      hal.note_wait(word, true);         // queue, whether it waits
      hal.note_reset_notify(word);
      hal.note_refused(word, reason);  // queue
    };

}  // namespace gpusim::fw
