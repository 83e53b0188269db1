// SPDX-License-Identifier: MIT
#include "traces/oracles/slots.h"

#include <fmt/core.h>

#include "base/grown.h"
#include "traces/event/handlers.h"

namespace gpusim::trace {

void Slots::attach_to(Recorder& recorder) { attach_handlers(*this, recorder); }

void Slots::on(const slot_grant& event) {
  const std::string slot = fmt::format("slot {}", event.slot);
  QueueId& owner = grown(owners_, event.slot);
  std::uint32_t& held = grown(held_, event.queue);
  if (owner != QueueId{})
    fail(event.time,
         fmt::format("{} was granted to {} while {} held it", slot, queue_text(event.queue), queue_text(owner)));
  if (held != 0) {
    fail(event.time, fmt::format("{} was granted to {}, which holds slot {}", slot, queue_text(event.queue), held - 1));
  }
  owner = event.queue;
  held = event.slot + 1;
  ++in_use_;
  if (count_ != 0 && (in_use_ > count_ || event.slot >= count_)) {
    fail(event.time, fmt::format("{} was granted to {} with {} in use; the device has {}", slot,
                                 queue_text(event.queue), in_use_, count_));
  }
}

void Slots::on(const slot_evict& event) {
  QueueId& owner = grown(owners_, event.slot);
  if (owner != event.queue || owner == QueueId{}) {
    fail(event.time, fmt::format("slot {} was taken from {}, but {} held it", event.slot, queue_text(event.queue),
                                 owner == QueueId{} ? "nobody" : queue_text(owner)));
  }
  held_[owner.value()] = 0;
  owner = QueueId{};
  --in_use_;
}

}  // namespace gpusim::trace
